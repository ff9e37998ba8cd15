// The row above everything: which recording is shown, what can be done with its session, and how it stands, in words.

import { grouped } from "../src/common/counted.ts";
import { t } from "../src/common/l10n.ts";
import { classWords } from "../src/recording/code-words.ts";
import type { PanelCommand, PanelState, RecordingItem } from "../src/ui/protocol.ts";
import { type Button, button, dropdown } from "./controls.ts";
import { element, setText } from "./elements.ts";
import { openMenu } from "./menu.ts";
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
    attributes: { role: "toolbar", "aria-label": t("Session") },
  });
  private readonly status = element("div", { className: "phase", testId: "phase", attributes: { role: "status" } });
  private readonly chooser;
  private readonly arm: Button;
  private readonly scanNow: Button;
  private readonly reset: Button;
  private readonly disarm: Button;
  private readonly save: Button;
  private readonly close: Button;
  private readonly more: Button;
  private readonly updateRoving: () => void;
  private item: RecordingItem | undefined;

  constructor(actions: ToolbarActions) {
    const command = (name: PanelCommand, label: string, title: string, testId: string): Button =>
      button({ label, title, testId, onClick: () => actions.command(name) });
    const withItem = (work: (id: string) => void) => () => {
      if (this.item) work(this.item.id);
    };
    this.chooser = dropdown(t("Recording"), id => actions.show(id));
    this.chooser.element.dataset.testid = "recordings";
    this.arm = button({
      label: t("Arm"),
      title: t("Write-protect the program's memory, so that each step's writes are told"),
      testId: "arm",
      appearance: "primary",
      onClick: () => actions.command("arm"),
    });
    this.scanNow = command("scanNow", t("Scan now"), t("Tell what was written since the last stop"), "scan-now");
    this.reset = command("reset", t("Reset"), t("Forget all steps; the memory stays armed"), "reset");
    this.disarm = command("disarm", t("Disarm"), t("Take the write protection off; the steps stay"), "disarm");
    this.save = button({
      label: t("Save…"),
      title: t("Save what is shown as a file"),
      testId: "save",
      onClick: withItem(id => actions.save(id)),
    });
    this.close = button({
      label: t("Close"),
      title: t("Close what is shown; another recording takes its place"),
      testId: "close",
      onClick: withItem(id => actions.close(id)),
    });
    this.more = button({
      label: "⋯",
      name: t("More actions"),
      title: t("More actions"),
      appearance: "icon",
      testId: "more",
      onClick: () => this.openMore(actions),
    });
    this.more.ariaHasPopup = "menu";
    this.buttons.append(this.arm, this.disarm, this.scanNow, this.reset, this.save, this.close, this.more);
    this.root.append(this.chooser.element, this.buttons, this.status);
    this.updateRoving = roving(this.buttons, () => [...this.buttons.children] as Button[]);
  }

  /** @param isEmpty nothing is shown but how to begin, which has an Arm of its own. */
  update({ recordings, alone }: PanelState, item: RecordingItem | undefined, isEmpty: boolean): void {
    this.item = item;
    this.chooser.set(
      recordings.map(({ id, title }) => ({ value: id, label: title })),
      item?.id,
    );
    const isFew = recordings.length < 2 && item?.kind !== "scan" && item?.kind !== "file";
    this.chooser.element.hidden = isFew || alone !== undefined;
    const can = item?.status?.can;
    const isSession = item?.kind === "live" && item.status !== undefined && item.status.program !== "ended";
    // One place for two that exclude each other.
    const canArmEver = isSession && !isEmpty && can?.everArm !== false;
    show(this.arm, canArmEver && can?.disarm !== true, can?.arm);
    show(this.disarm, canArmEver && can?.disarm === true, true);
    setText(this.disarm, item?.status?.memory === "arming" ? t("Cancel") : t("Disarm"));
    show(this.scanNow, canArmEver, can?.scan);
    show(this.reset, isSession && !isEmpty, can?.reset);
    show(this.save, item !== undefined && item.kind !== "live" && alone !== "report", true);
    show(this.close, item !== undefined && !isSession && alone === undefined, true);
    // Its commands are VS Code's, and about sessions.
    this.more.hidden = alone !== undefined;
    this.updateRoving();
    const words = item && !isEmpty ? wordsOf(item) : "";
    setText(this.status, words);
    this.status.title = words;
    this.status.classList.toggle("warning", words !== "" && item?.status?.isProblem === true);
  }

  /** What is wanted now and then; the buttons stay in one row where the view is narrow. */
  private openMore({ command }: ToolbarActions): void {
    const { left, bottom } = this.more.getBoundingClientRect();
    const hasSteps = this.item?.kind === "live" && this.item.stepCount > 0;
    openMenu(left, bottom + 2, [
      ...(hasSteps
        ? [
            { label: t("Save recording…"), testId: "menu-save", run: () => command("saveRecording") },
            { label: t("Export steps…"), testId: "menu-export", run: () => command("exportSteps") },
          ]
        : []),
      { label: t("Scan process…"), testId: "menu-scan", run: () => command("scanProcess") },
      { label: t("Open recording…"), run: () => command("openRecording") },
      { label: t("How it works"), run: () => command("openWalkthrough") },
      { label: t("Show log"), run: () => command("showLog") },
    ]);
  }
}

function show(target: Button, isShown: boolean, isEnabled: boolean | undefined): void {
  target.hidden = !isShown;
  target.disabled = isEnabled !== true;
}

function wordsOf({ kind, status, classes, microseconds, forgotten }: RecordingItem): string {
  if (kind === "scan") {
    const counts = (classes ?? []).filter(({ pages }) => pages > 0);
    const pages = counts.map(each => `${grouped(each.pages)} ${classWords(each.name)}`).join(", ");
    return t(
      "Pages: {0}{1}",
      pages || t("none"),
      microseconds === undefined ? "" : t("; scanned in {0} µs", grouped(microseconds)),
    );
  }
  const waiting = status?.waitingFor ? t(" Waiting for {0}.", status.waitingFor) : "";
  const gone = forgotten > 0 ? t(" The oldest {0} steps were forgotten.", grouped(forgotten)) : "";
  return `${status?.message ?? ""}${waiting}${gone}`;
}
