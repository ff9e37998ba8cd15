// The list of steps: only the rows in sight are elements, and all steps can be reached.

import { grouped } from "../../src/common/counted.ts";
import { t } from "../../src/common/l10n.ts";
import type { StepItem, StepsReply } from "../../src/ui/protocol.ts";
import { element } from "../elements.ts";
import { openMenu } from "../menu.ts";
import { sameQuery } from "../slots.ts";
import type { Event, State } from "../state.ts";
import { spokenStep } from "../words.ts";
import { StepRow } from "./step-row.ts";

/** Pixels of a row. */
const ROW = 22;
/** Rows made above and below the ones in sight, for smooth scrolling. */
const SPARE = 6;

/** A row, with what it shows: another answer brings the same step as another object. */
interface Made {
  readonly item: StepItem;
  readonly row: StepRow;
}

export interface StepsActions {
  dispatch(event: Event): void;
  copy(text: string): void;
}

export class StepsView {
  readonly root = element("div", {
    className: "steps",
    testId: "steps",
    attributes: { role: "listbox", tabindex: "0", "aria-label": t("Steps") },
  });
  private readonly rows = element("div", { className: "step-rows", attributes: { role: "presentation" } });
  private readonly nothing = element("p", { className: "dimmed nothing" });
  private readonly made = new Map<number, Made>();
  private readonly actions: StepsActions;
  private items: readonly StepItem[] = [];
  /** Of which the columns have their widths. */
  private sized: StepsReply | undefined;
  private total = 0;
  private chosen: number | undefined;
  private wentTo = 0;
  /** Pixels of what is in sight, as last told: to ask for them in a frame would lay the page out amid its changes. */
  private view = { top: 0, height: 0 };

  constructor(actions: StepsActions) {
    this.actions = actions;
    this.root.append(this.rows);
    this.root.addEventListener("scroll", () => this.tellScroll(), { passive: true });
    new ResizeObserver(() => this.tellScroll()).observe(this.root);
    this.root.addEventListener("keydown", event => this.onKey(event));
    this.root.addEventListener("click", ({ target }) => {
      const step = stepAt(target);
      if (step !== undefined) this.actions.dispatch({ type: "chose", step, reveal: true });
    });
    this.root.addEventListener("pointerover", ({ target }) => this.made.get(stepAt(target) ?? -1)?.row.describe());
    this.root.addEventListener("contextmenu", event => this.onContextMenu(event));
  }

  /** What stands in the list's place while it is empty. */
  get placeholder(): HTMLElement {
    return this.nothing;
  }

  update(state: State): void {
    const { shown } = state.slots.steps;
    const reply: StepsReply | undefined = shown?.reply;
    this.chosen = state.chosen;
    this.items = reply?.items ?? [];
    const total = reply?.total ?? 0;
    if (total !== this.total) this.rows.style.height = `${total * ROW}px`;
    this.total = total;
    this.root.hidden = total === 0;
    this.nothing.hidden = total > 0 || !reply;
    if (reply && total === 0) {
      const isFiltered = reply.kept > 0;
      this.nothing.textContent = isFiltered
        ? t("No step passes the filter.")
        : t("No steps yet: step, or continue to a stop.");
    }
    this.goTo(state);
    if (reply !== this.sized) this.sizeColumns();
    this.sized = reply;
    this.showRows(reply);
  }

  /** Columns as wide as the longest number, the same for all rows. */
  private sizeColumns(): void {
    const { items } = this;
    const most = (of: (item: StepItem) => number): number =>
      items.reduce((sofar, item) => Math.max(sofar, of(item)), 0);
    const widths = {
      "--number": grouped(most(({ number }) => number)),
      // A doubt is one sign more.
      "--pages": `${grouped(most(({ pages }) => pages))}${items.some(({ doubts }) => doubts.length > 0) ? "?" : ""}`,
    };
    for (const [name, { length }] of Object.entries(widths)) {
      const width = `${length + 1}ch`;
      if (this.root.style.getPropertyValue(name) !== width) this.root.style.setProperty(name, width);
    }
  }

