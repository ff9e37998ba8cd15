// Which variable is at which address, by a file's debug information: one pass over all entries, a piece at a time.
import { u64, viewOf } from "../bytes.ts";
import { At, Op, Tag } from "./codes.ts";
import type { Cursor } from "./cursor.ts";
import { fixedSize, isUnitReference, readForm } from "./forms.ts";
import type { Abbreviation, DebugInfo, Unit } from "./units.ts";

/** Where a variable's entry is. */
export interface VariableEntry {
  /** Of the entry that has its type, in .debug_info. */
  readonly at: number;
  readonly unit: Unit;
}

/** Entries between two looks at the clock. */
const PIECE = 512;
/** More debug information is not read: minutes of it would be. Bytes. */
export const MOST_INFO = 1 << 30;

/** What lies inside these is no variable with an address of its own. */
const TYPES: ReadonlySet<number> = new Set([Tag.STRUCTURE, Tag.CLASS, Tag.UNION, Tag.ENUMERATION, Tag.ARRAY]);
const OF_VARIABLE = new Set<number>([At.LOCATION, At.TYPE, At.SPECIFICATION, At.ABSTRACT_ORIGIN]);
const OF_UNIT = new Set<number>([At.ADDR_BASE]);

export class Variables {
  /** By link address. */
  readonly placed = new Map<number, VariableEntry>();
  /** By their place in each thread's block. */
  readonly threadLocal = new Map<number, VariableEntry>();
  private readonly info: DebugInfo;

  constructor(info: DebugInfo) {
    this.info = info;
  }

  /** Reads everything; gives way after every few thousand entries. @throws {BadFile} as it is damaged: what was read stays. */
  *read(): Generator<void> {
    const { info } = this;
    for (let at = 0; ; ) {
      const unit = info.unitAt(at);
      if (!unit) return;
      if (unit.abbreviations >= 0) yield* this.readUnit(unit);
      at = unit.end;
    }
  }

  private *readUnit(unit: Unit): Generator<void> {
    const { info } = this;
    const cursor = info.cursorAt(unit, unit.first);
    const table = info.abbreviationsOf(unit);
    const sizes = new Map<Abbreviation, number>();
    const top = info.entry(unit, cursor, OF_UNIT);
    const base = top?.values.get(At.ADDR_BASE);
    let entries = 0;
    while (cursor.at < unit.end - unit.start) {
      entries += 1;
      if (entries % PIECE === 0) yield;
      const begin = cursor.at;
      const code = cursor.uleb();
      if (code === 0) continue;
      const abbreviation = table.get(code);
      // An entry of a sort that is not there: nothing behind it can be told.
      if (!abbreviation) return;
      if (abbreviation.tag === Tag.VARIABLE) {
        cursor.at = begin;
        this.add(unit, cursor, typeof base === "number" ? base : 8);
      } else if (TYPES.has(abbreviation.tag) && abbreviation.hasChildren) {
        // Where it does not say what follows it, its children are gone over one by one.
        const sibling = skip(cursor, abbreviation, unit, sizes);
        if (sibling !== undefined && sibling > cursor.at && sibling <= cursor.end) cursor.at = sibling;
      } else skip(cursor, abbreviation, unit, sizes);
    }
    yield;
  }

  private add(unit: Unit, cursor: Cursor, base: number): void {
    const entry = this.info.entry(unit, cursor, OF_VARIABLE);
    const location = entry?.values.get(At.LOCATION);
    if (!entry || !(location instanceof Uint8Array)) return;
    const other = entry.values.get(At.SPECIFICATION) ?? entry.values.get(At.ABSTRACT_ORIGIN);
    // What it refers to may be of another unit: who resolves the type finds that.
    const at = entry.values.has(At.TYPE) ? entry.at : typeof other === "number" ? other : undefined;
    if (at === undefined) return;
    const place = placeOf(location, index => this.info.address(index, base));
    if (!place) return;
    const index = place.isThreadLocal ? this.threadLocal : this.placed;
    if (!index.has(place.at)) index.set(place.at, { at, unit });
  }
}

/** @returns where the entry behind its children is, counted from the unit's start, of types that tell it. */
function skip(
  cursor: Cursor,
  abbreviation: Abbreviation,
  unit: Unit,
  sizes: Map<Abbreviation, number>,
): number | undefined {
  let size = sizes.get(abbreviation);
  const { attributes, tag } = abbreviation;
  if (size === undefined) {
    size = 0;
    for (let i = 0; i < attributes.length && size >= 0; i += 3) {
      const fixed = fixedSize(attributes[i + 1], unit);
      const isSibling = attributes[i] === At.SIBLING && TYPES.has(tag);
      size = fixed === undefined || isSibling ? -1 : size + fixed;
    }
    sizes.set(abbreviation, size);
  }
  if (size >= 0) {
    cursor.skip(size);
    return undefined;
  }
  let sibling: number | undefined;
  for (let i = 0; i < attributes.length; i += 3) {
    const form = attributes[i + 1];
    const fixed = fixedSize(form, unit);
    if (attributes[i] === At.SIBLING || fixed === undefined) {
      const value = readForm(cursor, form, unit, 0);
      if (attributes[i] === At.SIBLING && typeof value === "number" && isUnitReference(form)) sibling = value;
    } else cursor.skip(fixed);
  }
  return sibling;
}

/** Of an expression that is one address, or one place in a thread's block; undefined of any other. */
function placeOf(
  location: Uint8Array,
  addressAt: (index: number) => number | undefined,
): { readonly at: number; readonly isThreadLocal: boolean } | undefined {
  const [op] = location;
  if (op === Op.ADDR && location.length === 9) return { at: u64(viewOf(location), 1), isThreadLocal: false };
  if (op === Op.CONST8U && location.length === 10) {
    const last = location[9];
    if (last !== Op.FORM_TLS_ADDRESS && last !== Op.GNU_PUSH_TLS_ADDRESS) return undefined;
    return { at: u64(viewOf(location), 1), isThreadLocal: true };
  }
  if (op !== Op.ADDRX) return undefined;
  let index = 0;
  let i = 1;
  for (let scale = 1; i < location.length; i += 1, scale *= 0x80) {
    index += (location[i] & 0x7f) * scale;
    if (location[i] < 0x80) break;
  }
  const at = i === location.length - 1 ? addressAt(index) : undefined;
  return at === undefined ? undefined : { at, isThreadLocal: false };
}
