// The region map: a canvas with its own scroll position, zoom, cell cursor and tooltip.
import type { MappingRow } from "../../src/ui/panel-messages.ts";
import { element } from "../elements.ts";
import { onThemeChange, readTheme } from "../theme.ts";
import { Painter } from "./draw.ts";
import type { Layer } from "./layers.ts";
import { type Block, CELL, type Cell, cellAt, cellCorner, cellOfPage, layoutMap, type MapLayout } from "./layout.ts";

export interface MapCallbacks {
  caption(block: Block): string;
  /** A cell in words: for the tooltip and for screen readers. */
  describe(cell: Cell): string;
  /** Enter or double click on a cell. */
  activate(cell: Cell): void;
  /** Zoom or scroll changed. */
  moved(): void;
}

export class MapView {
  readonly root = element("div", { className: "map" });
  zoom = 0;
  scroll = 0;
  private readonly canvas = element("canvas", {
    testId: "map",
    attributes: {
      tabindex: "0",
      role: "application",
      "aria-label": "Region map: arrow keys move over pages, plus and minus zoom, N and P go to written pages",
    },
  });
  private readonly tooltip = element("div", { className: "tooltip", attributes: { role: "tooltip", hidden: "" } });
  private readonly announcer = element("div", { className: "visually-hidden", attributes: { "aria-live": "polite" } });
  private readonly painter = new Painter();
  private readonly callbacks: MapCallbacks;
  private theme = readTheme();
  private rows: readonly MappingRow[] = [];
  private layers: readonly Layer[] = [];
  private layout: MapLayout = layoutMap([], 0, 0);
  private cursorPage: number | undefined;
  private frame: number | undefined;
  private whenDrawn: (() => void)[] = [];

  constructor(callbacks: MapCallbacks) {
    this.callbacks = callbacks;
    this.root.append(this.canvas, this.tooltip, this.announcer);
    new ResizeObserver(() => this.relayout()).observe(this.root);
    onThemeChange(() => {
      this.theme = readTheme();
      this.redraw();
    });
    this.canvas.addEventListener("wheel", event => this.onWheel(event), { passive: false });
    this.canvas.addEventListener("pointermove", event => this.onPointer(event));
    this.canvas.addEventListener("pointerleave", () => this.hideTooltip());
    this.canvas.addEventListener("pointerdown", event => this.onPress(event));
    this.canvas.addEventListener("dblclick", () => this.activateCursor());
    this.canvas.addEventListener("keydown", event => this.onKey(event));
    this.canvas.addEventListener("focus", () => this.redraw());
    this.canvas.addEventListener("blur", () => this.redraw());
  }

  show(rows: readonly MappingRow[], layers: readonly Layer[]): void {
    this.layers = layers;
    if (rows !== this.rows) {
      this.rows = rows;
      this.relayout();
    }
    this.redraw();
  }

  /** Runs after the next frame has been painted. */
  afterPaint(callback: () => void): void {
    this.whenDrawn.push(callback);
    this.redraw();
  }

  /** Zooms about a point of the canvas, or about the cursor's cell. */
  zoomBy(steps: number, about?: { x: number; y: number }): void {
    const zoom = Math.min(this.layout.deepest, Math.max(0, this.zoom + steps));
    if (zoom === this.zoom) return;
    const anchor = about
      ? cellAt(this.layout, about.x, about.y + this.scroll)
      : this.cursorPage === undefined
        ? undefined
        : cellOfPage(this.layout, this.cursorPage);
    const before = anchor && cellCorner(this.layout, anchor).y - this.scroll;
    this.zoom = zoom;
    this.layout = layoutMap(this.rows, this.width, zoom);
    if (anchor && before !== undefined) {
      const now = cellOfPage(this.layout, anchor.start);
      if (now) this.scroll = cellCorner(this.layout, now).y - before;
    }
    this.scrollTo(this.scroll);
  }

  scrollTo(y: number): void {
    this.scroll = Math.max(0, Math.min(y, this.layout.height - this.height));
    this.callbacks.moved();
    this.redraw();
  }

  /** Goes to the next (or previous) written page behind the cursor, around the end to the beginning. */
  jump(direction: 1 | -1): void {
    const top = this.layers.findLast(({ outlined }) => outlined)?.coverage;
    if (!top || top.pageCount === 0) return;
    const here = this.cursorPage === undefined ? undefined : cellOfPage(this.layout, this.cursorPage);
    const page =
      direction === 1
        ? (top.next(here?.end ?? 0) ?? top.next(0))
        : (top.previous(here?.start ?? 0) ?? top.previous(Number.MAX_SAFE_INTEGER));
    if (page !== undefined) this.moveCursor(page);
  }

  /** Brings the first of the top layer's pages into view, unless one is in view already. */
  reveal(): void {
    const top = this.layers.findLast(({ outlined }) => outlined)?.coverage;
    if (!top || top.pageCount === 0) return;
    const visible = this.layout.blocks.some(
      ({ row, top: y, height }) =>
        y + height > this.scroll && y < this.scroll + this.height && top.count(row.start, row.end) > 0,
    );
    if (visible) return;
    const first = top.next(0);
    const cell = first === undefined ? undefined : cellOfPage(this.layout, first);
    if (cell) this.scrollTo(cell.block.top - CELL * 2);
  }

  private get width(): number {
    return this.root.clientWidth;
  }

  private get height(): number {
    return this.root.clientHeight;
  }

