// Finds places on the map: the next written page, an address or a name as the user typed it, the neighbouring cell.
import { findMapping, firstEndingAfter } from "../../memory/mapping.ts";
import { PAGE_SIZE, USER_PAGES_END } from "../../memory/page.ts";
import { previousPage } from "../../memory/touched.ts";
import type { Recording } from "../../recording/recording.ts";
import type { MapPlace, MapQuery, MapTarget } from "../protocol.ts";
import { largestWrite, nextProgramPage } from "./chosen.ts";
import { type Cell, cellAt, cellOfPage, cellsOf, cornerOf, type Geometry, rowOfMapping } from "./geometry.ts";
import { nameOf } from "./rows.ts";
import { type MapView, viewOf } from "./view.ts";

/** @returns null where there is no such place on the map. */
export function locate(recording: Recording, query: MapQuery, target: MapTarget): MapPlace | null {
  const view = viewOf(recording, query);
  const { geometry, wrote } = view;
  switch (target.to) {
    case "written":
      return placeOf(geometry, changedPlace(view, writtenPage(view, target.from, target.direction)));
    case "chosen step":
      return placeOf(geometry, changedPlace(view, largestWrite(wrote, geometry.rows.layout.mappings)));
    case "page":
      return placeOf(geometry, target.page);
    case "text":
      return placeOf(geometry, pageOfText(geometry, target.text));
    case "cells":
      return placeOf(geometry, neighbour(geometry, target.from, target.cells)?.start);
  }
}

function placeOf(geometry: Geometry, page: number | undefined): MapPlace | null {
  const cell = page === undefined ? undefined : cellHolding(geometry, page);
  return page === undefined || !cell ? null : { page, ...cornerOf(geometry, cell) };
}

/** Where the map shows bytes: the first one in the page that the step changed, so far as that is known. */
function changedPlace({ geometry, step }: MapView, page: number | undefined): number | undefined {
  const cell = page === undefined ? undefined : cellHolding(geometry, page);
  if (page === undefined || !cell || cell.end - cell.start >= 1) return page;
  const entry = step?.contents?.changes.find(page);
  const offset = entry && entry.reason === undefined ? entry.runs()[0]?.offset : undefined;
  return page + (offset ?? 0) / PAGE_SIZE;
}

/** The cell that shows a page; undefined where it is not mapped, or where the filter leaves its mapping out. */
function cellHolding(geometry: Geometry, page: number): Cell | undefined {
  const mapping = findMapping(geometry.rows.layout.mappings, page);
  return mapping < 0 ? undefined : cellOfPage(geometry, mapping, page);
}

/** The nearest page that the step wrote behind (or before) the cell of a page, of those that the filter shows; from the other end on where there is none. */
function writtenPage(view: MapView, from: number | undefined, direction: 1 | -1): number | undefined {
  const cell = from === undefined ? undefined : cellHolding(view.geometry, from);
  if (direction === 1) {
    const behind = shownAtOrAfter(view, Math.ceil(cell?.end ?? from ?? 0));
    return behind ?? shownAtOrAfter(view, 0);
  }
  return shownBefore(view, Math.floor(cell?.start ?? from ?? USER_PAGES_END)) ?? shownBefore(view, USER_PAGES_END);
}

function shownAtOrAfter({ geometry, wrote }: MapView, from: number): number | undefined {
  const { mappings } = geometry.rows.layout;
  for (let page = nextProgramPage(wrote, from); page !== undefined; ) {
    const index = firstEndingAfter(mappings, page);
    if (index >= mappings.length) return undefined;
    const { start, end } = mappings[index];
    if (start <= page && rowOfMapping(geometry.rows, index) >= 0) return page;
    page = nextProgramPage(wrote, start <= page ? end : start);
  }
  return undefined;
}

function shownBefore({ geometry, wrote }: MapView, before: number): number | undefined {
  const { mappings } = geometry.rows.layout;
  for (let page = previousPage(wrote.written, before); page !== undefined; ) {
    const index = firstEndingAfter(mappings, page);
    const mapping = mappings[index];
    if (!mapping || mapping.start > page) {
      // Unmapped since: on with the mapping before.
      const end = mappings[index - 1]?.end;
      if (end === undefined) return undefined;
      page = previousPage(wrote.written, end);
    } else if (rowOfMapping(geometry.rows, index) < 0) {
      page = previousPage(wrote.written, mapping.start);
    } else if (wrote.kernel.has(page)) {
      page = previousPage(wrote.written, page);
    } else {
      return page;
    }
  }
  return undefined;
}

/** An address ("0x7f12…", with or without the prefix), else the first mapping by its whole name, its file's name, or a part of it. */
function pageOfText(geometry: Geometry, text: string): number | undefined {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return undefined;
  if (/^0x[\da-f]{1,16}$/.test(wanted)) return pageOfAddress(wanted);
  const { rows } = geometry;
  const { mappings } = rows.layout;
  let best: { readonly rank: number; readonly page: number } | undefined;
  for (let row = 0; row < rows.first.length; row += 1) {
    for (let index = rows.first[row]; index <= rows.last[row]; index += 1) {
      const rank = rankOf(nameOf(mappings, index).toLowerCase(), wanted);
      if (rank < (best?.rank ?? Infinity)) best = { rank, page: mappings[index].start };
    }
  }
  if (best) return best.page;
  return /^[\da-f]{4,16}$/.test(wanted) ? pageOfAddress(`0x${wanted}`) : undefined;
}

/** With the part of the page that lies before the address: the map may show its bytes. */
function pageOfAddress(address: string): number {
  return Number(BigInt(address)) / PAGE_SIZE;
}

/** How well a name answers to what was typed, 0 best. */
function rankOf(name: string, wanted: string): number {
  if (name === wanted || name === `[${wanted}]`) return 0;
  const base = name.slice(name.lastIndexOf("/") + 1);
  if (base === wanted) return 1;
  if (base.startsWith(wanted)) return 2;
  return name.includes(wanted) ? 3 : Infinity;
}

/** The cell so many cells on, past a row's end the next row's first one, before its beginning the last one of the row before. */
function neighbour(geometry: Geometry, from: number | undefined, cells: number): Cell | undefined {
  const here = from === undefined ? undefined : cellHolding(geometry, from);
  if (!here) return cellAt(geometry, 0, 0);
  const index = here.index + cells;
  if (index < 0) {
    return here.row === 0 ? here : cellAt(geometry, here.row - 1, cellsOf(geometry, here.row - 1) - 1);
  }
  return cellAt(geometry, here.row, index) ?? cellAt(geometry, here.row + 1, 0) ?? here;
}
