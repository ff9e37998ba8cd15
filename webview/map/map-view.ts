// The map: a canvas with a scroll position of its own, a cell cursor, the keyboard and a tooltip.

import { t } from "../../src/common/l10n.ts";
import { addressOf, formatAddress } from "../../src/memory/page.ts";
import type { MapTarget } from "../../src/ui/protocol.ts";
import { element, setText } from "../elements.ts";
import { rangeMenu } from "../inspector/range-menu.ts";
import { type MenuItem, openMenu } from "../menu.ts";
import type { Event, State } from "../state.ts";
import type { Theme } from "../theme.ts";
import { CELL } from "./cell.ts";
import type { Palette } from "./cells.ts";
import { type CellRange, cellAt, cellOfPage, cornerOfPage } from "./geometry.ts";
import { Painter, SCROLLBAR } from "./paint.ts";

const LABEL = t(
  "Memory map: arrow keys move over cells, N and P go to written pages, plus and minus zoom, Enter goes to the step that wrote the cell, I inspects it, W asks who wrote it",
);

export interface MapActions {
  dispatch(event: Event): void;
  copy(text: string): void;
  /** Asks which steps wrote bytes [start, end). */
  whoWrote(start: number, end: number): void;
  /** What its menu offers for bytes [start, end): nothing where no program stands behind the recording. */
  rangeItems(start: number, end: number): readonly MenuItem[];
}

export class MapView {
  readonly root = element("div", { className: "map" });
  private readonly canvas = element("canvas", {
    testId: "map",
    attributes: { tabindex: "0", role: "application", "aria-roledescription": t("map"), "aria-label": LABEL },
  });
  private readonly tooltip = element("div", {
    className: "tooltip",
    testId: "tooltip",
    attributes: { "aria-hidden": "true" },
  });
  /** In place of a map that the filters left empty. */
  private readonly nothing = element("p", {
    className: "dimmed nothing",
    testId: "no-mapping",
    text: t("No mapping passes the filters."),
  });
  /** What the tooltip says, to screen readers. */
  private readonly spoken = element("div", { className: "visually-hidden", attributes: { "aria-live": "polite" } });
  private readonly painter = new Painter();
  private readonly dispatch: (event: Event) => void;
  private readonly copy: (text: string) => void;
  private readonly whoWrote: MapActions["whoWrote"];
  private readonly rangeItems: MapActions["rangeItems"];
  private state: State | undefined;
  private width = 0;
  private height = 0;
  private pointer = { x: 0, y: 0 };
  /** What the picture was made of. */
  private painted: readonly unknown[] = [];

  constructor({ dispatch, copy, whoWrote, rangeItems }: MapActions) {
    this.rangeItems = rangeItems;
    this.dispatch = dispatch;
    this.copy = copy;
    this.whoWrote = whoWrote;
    this.tooltip.hidden = true;
    this.nothing.hidden = true;
    this.root.append(this.canvas, this.nothing, this.tooltip, this.spoken);
    new ResizeObserver(() => this.resize()).observe(this.root);
    const { canvas } = this;
    canvas.addEventListener("wheel", event => this.onWheel(event), { passive: false });
    canvas.addEventListener("pointermove", event => this.onPointer(event));
    canvas.addEventListener("pointerleave", () => this.dispatch({ type: "hovered" }));
    canvas.addEventListener("pointerdown", event => this.onPress(event));
    canvas.addEventListener("dblclick", event => this.activate(this.cellUnder(event)));
    canvas.addEventListener("keydown", event => this.onKey(event));
    canvas.addEventListener("contextmenu", event => this.onContextMenu(event));
    canvas.addEventListener("focus", () => this.dispatch({ type: "focused", hasFocus: true }));
    canvas.addEventListener("blur", () => this.dispatch({ type: "focused", hasFocus: false }));
  }

  /** Paints what the state shows. */
  show(state: State, theme: Theme, palette: Palette): void {
    this.state = state;
    const context = this.canvas.getContext("2d");
    const shown = state.slots.map.shown;
    this.nothing.hidden = !shown || shown.reply.rowCount > 0 || shown.reply.allRows === 0;
    if (!context || this.width === 0) return;
    if (!shown) {
      // Of a recording whose map has not come yet: the one before must not pass for it.
      context.clearRect(0, 0, this.canvas.width, this.canvas.height);
      this.painted = [];
      return;
    }
    const { width, height } = this;
    const inputs = [shown, state.map, state.slots.cell.shown, palette, width, height, window.devicePixelRatio];
    // Most of what changes on the page is no change of the map.
    if (inputs.every((input, i) => input === this.painted[i])) return;
    this.painted = inputs;
    this.fit();
    const { scroll, cursor, hasFocus } = state.map;
    const scene = { reply: shown.reply, theme, palette, width, height, scroll };
    this.painter.draw(
      context,
      hasFocus && cursor !== undefined ? { ...scene, cursor } : scene,
      window.devicePixelRatio,
    );
    this.showTooltip(state);
  }

