// The inspector: what the chosen step changed, by name, and beneath that the marked change, or what was picked elsewhere, in full.

import { counted } from "../../src/common/counted.ts";
import { t } from "../../src/common/l10n.ts";
import { pageOf } from "../../src/memory/page.ts";
import type { ChangeItem, ChangeList } from "../../src/ui/protocol.ts";
import { element, setText } from "../elements.ts";
import { Listbox } from "../listbox.ts";
import type { MenuItem } from "../menu.ts";
import type { State } from "../state.ts";
import { inspectedChange, shownChanges } from "../wants.ts";
import { type InspectedActions, InspectedView } from "./inspected-view.ts";

export class InspectorView {
  readonly root = element("section", {
    className: "inspector",
    testId: "inspector",
    attributes: { "aria-label": t("What the step changed, and the inspector") },
  });
  private readonly own: ChangeRows;
  private readonly bookkeeping: ChangeRows;
  private readonly fold = element("details", { className: "bookkeeping", testId: "bookkeeping" });
  private readonly foldTitle = element("summary");
  private readonly rest = element("p", { className: "fact" });
  private readonly changes = element("div");
  private readonly thing: InspectedView;

  constructor(actions: InspectedActions) {
    this.own = new ChangeRows("changes", t("Changes of the step; Enter asks who wrote one"), actions);
    this.bookkeeping = new ChangeRows("noise", t("Bookkeeping of the step; Enter asks who wrote it"), actions);
    this.thing = new InspectedView(actions);
    this.fold.append(this.foldTitle, this.bookkeeping.root);
    this.changes.append(this.own.root, this.rest, this.fold);
    this.root.append(this.changes, this.thing.root);
  }

  update(state: State): void {
    const changes = shownChanges(state);
    this.changes.hidden = changes === undefined;
    this.thing.update(state);
    if (!changes) return;
    const change = state.frozen ? undefined : inspectedChange(state);
    this.own.update(changes.items, change);
    this.bookkeeping.update(changes.bookkeeping, change);
    setText(this.rest, restWords(changes));
    this.rest.hidden = this.rest.textContent === "";
    this.fold.hidden = changes.bookkeepingTotal === 0;
    setText(
      this.foldTitle,
      t("Bookkeeping of the C library, the loader and the kernel: {0}", counted(changes.bookkeepingTotal, "change")),
    );
  }
}

/** What is not in the lists. */
function restWords({ items, total, bookkeepingTotal, unlistedPages }: ChangeList): string {
  const more = total - items.length;
  return [
    ...(total + bookkeepingTotal + unlistedPages === 0 ? [t("No byte changed.")] : []),
    ...(more > 0 ? [t("{0}: “Show more” lists them.", counted(more, "more change"))] : []),
    ...(unlistedPages > 0 ? [t("{0}: too many to list.", counted(unlistedPages, "more page"))] : []),
  ].join(" ");
}

/** One list of changes. */
class ChangeRows {
  private readonly list: Listbox;
  private readonly id: string;
  private items: readonly ChangeItem[] = [];
  private signature = "";

  constructor(id: string, label: string, actions: InspectedActions) {
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
    this.list.show(items.length, index => rowOf(items[index], `${this.id}-${index}`), at);
  }
}

function menuOf(item: ChangeItem, { dispatch, copy, whoWrote, rangeItems }: InspectedActions): MenuItem[] {
  return [
    { label: t("Who wrote this?"), testId: "menu-who-wrote", run: () => whoWrote(item.start, item.end) },
    {
      label: t("Show on the map"),
      testId: "menu-show",
      run: () => dispatch({ type: "sought", target: { to: "page", page: pageOf(item.start) } }),
    },
    { label: t("Copy address"), testId: "menu-copy-address", run: () => copy(`0x${item.start.toString(16)}`) },
    ...rangeItems(item.start, item.end),
    { label: t("Copy change"), run: () => copy(`${item.words}: ${item.what}`) },
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
