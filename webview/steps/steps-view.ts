// The list of steps: only the rows in sight are elements, and all steps can be reached.
import { grouped } from "../../src/common/counted.ts";
import type { StepItem, StepsReply } from "../../src/ui/protocol.ts";
import { element } from "../elements.ts";
import { openMenu } from "../menu.ts";
import type { Event, State } from "../state.ts";
import { DOUBTS, placeOf, spokenStep, whoRan } from "../words.ts";

/** Pixels of a row. */
const ROW = 22;
/** Rows made above and below the ones in sight, for smooth scrolling. */
const SPARE = 12;

/** A row, with what it was made from: another answer brings the same step as another object. */
interface Made {
  readonly item: StepItem;
  readonly position: number;
  readonly signature: string;
  readonly row: HTMLElement;
}

export interface StepsActions {
  dispatch(event: Event): void;
  copy(text: string): void;
}

export class StepsView {
  readonly root = element("div", {
    className: "steps",
    testId: "steps",
    attributes: { role: "listbox", tabindex: "0", "aria-label": "Steps" },
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
        ? "No step passes the filter."
        : "No steps yet: step, or continue to a stop.";
    }
    if (reply !== this.sized) this.sizeColumns();
    this.sized = reply;
    this.goTo(state);
    this.showRows(reply);
  }

  /** Columns as wide as the longest number, the same for all rows. */
  private sizeColumns(): void {
    const widest = (texts: string[]): string => `${Math.max(0, ...texts.map(({ length }) => length)) + 1}ch`;
    this.root.style.setProperty("--number", widest(this.items.map(({ number }) => grouped(number))));
    this.root.style.setProperty("--pages", widest(this.items.map(pagesOf)));
  }

  private goTo({ list }: State): void {
    const { goTo } = list;
    if (!goTo || goTo.serial === this.wentTo) return;
    this.wentTo = goTo.serial;
    const top = goTo.position * ROW;
    const { top: from, height } = this.view;
    if (top < from) this.root.scrollTop = top;
    else if (top + ROW > from + height) this.root.scrollTop = top + ROW - height;
    else return;
    this.view = { top: this.root.scrollTop, height };
  }

  private showRows(reply: StepsReply | undefined): void {
    const first = Math.floor(this.view.top / ROW) - SPARE;
    const end = first + Math.ceil(this.view.height / ROW) + SPARE * 2;
    const wanted = new Set<number>();
    let active = "";
    for (let position = Math.max(first, reply?.from ?? 0); reply && position < end; position += 1) {
      const item = reply.items[position - reply.from];
      if (!item) break;
      wanted.add(item.number);
      const row = this.rowOf(item, position, reply.total);
      const isChosen = item.number === this.chosen;
      if (isChosen) active = row.id;
      if (row.getAttribute("aria-selected") !== String(isChosen)) row.setAttribute("aria-selected", String(isChosen));
      if (!row.isConnected) this.rows.append(row);
    }
    for (const [number, { row }] of this.made) {
      if (wanted.has(number)) continue;
      row.remove();
      this.made.delete(number);
    }
    if (active) this.root.setAttribute("aria-activedescendant", active);
    else this.root.removeAttribute("aria-activedescendant");
  }

  private rowOf(item: StepItem, position: number, total: number): HTMLElement {
    const known = this.made.get(item.number);
    if (known?.item === item && known.position === position) return known.row;
    const signature = JSON.stringify([item, position]);
    if (known?.signature === signature) {
      known.row.setAttribute("aria-setsize", String(total));
      this.made.set(item.number, { ...known, item });
      return known.row;
    }
    known?.row.remove();
    const row = stepRow(item);
    row.style.top = `${position * ROW}px`;
    row.setAttribute("aria-posinset", String(position + 1));
    row.setAttribute("aria-setsize", String(total));
    this.made.set(item.number, { item, position, signature, row });
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
    const row = this.made.get(item.number)?.row.getBoundingClientRect();
    // The menu key has no pointer to open it at.
    const isKey = event.button !== 2 || (event.clientX === 0 && event.clientY === 0);
    const [x, y] = isKey && row ? [row.left + 20, row.bottom] : [event.clientX, event.clientY];
    openMenu(x, y, [
      {
        label: "Go to source line",
        testId: "menu-open",
        run: () => this.actions.dispatch({ type: "chose", step: item.number, reveal: true }),
      },
      { label: "Copy step", testId: "menu-copy", run: () => this.actions.copy(spokenStep(item)) },
      ...(item.from?.source ? [{ label: "Copy place", run: () => this.actions.copy(pathOf(item)) }] : []),
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

/** "12", and "12?" where some may not be the step's own; of none there is nothing to doubt. */
function pagesOf({ pages, doubts }: StepItem): string {
  return `${grouped(pages)}${pages > 0 && doubts.length > 0 ? "?" : ""}`;
}

/** Where it is narrow the file is cut, not the line. */
function placeCell(text: string): HTMLElement {
  const line = /:\d+\D*$/.exec(text)?.[0] ?? "";
  return element(
    "span",
    { className: "step-place" },
    element("span", { className: "step-file", text: text.slice(0, text.length - line.length) }),
    line,
  );
}

function stepRow(item: StepItem): HTMLElement {
  const { number, pages, summary, changed, way, doubts, settled, kernelPages, debuggerPages } = item;
  const row = element("div", {
    className: pages === 0 ? "step quiet" : "step",
    testId: `step-${number}`,
    attributes: { role: "option", "data-step": String(number), id: `step-${number}`, "aria-selected": "false" },
  });
  const others = [
    ...(kernelPages > 0 ? [`kernel ${kernelPages.toLocaleString("en")}`] : []),
    ...(debuggerPages > 0 ? [`debugger ${debuggerPages.toLocaleString("en")}`] : []),
  ];
  const wrote = [way, changed, summary || "nothing written", ...others].filter(Boolean).join(" · ");
  row.append(
    element("span", { className: "step-number", text: grouped(number) }),
    placeCell(`${placeOf(item.from)}${settled ? "" : " …"}`),
    element("span", { className: "step-pages", text: pagesOf(item) }),
    element("span", { className: "step-who", text: whoRan(item) }),
    element("span", { className: "step-summary", text: wrote }),
  );
  row.title = [spokenStep(item), ...doubts.map(doubt => DOUBTS[doubt])].join("\n");
  return row;
}
