// Types by a file's debug information: from an entry to a table of types, with all that its values need.
import type { Encoding, EnumValue, Member, Type } from "../types/type.ts";
import { At, Ate, PLAIN_NAMES, Tag } from "./codes.ts";
import type { Value } from "./forms.ts";
import { DebugInfo, type Entry, textsBase, type Unit } from "./units.ts";

/** What a type is made of, at most: of larger ones only the size is told. */
const MOST_PARTS = 2000;
const MOST_DEPTH = 24;
const LONGEST_NAME = 200;

const WANTED = new Set<number>([
  ...[At.NAME, At.TYPE, At.BYTE_SIZE, At.ENCODING, At.COUNT, At.UPPER_BOUND, At.LOWER_BOUND, At.DECLARATION],
  ...[At.DATA_MEMBER_LOCATION, At.DATA_BIT_OFFSET, At.BIT_OFFSET, At.BIT_SIZE, At.EXTERNAL, At.CONST_VALUE],
  ...[At.BYTE_STRIDE, At.LANGUAGE, At.STR_OFFSETS_BASE, At.SIBLING, At.SPECIFICATION, At.ABSTRACT_ORIGIN],
]);

interface Head {
  readonly unit: Unit;
  /** Of its texts. */
  readonly texts: number;
  /** Whether structs are called without "struct". */
  readonly isPlain: boolean;
}

export class TypeReader {
  private readonly info: DebugInfo;
  private readonly types: Type[];
  private readonly pointer: ((index: number, unit: Unit, at: number) => void) | undefined;
  /** Places in the table by entry, and by how much of them is told. */
  private readonly known = new Map<string, number>();
  private readonly heads = new Map<number, Head>();

  /**
   * @param types the table to add to.
   * @param pointer told of each pointer that is added, with where the type is that it leads to.
   */
  constructor(info: DebugInfo, types: Type[], pointer?: (index: number, unit: Unit, at: number) => void) {
    this.info = info;
    this.types = types;
    this.pointer = pointer;
  }

  /** The type whose entry stands there. @throws {BadFile} the debug information is damaged. */
  typeAt(unit: Unit, at: number): number | undefined {
    return this.resolve(unit, at, 0, false, "");
  }

  /** What the entry there is called; "" where it has no name. @throws {BadFile} the debug information is damaged. */
  nameAt(unit: Unit, at: number): string {
    const entry = this.entryAt(unit, at);
    return entry && !entry.values.has(At.DECLARATION) ? this.nameOf(unit, entry) : "";
  }

  /**
   * The type of a variable's entry.
   * @returns its place in the table; undefined where it can't be told.
   * @throws {BadFile} the debug information is damaged.
   */
  ofVariable(unit: Unit, at: number, depth = 0): number | undefined {
    const entry = this.entryAt(unit, at);
    if (!entry) return undefined;
    const other = entry.values.get(At.SPECIFICATION) ?? entry.values.get(At.ABSTRACT_ORIGIN);
    if (!entry.values.has(At.TYPE) && typeof other === "number")
      return depth < MOST_DEPTH ? this.ofVariable(unit, other, depth + 1) : undefined;
    return this.referred(unit, entry, 0, false);
  }

  private referred(unit: Unit, entry: Entry, depth: number, isShallow: boolean, alias = ""): number | undefined {
    const at = entry.values.get(At.TYPE);
    return typeof at === "number" ? this.resolve(unit, at, depth + 1, isShallow, alias) : undefined;
  }

