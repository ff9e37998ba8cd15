// The units of a file's debug information, and the entries in each (DWARF 5, 7.5 "Format of Debugging Information").
import { BadFile, readExactly } from "../bytes.ts";
import { At, Form } from "./codes.ts";
import { Cursor } from "./cursor.ts";
import { fixedSize, isUnitReference, readForm, type Sizes, type TextPlace, type Value } from "./forms.ts";
import type { DebugSections } from "./sections.ts";

/** How entries of one sort are stored. */
export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Attribute, form and implicit value, one after another. */
  readonly attributes: Float64Array;
}

export interface Unit extends Sizes {
  /** In the section: of its header, and behind its last byte. */
  readonly start: number;
  readonly end: number;
  /** In the section: of its first entry. */
  readonly first: number;
  readonly abbreviations: number;
  /** Of its header: what its entries are. */
  readonly kind: "whole" | "skeleton" | "other";
  /** What a skeleton and the unit that was split off have in common (DWARF 5); its upper bits are enough. */
  readonly splitId?: number | undefined;
}

/** An entry, with the attributes that were asked for. */
export interface Entry {
  /** In the section. */
  readonly at: number;
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly values: ReadonlyMap<number, Value>;
}

/** Addresses by their numbers, link addresses and places in each thread's block of thread-local data. */
export interface AddressTable {
  at(index: number): number | undefined;
  inBlock(index: number): number | undefined;
}

/** Kinds of units (DW_UT_*); those of types alone hold no variables that are looked for. */
const UNIT_KINDS: Readonly<Record<number, Unit["kind"]>> = { 1: "whole", 3: "whole", 4: "skeleton", 5: "whole" };
/** Those with an identity behind the common head: skeletons, and what was split off. */
const HAVE_ID = new Set([4, 5]);
/** Bytes of one unit: linkers of whole programs make units of some hundred MiB, which nobody waits for. */
const MOST_UNIT = 1 << 28;
const MOST_ABBREVIATIONS = 1 << 20;
const MOST_CACHED = 64;
const MOST_LOADED = 4;

/**
 * Places in a file that several programs share (DWARF 5, 7.3.6 "Supplementary Object Files"; dwz makes such) count from there on: no
 * section is that long.
 */
const SHARED = 2 ** 48;

export class DebugInfo {
  readonly size: number;
  private readonly sections: DebugSections;
  private readonly addresses: AddressTable | undefined;
  private readonly shared: DebugSections | undefined;
  private readonly tables = new Map<number, ReadonlyMap<number, Abbreviation>>();
  /** Bytes of the units looked at last, by their starts: entries of one refer to another's. */
  private readonly loaded = new Map<number, Uint8Array>();

  /**
   * @param sections there is a .debug_info and a .debug_abbrev.
   * @param addresses of a unit that was split off: they stay with the skeleton.
   * @param shared those of a file that has what several programs have in common.
   */
  constructor(sections: DebugSections, addresses?: AddressTable, shared?: DebugSections) {
    this.sections = sections;
    this.addresses = addresses;
    this.shared = shared;
    this.size = sections.get(".debug_info")?.size ?? 0;
  }

  /** Where the first unit is of the file that holds a place: its own, or the shared one. */
  static firstBefore(at: number): number {
    return at >= SHARED ? SHARED : 0;
  }

  /** Where units begin: in its own file, and in the shared one. */
  get starts(): readonly number[] {
    return this.shared ? [0, SHARED] : [0];
  }