  /** Zooms about the cursor, or about the middle. */
  zoomBy(by: number): void {
    const { state } = this;
    if (!state) return;
    const { cursor, scroll } = state.map;
    const reply = state.slots.map.shown?.reply;
    const corner = reply && cursor !== undefined ? cornerOfPage(reply, cursor) : undefined;
    const offset = corner ? corner.y - scroll : -1;
    if (corner && offset >= 0 && offset < this.height) {
      this.dispatch({ type: "zoomed", by, about: { page: corner.page, offset } });
    } else {
      this.zoomAbout(by, this.width / 2, this.height / 2);
    }
  }

  seek(target: MapTarget): void {
    this.dispatch({ type: "sought", target });
  }

  focus(): void {
    this.canvas.focus();
  }

  private resize(): void {
    // Not asked of the element in each frame: that would lay out the page amid what is being changed.
    this.width = this.root.clientWidth;
    this.height = this.root.clientHeight;
    this.dispatch({ type: "resized", width: this.width, height: this.height });
  }

  /** The canvas in the pixels of the device, which may have changed with the window's zoom. */
  private fit(): void {
    const ratio = window.devicePixelRatio;
    const [width, height] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
  }

  private scrollTo(to: number): void {
    this.dispatch({ type: "scrolled", to });
  }

