// The map's rows: which mappings it shows and in which order, libraries folded into one row each.
import { t } from "../../common/l10n.ts";
import { firstEndingAfter, isZeroedData, kindOf, type Mapping, type MappingKind } from "../../memory/mapping.ts";
import type { PageSet } from "../../memory/page-set.ts";
import { forEachTouched } from "../../memory/touched.ts";
import type { ArmingWay, Layout } from "../../tracker/reports.ts";
import type { MapFilter, MapOrder } from "../protocol.ts";

/** Rows in the order in which they are shown; a row is one mapping, or some neighbours. Indices of mappings in address order. */
export interface Rows {
  readonly layout: Layout;
  readonly first: Uint32Array;
  readonly last: Uint32Array;
}

/** A row in words. */
export interface RowLabel {
  readonly name: string;
  readonly permissions: string;
  readonly kind: MappingKind | "folded";
  readonly armed: ArmingWay | "no";
}

export interface RowsQuery {
  readonly order: MapOrder;
  readonly filter: MapFilter;
  /** By index of the mapping, whether the chosen step wrote it. */
  readonly written: Uint8Array;
  /** Pages that any step wrote. */
  readonly everWritten: PageSet;
}

export function rowsOf(layout: Layout, { order, filter, written, everWritten }: RowsQuery): Rows {
  const { mappings } = layout;
  const ever = filter.writtenOnly ? touchedBy(everWritten, mappings) : undefined;
  const wanted = filter.text.trim().toLowerCase();
  const passes = (index: number): boolean =>
    (ever === undefined || ever[index] === 1) &&
    (wanted === "" || nameOf(mappings, index).toLowerCase().includes(wanted));
  const first = new Uint32Array(mappings.length);
  const last = new Uint32Array(mappings.length);
  let count = 0;
  for (let index = 0; index < mappings.length; index += 1) {
    if (!passes(index)) continue;
    const before = count - 1;
    if (
      filter.foldLibraries &&
      before >= 0 &&
      last[before] === index - 1 &&
      written[index] === 0 &&
      written[index - 1] === 0 &&
      belongsTo(mappings, index, mappings[first[before]].name)
    ) {
      last[before] = index;
    } else {
      first[count] = index;
      last[count] = index;
      count += 1;
    }
  }
  const rows = { layout, first: first.slice(0, count), last: last.slice(0, count) };
  return order === "address" ? rows : writtenFirst(rows, written);
}

/** The rows that the step wrote, then the others, both by address. A row that was written is one mapping. */
function writtenFirst({ layout, first, last }: Rows, written: Uint8Array): Rows {
  const ordered = { layout, first: new Uint32Array(first.length), last: new Uint32Array(first.length) };
  let next = 0;
  for (const wanted of [1, 0]) {
    for (let row = 0; row < first.length; row += 1) {
      if (written[first[row]] !== wanted) continue;
      ordered.first[next] = first[row];
      ordered.last[next] = last[row];
      next += 1;
    }
  }
  return ordered;
}

/** Whether the mapping is a part of the library of that name: of the same file, or zeroed data behind it. */
function belongsTo(mappings: readonly Mapping[], index: number, library: string): boolean {
  if (!isLibrary(library)) return false;
  return mappings[index].name === library || isZeroedData(mappings[index], mappings[index - 1]);
}

/** Which mappings of libraries were written, as a key: those are not folded. */
export function writtenLibraries(mappings: readonly Mapping[], written: Uint8Array): string {
  const found: number[] = [];
  for (let index = written.indexOf(1); index >= 0; index = written.indexOf(1, index + 1)) {
    if (isLibrary(mappings[index].name) || belongsToLibrary(mappings, index)) found.push(index);
  }
  return found.join();
}

/** Whether it is zeroed data behind a library. */
function belongsToLibrary(mappings: readonly Mapping[], index: number): boolean {
  const before = mappings[index - 1];
  return isZeroedData(mappings[index], before) && isLibrary(before.name);
}

function isLibrary(name: string): boolean {
  return name.startsWith("/") && /\.so(\.[\w.-]+)?$/.test(name);
}

function touchedBy(pages: PageSet, mappings: readonly Mapping[]): Uint8Array {
  const touched = new Uint8Array(mappings.length);
  forEachTouched(pages, mappings, index => {
    touched[index] = 1;
  });
  return touched;
}

/** A mapping's name; of a file's zeroed data its file's, with ".bss" behind. */
export function nameOf(mappings: readonly Mapping[], index: number): string {
  const before = mappings[index - 1];
  return isZeroedData(mappings[index], before) ? t("{0} (.bss)", before.name) : mappings[index].name;
}

export function labelOf({ layout, first, last }: Rows, row: number): RowLabel {
  const { mappings } = layout;
  const index = first[row];
  if (last[row] === index) {
    const mapping = mappings[index];
    return {
      name: nameOf(mappings, index),
      permissions: mapping.permissions,
      kind: kindOf(mapping),
      armed: armedWay(layout, mapping),
    };
  }
  let armed: RowLabel["armed"] = "no";
  for (let i = index; i <= last[row] && armed === "no"; i += 1) armed = armedWay(layout, mappings[i]);
  return { name: mappings[index].name, permissions: "", kind: "folded", armed };
}

/** How the mapping is armed. The list of armed ones is in address order, too. */
export function armedWay({ armed }: Layout, { start, end }: Mapping): ArmingWay | "no" {
  const found = armed[firstEndingAfter(armed, start)];
  return found && found.start < end ? found.way : "no";
}

/** Who may change pages of [start, end) without a report; undefined where nobody is known to. */
export function unseenIn({ unseen }: Layout, start: number, end: number): string | undefined {
  const reasons = unseen.filter(range => range.start < end && start < range.end).map(({ reason }) => reason);
  return reasons.length === 0 ? undefined : [...new Set(reasons)].join("; ");
}

const reasons = new WeakMap<Layout, Map<number, string>>();

/** Why a mapping is not armed, with the remedy where there is one; undefined where nothing is known against it. */
export function reasonOf(layout: Layout, { start }: Mapping): string | undefined {
  let known = reasons.get(layout);
  if (!known) {
    known = new Map(layout.notArmed.map(({ start: page, reason }) => [page, reason]));
    reasons.set(layout, known);
  }
  return known.get(start);
}
