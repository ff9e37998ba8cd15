// A list of rows with one tab stop: arrow keys move the mark, Enter acts on the marked row, the menu key offers what else can be done.
import { element } from "./elements.ts";
import { type MenuItem, openMenu } from "./menu.ts";

export interface ListboxOptions {
  readonly className: string;
  readonly testId: string;
  /** What it lists, and what Enter does, for screen readers. */
  readonly label: string;
  /** The mark was moved to a row by the user. */
  marked?(index: number): void;
  clicked?(index: number): void;
  /** Enter, or a double click. */
  entered(index: number): void;
  menu(index: number): readonly MenuItem[];
}

/** Rows made in one frame: more than are in sight, and little beside what else a frame does. */
const ROWS_A_FRAME = 12;
/** How long a list stays as it is before the rows out of sight come: who goes through steps quickly looks at none of them. */
const REST_MS = 300;

export class Listbox {
  readonly root: HTMLElement;
  private readonly options: ListboxOptions;
  private at = -1;
  private count = 0;
  private row: (index: number) => HTMLElement = () => element("div");
  /** When more rows come: after the rest, and then in each frame. */
  private rest: ReturnType<typeof setTimeout> | undefined;
  private due = 0;

  constructor(options: ListboxOptions) {
    this.options = options;
    const { className, testId, label } = options;
    this.root = element("div", {
      className,
      testId,
      attributes: { role: "listbox", tabindex: "0", "aria-label": label },
    });
    this.root.addEventListener("focus", () => this.move(Math.max(0, this.at)));
    this.root.addEventListener("click", ({ target }) => {
      const index = this.indexOf(target);
      if (index < 0) return;
      this.move(index);
      options.clicked?.(index);
    });
    this.root.addEventListener("dblclick", ({ target }) => {
      const index = this.indexOf(target);
      if (index >= 0) options.entered(index);
    });
    this.root.addEventListener("keydown", event => this.onKey(event));
    this.root.addEventListener("contextmenu", event => this.onContextMenu(event));
  }

  /**
   * Of a long list the first rows come at once, and the others once it has stayed the same for a moment.
   * @param row makes a row, with an id and the role of an option. @param at the marked one; -1 for none.
   */
  show(count: number, row: (index: number) => HTMLElement, at = -1): void {
    clearTimeout(this.rest);
    cancelAnimationFrame(this.due);
    this.count = count;
    this.row = row;
    const first = Math.max(at + 1, Math.min(count, ROWS_A_FRAME));
    this.root.replaceChildren(...Array.from({ length: first }, (_, index) => row(index)));
    this.at = -1;
    this.mark(at);
    if (first < count) this.rest = setTimeout(() => this.goOn(), REST_MS);
  }

  /** Makes all rows now. */
  complete(): void {
    this.add(this.count);
  }

  private goOn(): void {
    if (this.root.children.length >= this.count) return;
    this.due = requestAnimationFrame(() => {
      this.add(ROWS_A_FRAME);
      this.goOn();
    });
  }

  private add(most: number): void {
    const from = this.root.children.length;
    const more = Math.min(most, this.count - from);
    this.root.append(...Array.from({ length: Math.max(0, more) }, (_, i) => this.row(from + i)));
  }

  /** Marks a row, or none, without telling. */
  mark(index: number): void {
    if (index >= this.root.children.length) this.complete();
    const { children } = this.root;
    children[this.at]?.setAttribute("aria-selected", "false");
    this.at = index < children.length ? index : -1;
    const row = children[this.at];
    if (row) this.root.setAttribute("aria-activedescendant", row.id);
    else this.root.removeAttribute("aria-activedescendant");
    row?.setAttribute("aria-selected", "true");
  }

  private move(index: number): void {
    this.complete();
    const to = Math.max(0, Math.min(this.root.children.length - 1, index));
    const isNew = to !== this.at;
    this.mark(to);
    this.root.children[to]?.scrollIntoView({ block: "nearest" });
    if (isNew) this.options.marked?.(to);
  }

  private onKey(event: KeyboardEvent): void {
    const { at } = this;
    const last = this.count - 1;
    const moves: Record<string, number> = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last };
    if (event.key in moves) this.move(moves[event.key]);
    else if (event.key === "Enter" && at >= 0) this.options.entered(at);
    else return;
    event.preventDefault();
  }

  private onContextMenu(event: MouseEvent): void {
    event.preventDefault();
    const index = this.indexOf(event.target);
    if (index >= 0) this.move(index);
    const row = this.root.children[this.at];
    if (!row) return;
    const box = row.getBoundingClientRect();
    const [x, y] = event.clientX || event.clientY ? [event.clientX, event.clientY] : [box.left, box.bottom];
    openMenu(x, y, this.options.menu(this.at));
  }

  private indexOf(target: EventTarget | null): number {
    const row = target instanceof Element ? target.closest('[role="option"]') : null;
    return row ? [...this.root.children].indexOf(row) : -1;
  }
}