  private onWheel(event: WheelEvent): void {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      this.zoomAbout(event.deltaY < 0 ? 1 : -1, event.offsetX, event.offsetY);
    } else {
      this.dispatch({ type: "hovered" });
      this.scrollTo((this.state?.map.scroll ?? 0) + event.deltaY * (event.deltaMode === 1 ? 16 : 1));
    }
  }

  private zoomAbout(by: number, x: number, y: number): void {
    const cell = this.cellUnder({ offsetX: x, offsetY: y });
    this.dispatch(cell ? { type: "zoomed", by, about: { page: cell.start, offset: y } } : { type: "zoomed", by });
  }

  private cellUnder({ offsetX, offsetY }: { offsetX: number; offsetY: number }): CellRange | undefined {
    const shown = this.state?.slots.map.shown;
    return shown && this.state ? cellAt(shown.reply, offsetX, offsetY + this.state.map.scroll) : undefined;
  }

  private onPress(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.canvas.focus();
    const reply = this.state?.slots.map.shown?.reply;
    if (reply && event.offsetX > this.width - SCROLLBAR && reply.contentHeight > this.height) {
      this.dragScrollbar(event, reply.contentHeight);
      return;
    }
    const cell = this.cellUnder(event);
    if (!cell) return;
    this.seek({ to: "page", page: cell.start });
    if (isOfBytes(cell)) this.inspect(cell);
  }

  private inspect(cell: CellRange | undefined): void {
    if (cell) this.dispatch({ type: "picked", start: addressOf(cell.start), end: addressOf(cell.end) });
  }

  /** The cell that the keyboard is on. */
  private get cellAtCursor(): CellRange | undefined {
    const reply = this.state?.slots.map.shown?.reply;
    const cursor = this.state?.map.cursor;
    return reply && cursor !== undefined ? cellOfPage(reply.blocks, cursor) : undefined;
  }

  private dragScrollbar(event: PointerEvent, contentHeight: number): void {
    const follow = (move: PointerEvent): void =>
      this.scrollTo((move.offsetY / this.height) * contentHeight - this.height / 2);
    follow(event);
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.addEventListener("pointermove", follow);
    const release = (): void => this.canvas.removeEventListener("pointermove", follow);
    this.canvas.addEventListener("lostpointercapture", release, { once: true });
  }

  private onPointer(event: PointerEvent): void {
    this.pointer = { x: event.offsetX, y: event.offsetY };
    const cell = event.buttons ? undefined : this.cellUnder(event);
    const hover = this.state?.map.hover;
    if (cell?.start !== hover?.start || cell?.end !== hover?.end) {
      this.dispatch(cell ? { type: "hovered", cell } : { type: "hovered" });
    } else if (cell) {
      this.placeTooltip(this.pointer.x, this.pointer.y);
    }
  }

  private activate(picked: CellRange | undefined): void {
    const cell = picked ?? this.cellAtCursor;
    if (cell && isOfBytes(cell)) this.inspect(cell);
    this.dispatch(cell ? { type: "activated", page: cell.start } : { type: "activated" });
  }

  /** Of the cell under the pointer, or of the keyboard's. */
  private onContextMenu(event: MouseEvent): void {
    event.preventDefault();
    const reply = this.state?.slots.map.shown?.reply;
    const { scroll } = this.state?.map ?? { scroll: 0 };
    const isPointer = event.button === 2;
    const cell = isPointer ? this.cellUnder(event) : this.cellAtCursor;
    if (!cell || !reply) return;
    const corner = cornerOfPage(reply, cell.start);
    const box = this.canvas.getBoundingClientRect();
    const atCell = [box.left + (corner?.x ?? 0), box.top + (corner?.y ?? 0) - scroll + CELL] as const;
    const [x, y] = isPointer ? [event.clientX, event.clientY] : atCell;
    const [start, end] = [formatAddress(cell.start), formatAddress(cell.end)];
    this.dispatch({ type: "hovered" });
    openMenu(x, y, [
      { label: t("Go to the step that wrote it"), testId: "menu-writer", run: () => this.activate(cell) },
      ...rangeMenu(cell, { dispatch: this.dispatch, whoWrote: this.whoWrote }),
      { label: t("Copy address"), testId: "menu-copy-address", run: () => this.copy(start) },
      ...this.rangeItems(addressOf(cell.start), addressOf(cell.end)),
      { label: t("Copy range"), run: () => this.copy(`${start}-${end}`) },
    ]);
  }

  private onKey(event: KeyboardEvent): void {
    const page = Math.max(CELL, this.height - CELL * 2);
    const scroll = this.state?.map.scroll ?? 0;
    const reply = this.state?.slots.map.shown?.reply;
    const columns = reply?.columns ?? 1;
    const step = (cells: number) => () => this.seek({ to: "cells", cells });
    const actions: Record<string, () => void> = {
      ArrowLeft: step(-1),
      ArrowRight: step(1),
      ArrowUp: step(-columns),
      ArrowDown: step(columns),
      PageUp: () => this.scrollTo(scroll - page),
      PageDown: () => this.scrollTo(scroll + page),
      Home: () => this.scrollTo(0),
      End: () => this.scrollTo(reply?.contentHeight ?? 0),
      "+": () => this.zoomBy(1),
      "=": () => this.zoomBy(1),
      "-": () => this.zoomBy(-1),
      n: () => this.seek({ to: "written", direction: 1 }),
      p: () => this.seek({ to: "written", direction: -1 }),
      i: () => this.inspect(this.cellAtCursor),
      w: () => {
        const cell = this.cellAtCursor;
        if (cell) this.whoWrote(addressOf(cell.start), addressOf(cell.end));
      },
      Enter: () => this.activate(undefined),
    };
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
    if (!action) return;
    event.preventDefault();
    this.dispatch({ type: "hovered" });
    action();
  }

  /** At the pointer, or at the keyboard's cell. */
  private showTooltip({ slots, map }: State): void {
    const { shown } = slots.cell;
    const reply = slots.map.shown?.reply;
    const cursor = map.hasFocus && map.cursor !== undefined && reply ? cellOfPage(reply.blocks, map.cursor) : undefined;
    const cell = map.hover ?? cursor;
    if (!cell || !shown || shown.query.start !== cell.start || shown.query.end !== cell.end) {
      this.tooltip.hidden = true;
      return;
    }
    const text = shown.reply.lines.join("\n");
    setText(this.tooltip, text);
    this.tooltip.hidden = false;
    if (map.hover) {
      this.placeTooltip(this.pointer.x, this.pointer.y);
    } else if (reply) {
      setText(this.spoken, text);
      const corner = cornerOfPage(reply, cell.start);
      this.tooltip.hidden = !corner || corner.y < map.scroll || corner.y > map.scroll + this.height;
      if (corner) this.placeTooltip(corner.x + CELL, corner.y - map.scroll);
    }
  }

  private placeTooltip(x: number, y: number): void {
    const { offsetWidth, offsetHeight } = this.tooltip;
    const below = y + 16;
    const isRoomBelow = below + offsetHeight <= this.height;
    this.tooltip.style.left = `${Math.max(0, Math.min(x + 12, this.width - offsetWidth - 4))}px`;
    this.tooltip.style.top = `${isRoomBelow ? below : Math.max(0, y - offsetHeight - 8)}px`;
  }
}

/** Whether a cell is a part of a page: who goes so near looks at its bytes. */
function isOfBytes({ start, end }: CellRange): boolean {
  return end - start < 1;
}
