// One thing that is looked at, in full: what it is, its values and bytes before and after a step, and the steps that wrote it.

import { counted } from "../../src/common/counted.ts";
import { t } from "../../src/common/l10n.ts";
import { parseRange } from "../../src/recording/writer-words.ts";
import { type InspectedRange, type InspectReply, MOST_LINES } from "../../src/ui/protocol.ts";
import { type Button, button, field, setPressed, toggle } from "../controls.ts";
import { element, setText } from "../elements.ts";
import type { MenuItem } from "../menu.ts";
import { roving } from "../roving.ts";
import type { Event, Frozen, State } from "../state.ts";
import { inspectedRange, shownItem } from "../wants.ts";
import { BytesView } from "./bytes-view.ts";
import { ValuesView } from "./values-view.ts";
import { WritersView } from "./writers-view.ts";

export interface InspectedActions {
  dispatch(event: Event): void;
  copy(text: string): void;
  /** Asks which steps wrote bytes [start, end). */
  whoWrote(start: number, end: number): void;
  /** What its menu offers for bytes [start, end): nothing where no program stands behind the recording. */
  rangeItems(start: number, end: number): readonly MenuItem[];
  /** Shows what the user typed: a variable, an expression, an address. */
  inspect(expression: string): void;
  openRange(how: "inspector" | "hex editor", range: InspectedRange): void;
}

/** Bytes from an address without a length; of fewer all lines show. */
const FEW = 64;

export class InspectedView {
  readonly root = element("section", {
    className: "inspected-thing",
    testId: "inspected-thing",
    attributes: {
      "aria-label": t("Inspector; keys: [ and ] to the step before and behind that wrote it, F freezes it"),
    },
  });
  private readonly actions: InspectedActions;
  private readonly title = element("h3", { className: "inspected", testId: "inspected" });
  private readonly when = element("p", { className: "fact inspected-when", testId: "inspected-when" });
  private readonly facts = element("div", { testId: "inspected-facts" });
  private readonly values = new ValuesView();
  private readonly bytes: BytesView;
  private readonly writers: WritersView;
  private readonly body = element("div");
  private readonly buttons: Readonly<Record<"earlier" | "later" | "freeze" | "all" | "who" | "beside" | "hex", Button>>;
  private readonly updateToolbar: () => void;
  private range: Frozen | undefined;
  private shown: InspectReply | null | undefined;

  constructor(actions: InspectedActions) {
    this.actions = actions;
    const { dispatch } = actions;
    const open = (how: "inspector" | "hex editor") => () => {
      if (!this.range) return;
      const { brush, step = brush?.last, start, end, words = this.title.textContent ?? "" } = this.range;
      actions.openRange(how, { start, end, words, ...(step === undefined ? {} : { step }) });
    };
    this.buttons = {
      earlier: button({
        label: t("‹ Earlier write"),
        title: t("The step before that wrote it ([)"),
        testId: "earlier",
        onClick: () => dispatch({ type: "historyMoved", by: -1 }),
      }),
      later: button({
        label: t("Later write ›"),
        title: t("The next step that wrote it (])"),
        testId: "later",
        onClick: () => dispatch({ type: "historyMoved", by: 1 }),
      }),
      freeze: toggle(
        { label: t("Freeze"), title: t("Keep showing this, whatever step comes or is chosen (F)"), testId: "freeze" },
        isFrozen => dispatch({ type: "frozen", isFrozen }),
      ),
      all: toggle({ label: t("All bytes"), title: t("Show lines without changes, too"), testId: "all-bytes" }, all =>
        dispatch({ type: "allBytes", all }),
      ),
      who: button({
        label: t("Who wrote this?"),
        title: t("The steps that wrote these bytes, the newest first"),
        testId: "who-wrote",
        onClick: () => {
          if (this.range) actions.whoWrote(this.range.start, this.range.end);
        },
      }),
      beside: button({
        label: t("Open beside"),
        title: t("Show it in an editor of its own, which stays while you look at something else here"),
        testId: "open-beside",
        onClick: open("inspector"),
      }),
      hex: button({
        label: t("Hex editor"),
        title: t("Open these bytes, as they were after this step, in the hex editor"),
        testId: "open-hex",
        onClick: open("hex editor"),
      }),
    };
    const { earlier, later, freeze, all, who, beside, hex } = this.buttons;
    const toolbar = element(
      "div",
      { className: "inspected-toolbar", attributes: { role: "toolbar", "aria-label": t("What is inspected") } },
      ...[earlier, later, freeze, all, who, beside, hex],
    );
    this.updateToolbar = roving(toolbar, () => [earlier, later, freeze, all, who, beside, hex]);
    const find = field({
      name: t("Inspect a variable or an address"),
      placeholder: t("Inspect: variable or 0x…"),
      title: t("A variable or an expression of the stopped program, or an address with a length: 0x7ffd1000+64"),
      testId: "inspect-field",
      onEnter: text => this.look(text),
    });
    this.bytes = new BytesView(() => dispatch({ type: "moreLines" }));
    this.writers = new WritersView(actions);
    this.body.append(
      element("div", { className: "inspected-title" }, this.title),
      this.when,
      toolbar,
      this.values.root,
      this.bytes.root,
      this.facts,
      this.writers.root,
    );
    this.root.append(find, this.body);
    this.root.addEventListener("keydown", event => this.onKey(event));
  }