  /** @param isShallow of what a pointer leads to its name alone. @param alias the name of a typedef on the way. */
  private resolve(unit: Unit, at: number, depth: number, isShallow: boolean, alias: string): number | undefined {
    const key = `${at} ${isShallow} ${alias}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    if (depth > MOST_DEPTH) return undefined;
    const entry = this.entryAt(unit, at);
    if (!entry) return undefined;
    const { tag } = entry;
    if (tag === Tag.TYPEDEF) return this.referred(unit, entry, depth, isShallow, alias || this.nameOf(unit, entry));
    if (tag === Tag.CONST || tag === Tag.VOLATILE || tag === Tag.RESTRICT || tag === Tag.ATOMIC)
      return this.referred(unit, entry, depth, isShallow, alias);
    // Its place is taken first: what it is made of may lead back to it.
    const index = this.types.length;
    this.types.push({ kind: "unknown", name: "?", size: 0 });
    this.known.set(key, index);
    this.types[index] = this.make(unit, entry, depth, isShallow, alias);
    const to = entry.values.get(At.TYPE);
    if (tag === Tag.POINTER && typeof to === "number") this.pointer?.(index, unit, to);
    return index;
  }

  private make(unit: Unit, entry: Entry, depth: number, isShallow: boolean, alias: string): Type {
    const size = numberOf(entry, At.BYTE_SIZE) ?? 0;
    const name = (alias || this.nameOf(unit, entry)).slice(0, LONGEST_NAME);
    switch (entry.tag) {
      case Tag.BASE:
        return { kind: "base", name, size, encoding: encodingOf(numberOf(entry, At.ENCODING), name) };
      case Tag.POINTER:
      case Tag.REFERENCE:
      case Tag.RVALUE_REFERENCE: {
        const to = this.referred(unit, entry, depth, true);
        return {
          kind: "pointer",
          size: size || 8,
          reference: entry.tag !== Tag.POINTER,
          ...(to === undefined ? {} : { to }),
        };
      }
      case Tag.ENUMERATION: {
        const full = alias || this.tagged(unit, "enum", name);
        return isShallow ? { kind: "unknown", name: full, size } : this.enumeration(unit, entry, full, size);
      }
      case Tag.ARRAY:
        return this.array(unit, entry, depth, isShallow);
      case Tag.STRUCTURE:
      case Tag.CLASS:
      case Tag.UNION: {
        const union = entry.tag === Tag.UNION;
        const full = alias || this.tagged(unit, union ? "union" : "struct", name);
        if (isShallow || entry.values.has(At.DECLARATION)) return { kind: "unknown", name: full, size };
        const members = this.members(unit, entry, depth);
        return members ? { kind: "record", name: full, size, union, members } : { kind: "unknown", name: full, size };
      }
      case Tag.SUBROUTINE:
        return { kind: "unknown", name: name || "function", size: 0 };
      default:
        return { kind: "unknown", name: name || "?", size: size || 8 };
    }
  }

  private array(unit: Unit, entry: Entry, depth: number, isShallow: boolean): Type {
    const unknown: Type = { kind: "unknown", name: "array", size: numberOf(entry, At.BYTE_SIZE) ?? 0 };
    const of = this.referred(unit, entry, depth, isShallow);
    const counts: number[] = [];
    for (const child of this.children(unit, entry)) {
      if (child.tag !== Tag.SUBRANGE) continue;
      const upper = numberOf(child, At.UPPER_BOUND);
      // Of an array of no known length, as one that another file defines, nobody can say where it ends.
      const count =
        numberOf(child, At.COUNT) ??
        (upper === undefined ? undefined : upper - (numberOf(child, At.LOWER_BOUND) ?? 0) + 1);
      if (count === undefined || !(count >= 0 && count < 2 ** 48)) return unknown;
      counts.push(count);
    }
    if (of === undefined || counts.length === 0 || entry.values.has(At.BYTE_STRIDE)) return unknown;
    let inner = of;
    let stride = this.sizeOf(of);
    if (!(stride > 0)) return unknown;
    for (const count of counts.slice(1).reverse()) {
      this.types.push({ kind: "array", of: inner, count, stride });
      inner = this.types.length - 1;
      stride *= count;
    }
    return { kind: "array", of: inner, count: counts[0], stride };
  }

  /** @returns undefined where not all of it can be told. */
  private members(unit: Unit, entry: Entry, depth: number): Member[] | undefined {
    const members: Member[] = [];
    for (const child of this.children(unit, entry)) {
      // Which of a variant's parts is there only its language knows.
      if (child.tag === Tag.VARIANT_PART) return undefined;
      if (child.tag !== Tag.MEMBER && child.tag !== Tag.INHERITANCE) continue;
      // One for all, which lies elsewhere.
      if (child.values.has(At.EXTERNAL) || child.values.has(At.DECLARATION)) continue;
      if (members.length === MOST_PARTS) return undefined;
      const type = this.referred(unit, child, depth, false);
      const place = placeOf(child, type === undefined ? 0 : this.sizeOf(type));
      if (type === undefined || !place) continue;
      members.push({ name: this.nameOf(unit, child).slice(0, LONGEST_NAME), type, ...place });
    }
    return members.sort((a, b) => a.offset - b.offset || (a.bit ?? 0) - (b.bit ?? 0));
  }

  private enumeration(unit: Unit, entry: Entry, name: string, size: number): Type {
    const values: EnumValue[] = [];
    for (const child of this.children(unit, entry)) {
      const value = numberOf(child, At.CONST_VALUE);
      if (value !== undefined && values.length < MOST_PARTS)
        values.push({ name: this.nameOf(unit, child).slice(0, LONGEST_NAME), value });
    }
    return { kind: "enum", name, size, values };
  }

  /** The entries right below one. */
  private children(unit: Unit, { at, hasChildren }: Entry): Entry[] {
    if (!hasChildren) return [];
    const { info } = this;
    const home = this.headOf(unit, at)?.unit;
    if (!home) return [];
    const cursor = info.cursorAt(home, at);
    info.entry(home, cursor, WANTED);
    const found: Entry[] = [];
    for (let child = info.entry(home, cursor, WANTED); child; child = info.entry(home, cursor, WANTED)) {
      found.push(child);
      if (child.hasChildren) info.skipChildren(home, cursor);
      if (found.length > MOST_PARTS * 2) break;
    }
    return found;
  }

  private entryAt(unit: Unit, at: number): Entry | undefined {
    const home = this.headOf(unit, at)?.unit;
    return home && this.info.entry(home, this.info.cursorAt(home, at), WANTED);
  }

  /** The unit that holds an entry: mostly the one that refers to it. */
  private headOf(unit: Unit, at: number): Head | undefined {
    const home = at >= unit.first && at < unit.end ? unit : this.unitWith(at);
    if (!home) return undefined;
    const known = this.heads.get(home.start);
    if (known) return known;
    const top = this.info.entry(home, this.info.cursorAt(home, home.first), WANTED);
    const texts = top ? numberOf(top, At.STR_OFFSETS_BASE) : undefined;
    const head = {
      unit: home,
      texts: texts ?? textsBase(home),
      isPlain: PLAIN_NAMES.has((top && numberOf(top, At.LANGUAGE)) ?? 0),
    };
    this.heads.set(home.start, head);
    return head;
  }

  private unitWith(at: number): Unit | undefined {
    for (let start = DebugInfo.firstBefore(at); ; ) {
      const unit = this.info.unitAt(start);
      if (!unit || at < unit.start) return undefined;
      if (at < unit.end) return unit.abbreviations >= 0 && at >= unit.first ? unit : undefined;
      start = unit.end;
    }
  }

  private nameOf(unit: Unit, { at, values }: Entry): string {
    const head = this.headOf(unit, at);
    return head ? this.info.text(values.get(At.NAME), head.unit, head.texts) : "";
  }

  private tagged(unit: Unit, tag: string, name: string): string {
    if (name === "") return "";
    return this.heads.get(unit.start)?.isPlain ? name : `${tag} ${name}`;
  }

  private sizeOf(index: number): number {
    const type = this.types[index];
    return type.kind === "array" ? type.count * type.stride : type.size;
  }
}

function numberOf({ values }: Entry, attribute: number): number | undefined {
  const value: Value = values.get(attribute);
  return typeof value === "number" ? value : undefined;
}

/** Where a member is; undefined where only the running program can tell (a virtual base). */
function placeOf(entry: Entry, size: number): { offset: number; bit?: number; bits?: number } | undefined {
  const location = entry.values.get(At.DATA_MEMBER_LOCATION);
  const bits = numberOf(entry, At.BIT_SIZE);
  const offset = location === undefined ? 0 : typeof location === "number" ? location : constantOf(location);
  if (offset === undefined) return undefined;
  if (bits === undefined) return { offset };
  const fromStart = numberOf(entry, At.DATA_BIT_OFFSET);
  if (fromStart !== undefined) return { offset: Math.floor(fromStart / 8), bit: fromStart % 8, bits };
  const fromTop = numberOf(entry, At.BIT_OFFSET);
  if (fromTop === undefined) return { offset };
  // Before DWARF 4 counted from the most significant bit of the whole storage.
  const bit = (numberOf(entry, At.BYTE_SIZE) ?? size) * 8 - fromTop - bits;
  return bit < 0 ? undefined : { offset: offset + Math.floor(bit / 8), bit: bit % 8, bits };
}

/** DW_OP_plus_uconst, the one expression that stands for a constant. */
function constantOf(value: Exclude<Value, number>): number | undefined {
  if (!(value instanceof Uint8Array) || value[0] !== 0x23) return undefined;
  let offset = 0;
  for (let i = 1, scale = 1; i < value.length; i += 1, scale *= 0x80) offset += (value[i] & 0x7f) * scale;
  return offset;
}

/** What a program calls char is text; unsigned char, and bytes by other names, are numbers. */
function encodingOf(encoding: number | undefined, name: string): Encoding {
  const isChar =
    name === "char" ||
    name.startsWith("char8") ||
    name.startsWith("char16") ||
    name.startsWith("char32") ||
    name === "wchar_t";
  switch (encoding) {
    case Ate.BOOLEAN:
      return "boolean";
    case Ate.FLOAT:
      return "float";
    case Ate.SIGNED:
      return name === "wchar_t" ? "character" : "signed";
    case Ate.UNSIGNED:
      return "unsigned";
    case Ate.SIGNED_CHAR:
      return isChar ? "character" : "signed";
    case Ate.UNSIGNED_CHAR:
      return isChar ? "character" : "unsigned";
    case Ate.UTF:
      return "character";
    default:
      return "other";
  }
}
