// The row above everything: which recording is shown, and how its session stands, in words. What can be done with it is in the view's title.

import { grouped } from "../src/common/counted.ts";
import { t } from "../src/common/l10n.ts";
import { classWords } from "../src/recording/code-words.ts";
import type { PanelState, RecordingItem } from "../src/ui/protocol.ts";
import { type Button, button, dropdown } from "./controls.ts";
import { element, setText } from "./elements.ts";
import { roving } from "./roving.ts";

export interface ToolbarActions {
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
  private readonly save: Button;
  private readonly close: Button;
  private readonly updateRoving: () => void;
  private item: RecordingItem | undefined;

  constructor(actions: ToolbarActions) {
    const withItem = (work: (id: string) => void) => () => {
      if (this.item) work(this.item.id);
    };
    this.chooser = dropdown(t("Recording"), id => actions.show(id));
    this.chooser.element.dataset.testid = "recordings";
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
    this.buttons.append(this.save, this.close);
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
    const isSession = item?.kind === "live" && item.status !== undefined && item.status.program !== "ended";
    this.save.hidden = item === undefined || item.kind === "live" || alone === "report";
    this.close.hidden = item === undefined || isSession || alone !== undefined;
    this.buttons.hidden = this.save.hidden && this.close.hidden;
    this.updateRoving();
    const words = item && !isEmpty ? wordsOf(item) : "";
    setText(this.status, words);
    this.status.title = words;
    this.status.classList.toggle("warning", words !== "" && item?.status?.isProblem === true);
  }
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