  /** Until the answer about another thing, or another step, comes, what shows stays as it is. */
  update(state: State): void {
    const range = inspectedRange(state);
    const { shown } = state.slots.inspect;
    const isAnswered =
      range !== undefined &&
      shown !== undefined &&
      shown.query.start === range.start &&
      shown.query.end === range.end &&
      shown.query.step === range.step &&
      shown.query.brush?.first === range.brush?.first &&
      shown.query.brush?.last === range.brush?.last;
    this.body.hidden = range === undefined || !shown;
    if (!isAnswered) return;
    this.range = range;
    const { reply } = shown;
    const isFrozen = state.frozen !== undefined;
    setText(this.title, range.words ?? reply?.title ?? "");
    setText(this.when, whenWords(range, isFrozen));
    const { earlier, later, freeze, all, beside, hex } = this.buttons;
    earlier.disabled = reply?.earlier === undefined;
    later.disabled = reply?.later === undefined;
    setPressed(freeze, isFrozen);
    setPressed(all, reply?.isAll ?? false);
    // Of a few lines none is left out.
    all.hidden = range.end - range.start <= FEW;
    beside.hidden = state.slots.panel.shown?.reply.alone === "report";
    hex.hidden = state.slots.panel.shown?.reply.hasHexEditor !== true;
    this.updateToolbar();
    if (reply === this.shown) return;
    this.shown = reply;
    this.facts.replaceChildren(...(reply?.facts ?? []).map(text => element("p", { className: "fact", text })));
    if (!reply) this.facts.append(element("p", { className: "fact", text: t("This step is not kept any more.") }));
    this.values.update(reply?.values ?? []);
    this.bytes.update(reply, state.lines < MOST_LINES);
    this.writers.update(reply, shownItem(state)?.kind === "live");
  }

  private look(text: string): void {
    const asked = text.trim();
    if (asked === "") return;
    const range = isAddress(asked) ? parseRange(asked) : undefined;
    if (!range) this.actions.inspect(asked);
    else {
      const size = asked.includes("+") ? range.size : FEW;
      this.actions.dispatch({ type: "picked", start: range.address, end: range.address + size });
    }
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest("vscode-text-field")) return;
    const { dispatch } = this.actions;
    const keys: Record<string, () => void> = {
      "[": () => dispatch({ type: "historyMoved", by: -1 }),
      "]": () => dispatch({ type: "historyMoved", by: 1 }),
      f: () => dispatch({ type: "frozen", isFrozen: this.buttons.freeze.ariaPressed !== "true" }),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

function whenWords({ step, brush, start, end }: Frozen, isFrozen: boolean): string {
  const when = brush
    ? t("before step {0} and after step {1}", brush.first, brush.last)
    : step === undefined
      ? t("as it is now, before the first step")
      : t("before and after step {0}", step);
  const bytes = t("{0} at 0x{1}", counted(end - start, "byte"), start.toString(16));
  return `${isFrozen ? t("Frozen: ") : ""}${bytes}, ${when}`;
}

/** One that is a range of bytes: of another the extension says what is wrong with it. */
function isAddress(text: string): boolean {
  try {
    return parseRange(text) !== undefined;
  } catch {
    return false;
  }
}
