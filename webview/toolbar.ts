// The row above everything: which recording is shown, what can be done with its session, and how it stands, in words.
import type { PanelCommand, PanelState, RecordingItem } from "../src/ui/protocol.ts";
import { type Button, button, dropdown } from "./controls.ts";
import { element, setText } from "./elements.ts";
import { roving } from "./roving.ts";

export interface ToolbarActions {
  command(command: PanelCommand): void;
  show(recording: string): void;
  save(recording: string): void;
  close(recording: string): void;
}

export class Toolbar {
  readonly root = element("div", { className: "toolbar" });
  private readonly buttons = element("div", {
    className: "buttons",
    attributes: { role: "toolbar", "aria-label": "Session" },
  });
  private readonly status = element("div", { className: "phase", testId: "phase", attributes: { role: "status" } });
  private readonly chooser;
  private readonly arm: Button;
  private readonly scanNow: Button;
  private readonly reset: Button;
  private readonly disarm: Button;
  private readonly exportSteps: Button;
  private readonly save: Button;
  private readonly close: Button;
  private readonly updateRoving: () => void;
  private item: RecordingItem | undefined;

  constructor(actions: ToolbarActions) {
    const command = (name: PanelCommand, label: string, title: string, testId: string): Button =>
      button({ label, title, testId, onClick: () => actions.command(name) });
    const withItem = (work: (id: string) => void) => () => {
      if (this.item) work(this.item.id);
    };
    this.chooser = dropdown("Recording", id => actions.show(id));
    this.chooser.element.dataset.testid = "recordings";
    this.arm = button({
      label: "Arm",
      title: "Write-protect the program's memory, so that each step's writes are told",
      testId: "arm",
      appearance: "primary",
      onClick: () => actions.command("arm"),
    });
    this.scanNow = command("scanNow", "Scan now", "Tell what was written since the last stop", "scan-now");
    this.reset = command("reset", "Reset", "Forget all steps; the memory stays armed", "reset");
    this.disarm = command("disarm", "Disarm", "Take the write protection off; the steps stay", "disarm");
    this.exportSteps = command("exportSteps", "Export…", "Export the steps as JSON Lines", "export");
    this.save = button({
      label: "Save…",
      title: "Save what is shown as a file",
      testId: "save",
      onClick: withItem(id => actions.save(id)),
    });
    this.close = button({
      label: "Close",
      title: "Close what is shown; another recording takes its place",
      testId: "close",
      onClick: withItem(id => actions.close(id)),
    });
    const scanProcess = command(
      "scanProcess",
      "Scan process…",
      "Show any process's pages by category, beside the session; arms and changes nothing",
      "scan-process",
    );
    this.buttons.append(
      this.arm,
      this.scanNow,
      this.reset,
      this.disarm,
      this.exportSteps,
      this.save,
      this.close,
      scanProcess,
    );
    this.root.append(this.chooser.element, this.buttons, this.status);
    this.updateRoving = roving(this.buttons, () => [...this.buttons.children] as Button[]);
  }

  /** @param isEmpty nothing is shown but how to begin, which has an Arm of its own. */
  update({ recordings }: PanelState, item: RecordingItem | undefined, isEmpty: boolean): void {
    this.item = item;
    this.chooser.set(
      recordings.map(({ id, title }) => ({ value: id, label: title })),
      item?.id,
    );
    this.chooser.element.hidden = recordings.length < 2 && item?.kind !== "scan" && item?.kind !== "file";
    const can = item?.status?.can;
    const isSession = item?.kind === "live" && item.status !== undefined && item.status.program !== "ended";
    show(this.arm, isSession && !isEmpty && can?.everArm !== false, can?.arm);
    show(this.scanNow, isSession && can?.everArm !== false && !isEmpty, can?.scan);
    show(this.disarm, isSession && can?.everArm !== false && (!isEmpty || can?.disarm === true), can?.disarm);
    show(this.reset, isSession && !isEmpty, can?.reset);
    const hasSteps = (item?.stepCount ?? 0) > 0;
    show(this.exportSteps, item?.kind === "live" && !isEmpty, can?.export ?? hasSteps);
    show(this.save, item !== undefined && item.kind !== "live", true);
    show(this.close, item !== undefined && !isSession, true);
    this.updateRoving();
    const words = item && !isEmpty ? wordsOf(item) : "";
    setText(this.status, words);
    this.status.title = words;
    this.status.classList.toggle("warning", words !== "" && item?.status?.isProblem === true);
  }
}

function show(target: Button, isShown: boolean, isEnabled: boolean | undefined): void {
  target.hidden = !isShown;
  target.disabled = isEnabled !== true;
}

function wordsOf({ kind, status, classes, microseconds, forgotten }: RecordingItem): string {
  if (kind === "scan") {
    const counts = (classes ?? []).filter(({ pages }) => pages > 0);
    const pages = counts.map(each => `${each.pages.toLocaleString("en")} ${each.name}`).join(", ");
    return `Pages: ${pages || "none"}${microseconds === undefined ? "" : `; scanned in ${microseconds.toLocaleString("en")} µs`}`;
  }
  const waiting = status?.waitingFor ? ` Waiting for ${status.waitingFor}.` : "";
  const gone = forgotten > 0 ? ` The oldest ${forgotten.toLocaleString("en")} steps were forgotten.` : "";
  return `${status?.message ?? ""}${waiting}${gone}`;
}
