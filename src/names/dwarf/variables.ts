// Which variable is at which address, by a file's debug information: one pass over all entries, a piece at a time.
import { At, Op, Tag } from "./codes.ts";
import { Cursor } from "./cursor.ts";
import { fixedSize, isUnitReference, readForm } from "./forms.ts";
import type { SplitFiles } from "./split-files.ts";
import type { Abbreviation, AddressTable, DebugInfo, Unit } from "./units.ts";

/** Where a variable's entry is. */
export interface VariableEntry {
  /** Of the entry that has its type, in .debug_info. */
  readonly at: number;
  readonly unit: Unit;
  /** What holds the unit: the file's own, or what was split off it. */
  readonly info: DebugInfo;
}

/** Entries between two looks at the clock. */
const PIECE = 512;
/** More debug information is not read: minutes of it would be. Bytes. */
export const MOST_INFO = 1 << 30;

/** What lies inside these is no variable with an address of its own. */
const TYPES: ReadonlySet<number> = new Set([Tag.STRUCTURE, Tag.CLASS, Tag.UNION, Tag.ENUMERATION, Tag.ARRAY]);
/** Types are looked up by their names among so many: of a program with more, none is. */
export const MOST_NAMED = 50_000;
/** What pointers of a program mostly lead to. */
const NAMED: ReadonlySet<number> = new Set([Tag.STRUCTURE, Tag.CLASS, Tag.UNION, Tag.TYPEDEF]);
const OF_VARIABLE = new Set<number>([At.LOCATION, At.TYPE, At.SPECIFICATION, At.ABSTRACT_ORIGIN]);
const OF_UNIT = new Set<number>([At.ADDR_BASE]);

export class Variables {
  /** By link address. */
  readonly placed = new Map<number, VariableEntry>();
  /** By their place in each thread's block. */
  readonly threadLocal = new Map<number, VariableEntry>();
  /** The entries of structs, unions and typedefs, in no other order than the file's. */
  readonly types: VariableEntry[] = [];

  /**
   * Reads everything; gives way after every few hundred entries, and where something must be waited for.
   * @param split finds what was split off its units. @throws {BadFile} as it is damaged: what was read stays.
   */
  *read(info: DebugInfo, split?: SplitFiles): Generator<undefined | Promise<unknown>> {
    for (const start of info.starts) {
      for (let unit = info.unitAt(start); unit; unit = info.unitAt(unit.end)) {
        if (unit.abbreviations < 0) continue;
        const other = split && (yield* split.of(unit));
        if (other) yield* this.read(other);
        else if (unit.kind === "whole") yield* this.readUnit(info, unit);
      }
    }
  }

  private *readUnit(info: DebugInfo, unit: Unit): Generator<undefined> {
    const cursor = info.cursorAt(unit, unit.first);
    const table = info.abbreviationsOf(unit);
    const sizes = new Map<Abbreviation, number>();
    const top = info.entry(unit, cursor, OF_UNIT);
    const base = top?.values.get(At.ADDR_BASE);
    let entries = 0;
    while (cursor.at < unit.end - unit.start) {
      entries += 1;
      if (entries % PIECE === 0) yield undefined;
      const begin = cursor.at;
      const code = cursor.uleb();
      if (code === 0) continue;
      const abbreviation = table.get(code);
      // An entry of a sort that is not there: nothing behind it can be told.
      if (!abbreviation) return;
      if (NAMED.has(abbreviation.tag) && this.types.length <= MOST_NAMED)
        this.types.push({ at: unit.start + begin, unit, info });
      if (abbreviation.tag === Tag.VARIABLE) {
        cursor.at = begin;
        this.add(info, unit, cursor, typeof base === "number" ? base : 8);
      } else if (TYPES.has(abbreviation.tag) && abbreviation.hasChildren) {
        // Where it does not say what follows it, its children are gone over one by one.
        const sibling = skip(cursor, abbreviation, unit, sizes);
        if (sibling !== undefined && sibling > cursor.at && sibling <= cursor.end) cursor.at = sibling;
      } else skip(cursor, abbreviation, unit, sizes);
    }
    yield undefined;
  }

  private add(info: DebugInfo, unit: Unit, cursor: Cursor, base: number): void {
    const entry = info.entry(unit, cursor, OF_VARIABLE);
    const location = entry?.values.get(At.LOCATION);
    if (!entry || !(location instanceof Uint8Array)) return;
    const other = entry.values.get(At.SPECIFICATION) ?? entry.values.get(At.ABSTRACT_ORIGIN);
    // What it refers to may be of another unit: who resolves the type finds that.
    const at = entry.values.has(At.TYPE) ? entry.at : typeof other === "number" ? other : undefined;
    if (at === undefined) return;
    const place = placeOf(location, {
      at: index => info.address(index, base),
      inBlock: index => info.inBlock(index, base),
    });
    if (!place) return;
    const index = place.isThreadLocal ? this.threadLocal : this.placed;
    if (!index.has(place.at)) index.set(place.at, { at, unit, info });
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
  addresses: AddressTable,
): { readonly at: number; readonly isThreadLocal: boolean } | undefined {
  const [op] = location;
  const isAddress = op === Op.ADDR || op === Op.ADDRX || op === Op.GNU_ADDR_INDEX;
  const isConstant = op === Op.CONST8U || op === Op.CONSTX || op === Op.GNU_CONST_INDEX;
  if (!isAddress && !isConstant) return undefined;
  const operand = new Cursor(location, 1);
  if (location.length < 2) return undefined;
  let at: number | undefined;
  if (op === Op.ADDR || op === Op.CONST8U) {
    if (location.length < 9) return undefined;
    at = operand.u64();
  } else {
    const index = operand.uleb();
    at = isAddress ? addresses.at(index) : addresses.inBlock(index);
  }
  if (at === undefined) return undefined;
  // An index leads to a place in a thread's block only where the last operation says so.
  const last = operand.at === location.length - 1 ? location[operand.at] : undefined;
  if (last === Op.FORM_TLS_ADDRESS || last === Op.GNU_PUSH_TLS_ADDRESS) return { at, isThreadLocal: true };
  return isAddress && operand.at === location.length ? { at, isThreadLocal: false } : undefined;
}
