// The inspector: what the chosen step changed, by name, and the bytes of the marked change before and after.
import { counted } from "../../src/common/counted.ts";
import { pageOf } from "../../src/memory/page.ts";
import { type ChangeItem, type ChangeList, MOST_LINES } from "../../src/ui/protocol.ts";
import { type Button, button } from "../controls.ts";
import { element, setText } from "../elements.ts";
import { Listbox } from "../listbox.ts";
import type { MenuItem } from "../menu.ts";
import type { Event, State } from "../state.ts";
import { inspectedChange, shownChanges } from "../wants.ts";
import { BytesView } from "./bytes-view.ts";

export interface InspectorActions {
  dispatch(event: Event): void;
  copy(text: string): void;
  /** What its menu offers for bytes [start, end): nothing where no program stands behind the recording. */
  rangeItems(start: number, end: number): readonly MenuItem[];
  /** Asks which steps wrote bytes [start, end). */
  whoWrote(start: number, end: number): void;
}

export class InspectorView {
  readonly root = element("section", {
    className: "inspector",
    testId: "inspector",
    attributes: { "aria-label": "What the step changed" },
  });
  private readonly own: ChangeRows;
  private readonly bookkeeping: ChangeRows;
  private readonly fold = element("details", { className: "bookkeeping", testId: "bookkeeping" });
  private readonly foldTitle = element("summary");
  private readonly rest = element("p", { className: "fact" });
  private readonly title = element("h3", { className: "inspected", testId: "inspected" });
  private readonly who: Button;
  private readonly bytes: BytesView;
  private readonly chosen = element("div", { className: "inspected-change" });
  private change: ChangeItem | undefined;

  constructor(actions: InspectorActions) {
    this.own = new ChangeRows("changes", "Changes of the step; Enter asks who wrote one", actions);
    this.bookkeeping = new ChangeRows("noise", "Bookkeeping of the step; Enter asks who wrote it", actions);
    this.who = button({
      label: "Who wrote this?",
      title: "The steps that wrote these bytes, the newest first",
      testId: "who-wrote",
      onClick: () => {
        if (this.change) actions.whoWrote(this.change.start, this.change.end);
      },
    });
    this.bytes = new BytesView(() => actions.dispatch({ type: "moreLines" }));
    this.fold.append(this.foldTitle, this.bookkeeping.root);
    this.chosen.append(element("div", { className: "inspected-title" }, this.title, this.who), this.bytes.root);
    this.root.append(this.own.root, this.rest, this.fold, this.chosen);
  }

  update(state: State): void {
    const changes = shownChanges(state);
    this.root.hidden = changes === undefined;
    if (!changes) return;
    this.change = inspectedChange(state);
    this.own.update(changes.items, this.change);
    this.bookkeeping.update(changes.bookkeeping, this.change);
    setText(this.rest, restWords(changes));
    this.rest.hidden = this.rest.textContent === "";
    this.fold.hidden = changes.bookkeepingTotal === 0;
    setText(
      this.foldTitle,
      `Bookkeeping of the C library, the loader and the kernel: ${counted(changes.bookkeepingTotal, "change")}`,
    );
    this.showBytes(state, this.change);
  }

  /** Until the bytes of another change, or of the same in another step, come, those that show stay, with the title that is theirs. */
  private showBytes({ slots, lines, chosen }: State, change: ChangeItem | undefined): void {
    this.chosen.hidden = change === undefined;
    const { shown } = slots.bytes;
    if (!change || !shown) return;
    const { start, end, step } = shown.query;
    if (step !== chosen || start !== change.start || end !== change.end) return;
    setText(this.title, `${change.words}: ${change.what}`);
    this.bytes.update(shown.reply, lines < MOST_LINES);
  }
}

/** What is not in the lists. */
function restWords({ items, total, bookkeepingTotal, unlistedPages }: ChangeList): string {
  const more = total - items.length;
  return [
    ...(total + bookkeepingTotal + unlistedPages === 0 ? ["No byte changed."] : []),
    ...(more > 0 ? [`${counted(more, "more change")}: “Show more” lists them.`] : []),
    ...(unlistedPages > 0 ? [`${counted(unlistedPages, "more page")}: too many to list.`] : []),
  ].join(" ");
}

/** One list of changes. */
class ChangeRows {
  private readonly list: Listbox;
  private readonly id: string;
  private items: readonly ChangeItem[] = [];
  private signature = "";

  constructor(id: string, label: string, actions: InspectorActions) {
    this.id = id;
    this.list = new Listbox({
      className: "changes",
      testId: id,
      label,
      marked: index =>
        actions.dispatch({ type: "inspected", start: this.items[index].start, end: this.items[index].end }),
      entered: index => actions.whoWrote(this.items[index].start, this.items[index].end),
      menu: index => menuOf(this.items[index], actions),
    });
  }

  get root(): HTMLElement {
    return this.list.root;
  }

  update(items: readonly ChangeItem[], marked: ChangeItem | undefined): void {
    this.items = items;
    const at = marked ? items.indexOf(marked) : -1;
    this.root.hidden = items.length === 0;
    // A fuller account of the same step often has the same changes: the rows, and what is selected in them, stay.
    const signature = JSON.stringify(items);
    if (signature === this.signature) {
      this.list.mark(at);
      return;
    }
    this.signature = signature;
    this.list.show(
      items.map((item, index) => rowOf(item, `${this.id}-${index}`)),
      at,
    );
  }
}

function menuOf(item: ChangeItem, { dispatch, copy, whoWrote, rangeItems }: InspectorActions): MenuItem[] {
  return [
    { label: "Who wrote this?", testId: "menu-who-wrote", run: () => whoWrote(item.start, item.end) },
    {
      label: "Show on the map",
      testId: "menu-show",
      run: () => dispatch({ type: "sought", target: { to: "page", page: pageOf(item.start) } }),
    },
    { label: "Copy address", testId: "menu-copy-address", run: () => copy(`0x${item.start.toString(16)}`) },
    ...rangeItems(item.start, item.end),
    { label: "Copy change", run: () => copy(`${item.words}: ${item.what}`) },
  ];
}

function rowOf({ words, what }: ChangeItem, id: string): HTMLElement {
  const row = element(
    "div",
    { className: "change", attributes: { role: "option", id, "aria-selected": "false" } },
    element("span", { className: "change-words", text: words }),
    element("span", { className: "visually-hidden", text: ": " }),
    element("span", { className: "change-what", text: what }),
  );
  row.title = `${words}: ${what}`;
  return row;
}