  private goTo({ list }: State): void {
    const { goTo } = list;
    if (!goTo || goTo.serial === this.wentTo) return;
    this.wentTo = goTo.serial;
    const top = goTo.position * ROW;
    const { top: from, height } = this.view;
    const isInView = top >= from && top + ROW <= from + height;
    if (isInView) return;
    // Before anything else is changed in this frame, and not read back: the page would be laid out for it.
    const to = Math.max(0, Math.min(top < from ? top : top + ROW - height, this.total * ROW - height));
    this.root.scrollTop = to;
    this.view = { top: to, height };
  }

  private showRows(reply: StepsReply | undefined): void {
    const first = Math.floor(this.view.top / ROW) - SPARE;
    const end = first + Math.ceil(this.view.height / ROW) + SPARE * 2;
    const wanted: StepItem[] = [];
    const from = Math.max(first, reply?.from ?? 0);
    for (let position = from; reply && position < end; position += 1) {
      const item = reply.items[position - reply.from];
      if (!item) break;
      wanted.push(item);
    }
    const numbers = new Set(wanted.map(({ number }) => number));
    // Rows of steps that went out of sight show others: to make a row takes much longer than to fill it.
    const spare: StepRow[] = [];
    for (const [number, { row }] of this.made) {
      if (numbers.has(number)) continue;
      spare.push(row);
      this.made.delete(number);
    }
    let active = "";
    wanted.forEach((item, i) => {
      const row = this.rowOf(item, from + i, reply?.total ?? 0, spare);
      const isChosen = item.number === this.chosen;
      if (isChosen) active = row.root.id;
      row.select(isChosen);
    });
    for (const { root } of spare) root.remove();
    if (active) this.root.setAttribute("aria-activedescendant", active);
    else this.root.removeAttribute("aria-activedescendant");
  }

  private rowOf(item: StepItem, position: number, total: number, spare: StepRow[]): StepRow {
    const known = this.made.get(item.number);
    const row = known?.row ?? spare.pop() ?? new StepRow();
    if (known?.item !== item) {
      if (!known || !sameQuery(known.item, item)) row.show(item);
      this.made.set(item.number, { item, row });
    }
    row.place(position, position * ROW, total);
    if (!row.root.isConnected) this.rows.append(row.root);
    return row;
  }

  private tellScroll(): void {
    this.view = { top: this.root.scrollTop, height: this.root.clientHeight };
    const first = Math.floor(this.view.top / ROW);
    // The last one may be in sight in part only; without it the list's end would never be reached.
    const rows = Math.max(1, Math.ceil(this.view.height / ROW));
    this.actions.dispatch({ type: "listScrolled", first, rows });
  }

  private onKey(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.root.clientHeight / ROW) - 1);
    const moves: Record<string, number> = {
      ArrowUp: -1,
      ArrowDown: 1,
      PageUp: -page,
      PageDown: page,
      Home: -Infinity,
      End: Infinity,
    };
    const by = moves[event.key];
    if (by !== undefined) this.actions.dispatch({ type: "choiceMoved", by });
    else if (event.key === "Enter" && this.chosen !== undefined)
      this.actions.dispatch({ type: "chose", step: this.chosen, reveal: true });
    else return;
    event.preventDefault();
  }

  private onContextMenu(event: MouseEvent): void {
    event.preventDefault();
    const number = stepAt(event.target) ?? this.chosen;
    const item = this.items.find(each => each.number === number);
    if (!item) return;
    const row = this.made.get(item.number)?.row.root.getBoundingClientRect();
    // The menu key has no pointer to open it at.
    const isKey = event.button !== 2 || (event.clientX === 0 && event.clientY === 0);
    const [x, y] = isKey && row ? [row.left + 20, row.bottom] : [event.clientX, event.clientY];
    openMenu(x, y, [
      {
        label: t("Go to source line"),
        testId: "menu-open",
        run: () => this.actions.dispatch({ type: "chose", step: item.number, reveal: true }),
      },
      { label: t("Copy step"), testId: "menu-copy", run: () => this.actions.copy(spokenStep(item)) },
      ...(item.from?.source ? [{ label: t("Copy place"), run: () => this.actions.copy(pathOf(item)) }] : []),
    ]);
  }
}

function pathOf({ from }: StepItem): string {
  return from ? `${from.source ?? from.function}:${from.line}` : "";
}

function stepAt(target: EventTarget | null): number | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>("[data-step]") : null;
  return row ? Number(row.dataset.step) : undefined;
}