  /** The unit whose header is there; undefined at the section's end. Of one that is not understood, `abbreviations` is -1. */
  unitAt(start: number): Unit | undefined {
    const base = DebugInfo.firstBefore(start);
    const size = this.sectionsAt(start)?.get(".debug_info")?.size ?? 0;
    if (start - base + 12 > size) return undefined;
    const cursor = new Cursor(this.read(".debug_info", start, Math.min(40, size - (start - base))));
    let length = cursor.u32();
    const isLong = length === 0xffffffff;
    if (isLong) length = cursor.u64();
    const end = start + cursor.at + length;
    if (!(end > start && end - base <= size)) throw new BadFile("a unit of its debug information has no end");
    const version = cursor.u16();
    const offset = isLong ? 8 : 4;
    const offsetHere = (): number => (isLong ? cursor.u64() : cursor.u32());
    const unknown: Unit = { start, end, first: end, abbreviations: -1, offset, address: 8, version, kind: "other" };
    if (version < 2 || version > 5) return unknown;
    let abbreviations = 0;
    let address = 8;
    let kind: Unit["kind"] = "whole";
    let splitId: number | undefined;
    if (version >= 5) {
      const code = cursor.u8();
      address = cursor.u8();
      abbreviations = offsetHere();
      kind = UNIT_KINDS[code] ?? "other";
      if (kind === "other") return unknown;
      if (HAVE_ID.has(code)) splitId = cursor.u64();
    } else {
      abbreviations = offsetHere();
      address = cursor.u8();
    }
    if (end - start > MOST_UNIT) return unknown;
    return { start, end, first: start + cursor.at, abbreviations, offset, address, version, kind, splitId };
  }

  /** A cursor over a unit's bytes, at a place of the section; its positions count from the unit's start. */
  cursorAt(unit: Unit, at: number): Cursor {
    let bytes = this.loaded.get(unit.start);
    if (!bytes) {
      if (this.loaded.size >= MOST_LOADED) this.loaded.clear();
      bytes = this.read(".debug_info", unit.start, unit.end - unit.start);
      this.loaded.set(unit.start, bytes);
    }
    return new Cursor(bytes, at - unit.start);
  }

  /** The sorts of entries of a unit, by their codes. */
  abbreviationsOf({ abbreviations, start }: Unit): ReadonlyMap<number, Abbreviation> {
    const base = DebugInfo.firstBefore(start);
    const offset = base + abbreviations;
    const known = this.tables.get(offset);
    if (known) return known;
    const size = base + (this.sectionsAt(start)?.get(".debug_abbrev")?.size ?? 0);
    for (let length = 1 << 14; ; length *= 4) {
      const isWhole = offset + length >= size;
      const bytes = this.read(".debug_abbrev", offset, Math.max(0, Math.min(length, size - offset)));
      const table = tableIn(bytes, isWhole);
      if (!table) continue;
      if (this.tables.size >= MOST_CACHED) this.tables.clear();
      this.tables.set(offset, table);
      return table;
    }
  }

  /**
   * The entry at the cursor, with those of its attributes that are wanted; the cursor goes behind it.
   * @returns undefined of the mark that ends a list of children.
   */
  entry(unit: Unit, cursor: Cursor, wanted: ReadonlySet<number>): Entry | undefined {
    const at = unit.start + cursor.at;
    const code = cursor.uleb();
    if (code === 0) return undefined;
    const abbreviation = this.abbreviationsOf(unit).get(code);
    if (!abbreviation) throw new BadFile("an entry of its debug information is of no known sort");
    const { tag, hasChildren, attributes } = abbreviation;
    const values = new Map<number, Value>();
    for (let i = 0; i < attributes.length; i += 3) {
      const [name, form] = [attributes[i], attributes[i + 1]];
      if (!wanted.has(name) && skipFixed(cursor, form, unit)) continue;
      const value = readForm(cursor, form, unit, attributes[i + 2]);
      if (!wanted.has(name)) continue;
      values.set(name, typeof value === "number" ? placeOf(value, form, unit) : value);
      if (form === Form.REF_SIG8 || (isShared(form) && !this.shared)) values.delete(name);
    }
    return { at, tag, hasChildren, values };
  }

  /** Goes behind an entry's children. */
  skipChildren(unit: Unit, cursor: Cursor): void {
    for (let depth = 1; depth > 0; ) {
      const entry = this.entry(unit, cursor, SIBLING);
      if (!entry) depth -= 1;
      else if (entry.hasChildren) {
        const sibling = entry.values.get(At.SIBLING);
        if (typeof sibling === "number" && sibling > entry.at && sibling <= unit.end) cursor.at = sibling - unit.start;
        else depth += 1;
      }
    }
  }