  private relayout(): void {
    const ratio = window.devicePixelRatio;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.layout = layoutMap(this.rows, this.width, this.zoom);
    this.scroll = Math.max(0, Math.min(this.scroll, this.layout.height - this.height));
    this.redraw();
  }

  private redraw(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      const context = this.canvas.getContext("2d");
      if (!context || this.width === 0) return;
      const cursor = this.cursorPage === undefined ? undefined : cellOfPage(this.layout, this.cursorPage);
      const { layout, layers, theme, scroll, height } = this;
      const hasFocus = document.activeElement === this.canvas;
      const caption = (block: Block): string => this.callbacks.caption(block);
      const scene = { layout, layers, theme, scroll, height, hasFocus, caption, ...(cursor ? { cursor } : {}) };
      this.painter.draw(context, scene, window.devicePixelRatio);
      const drawn = this.whenDrawn;
      this.whenDrawn = [];
      // A message is handled after the frame that is being made now has been painted.
      if (drawn.length > 0) {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          for (const callback of drawn) callback();
        };
        port2.postMessage(undefined);
      }
    });
  }

  private onWheel(event: WheelEvent): void {
    event.preventDefault();
    this.hideTooltip();
    if (event.ctrlKey || event.metaKey) this.zoomBy(event.deltaY < 0 ? 1 : -1, { x: event.offsetX, y: event.offsetY });
    else this.scrollTo(this.scroll + event.deltaY * (event.deltaMode === 1 ? 16 : 1));
  }

  private onPress(event: PointerEvent): void {
    this.canvas.focus();
    if (event.offsetX > this.width - 12 && this.layout.height > this.height) {
      this.dragScrollbar(event);
      return;
    }
    const cell = cellAt(this.layout, event.offsetX, event.offsetY + this.scroll);
    if (cell) this.moveCursor(cell.start);
  }

  private dragScrollbar(event: PointerEvent): void {
    const follow = (move: PointerEvent): void =>
      this.scrollTo((move.offsetY / this.height) * this.layout.height - this.height / 2);
    follow(event);
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.addEventListener("pointermove", follow);
    this.canvas.addEventListener("lostpointercapture", () => this.canvas.removeEventListener("pointermove", follow), {
      once: true,
    });
  }

  private onPointer({ offsetX, offsetY, buttons }: PointerEvent): void {
    const cell = buttons ? undefined : cellAt(this.layout, offsetX, offsetY + this.scroll);
    if (!cell) {
      this.hideTooltip();
      return;
    }
    this.tooltip.textContent = this.callbacks.describe(cell);
    this.tooltip.hidden = false;
    const { offsetWidth, offsetHeight } = this.tooltip;
    this.tooltip.style.left = `${Math.max(0, Math.min(offsetX + 12, this.width - offsetWidth - 4))}px`;
    const below = offsetY + 16;
    this.tooltip.style.top = `${below + offsetHeight > this.height ? Math.max(0, offsetY - offsetHeight - 8) : below}px`;
  }

  private hideTooltip(): void {
    this.tooltip.hidden = true;
  }

  private onKey(event: KeyboardEvent): void {
    const page = Math.max(CELL, this.height - CELL * 2);
    const actions: Record<string, () => void> = {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      ArrowUp: () => this.step(-this.layout.columns),
      ArrowDown: () => this.step(this.layout.columns),
      PageUp: () => this.scrollTo(this.scroll - page),
      PageDown: () => this.scrollTo(this.scroll + page),
      Home: () => this.scrollTo(0),
      End: () => this.scrollTo(this.layout.height),
      "+": () => this.zoomBy(1),
      "=": () => this.zoomBy(1),
      "-": () => this.zoomBy(-1),
      n: () => this.jump(1),
      p: () => this.jump(-1),
      Enter: () => this.activateCursor(),
    };
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
    if (!action) return;
    event.preventDefault();
    this.hideTooltip();
    action();
  }

  /** Moves the cursor by cells; past a mapping's end into the next mapping. */
  private step(cells: number): void {
    const { blocks } = this.layout;
    if (blocks.length === 0) return;
    const cell = this.cursorPage === undefined ? undefined : cellOfPage(this.layout, this.cursorPage);
    if (!cell) {
      this.moveCursor(blocks[0].row.start);
      return;
    }
    const index = cell.index + cells;
    const at = blocks.indexOf(cell.block);
    if (index < 0) {
      if (at > 0) this.moveCursor(blocks[at - 1].row.end - 1);
    } else if (index >= cell.block.cells) {
      if (at + 1 < blocks.length) this.moveCursor(blocks[at + 1].row.start);
    } else {
      this.moveCursor(cell.block.row.start + index * cell.block.pagesPerCell);
    }
  }

  private moveCursor(page: number): void {
    this.cursorPage = page;
    const cell = cellOfPage(this.layout, page);
    if (!cell) return;
    const { y } = cellCorner(this.layout, cell);
    if (y < this.scroll) this.scrollTo(y - CELL * 2);
    else if (y + CELL > this.scroll + this.height) this.scrollTo(y + CELL * 3 - this.height);
    this.announcer.textContent = this.callbacks.describe(cell);
    this.redraw();
  }

  private activateCursor(): void {
    const cell = this.cursorPage === undefined ? undefined : cellOfPage(this.layout, this.cursorPage);
    if (cell) this.callbacks.activate(cell);
  }
}