  /** The words of a text; "" where it can't be had. @param base of the unit's table of texts. */
  text(value: Value, unit: Unit, base: number): string {
    if (typeof value === "string") return value;
    if (typeof value !== "object" || value instanceof Uint8Array) return "";
    const place = value as TextPlace;
    const from = place.isShared ? SHARED : DebugInfo.firstBefore(unit.start);
    if (place.in !== "table") return this.textAt(place.in, from + place.at);
    const cursor = this.small(".debug_str_offsets", base + place.at * unit.offset, unit.offset);
    return cursor ? this.textAt(".debug_str", unit.offset === 4 ? cursor.u32() : cursor.u64()) : "";
  }

  /** An address of the unit's table of addresses. */
  address(index: number, base: number): number | undefined {
    if (this.addresses) return this.addresses.at(index);
    return this.small(".debug_addr", base + index * 8, 8)?.u64();
  }

  /** The same of what counts from the begin of a thread's block. */
  inBlock(index: number, base: number): number | undefined {
    return this.addresses ? this.addresses.inBlock(index) : this.address(index, base);
  }

  private textAt(section: string, at: number): string {
    const size = DebugInfo.firstBefore(at) + (this.sectionsAt(at)?.get(section)?.size ?? 0);
    for (let length = 128; at < size; length *= 8) {
      const bytes = this.read(section, at, Math.min(length, size - at));
      if (bytes.includes(0)) return new Cursor(bytes).text();
      if (length > 4096 || at + length >= size) return "";
    }
    return "";
  }

  private small(section: string, at: number, length: number): Cursor | undefined {
    const size = this.sections.get(section)?.size ?? 0;
    return at >= 0 && at + length <= size ? new Cursor(this.read(section, at, length)) : undefined;
  }

  private read(name: string, at: number, length: number): Uint8Array {
    const section = this.sectionsAt(at)?.get(name);
    const place = at - DebugInfo.firstBefore(at);
    if (!section || !(place >= 0 && place + length <= section.size))
      throw new BadFile(`its ${name} ends before it should`);
    return readExactly(section, place, length, name);
  }

  private sectionsAt(at: number): DebugSections | undefined {
    return at >= SHARED ? this.shared : this.sections;
  }
}

/** References within a unit count from its start, all others from their section's. */
function placeOf(value: number, form: number, { start }: Unit): number {
  if (isUnitReference(form)) return value + start;
  if (isShared(form)) return value + SHARED;
  return form === Form.REF_ADDR ? value + DebugInfo.firstBefore(start) : value;
}

function isShared(form: number): boolean {
  return form === Form.GNU_REF_ALT || form === Form.REF_SUP4 || form === Form.REF_SUP8;
}

/** Where a unit's table of texts begins that does not say it: behind the section's head, which there is none of before DWARF 5. */
export function textsBase({ version, offset }: Sizes): number {
  return version < 5 ? 0 : offset * 2;
}

const SIBLING = new Set<number>([At.SIBLING]);

function skipFixed(cursor: Cursor, form: number, sizes: Sizes): boolean {
  const size = fixedSize(form, sizes);
  if (size === undefined) return false;
  cursor.skip(size);
  return true;
}

/** @returns undefined where more bytes are needed. @throws {BadFile} there are no more. */
function tableIn(bytes: Uint8Array, isWhole: boolean): ReadonlyMap<number, Abbreviation> | undefined {
  const cursor = new Cursor(bytes);
  const table = new Map<number, Abbreviation>();
  try {
    for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
      const tag = cursor.uleb();
      const hasChildren = cursor.u8() !== 0;
      const attributes: number[] = [];
      for (;;) {
        const [name, form] = [cursor.uleb(), cursor.uleb()];
        if (name === 0 && form === 0) break;
        attributes.push(name, form, form === Form.IMPLICIT_CONST ? cursor.sleb() : 0);
      }
      table.set(code, { tag, hasChildren, attributes: Float64Array.from(attributes) });
      if (table.size > MOST_ABBREVIATIONS) throw new RangeError("too many");
    }
    return table;
  } catch (error) {
    if (error instanceof BadFile && !isWhole) return undefined;
    throw error instanceof RangeError
      ? new BadFile("its debug information has more sorts of entries than any program")
      : error;
  }
}
