// What lies at an offset of a variable: the elements of its arrays and the members of its structs, down to what has one value.
import { type Member, MOST_DEPTH, sizeOf, type TypeTable } from "./type.ts";

/** A part of a variable that has one value: a number, a pointer, a text, or what is not told in more detail (a union). */
export interface Element {
  /** "[17]", ".next", "[3].name"; "" of the variable itself. */
  readonly path: string;
  /** From the variable's begin, bytes. */
  readonly offset: number;
  readonly size: number;
  /** Its place in the table. */
  readonly type: number;
  /** Of a bit field. */
  readonly bit?: number | undefined;
  readonly bits?: number | undefined;
}

/** Parts that are looked at in one go: types of hostile files may be nested without end. */
const MOST_PARTS = 200_000;

/**
 * The elements that have a byte in [start, end), in order; none where padding alone lies there.
 * @param root the variable's type. @param most how many at most: the next ones are left out.
 */
export function elementsIn(types: TypeTable, root: number, start: number, end: number, most: number): Element[] {
  const found: Element[] = [];
  const room = { parts: MOST_PARTS };
  const whole: Element = { path: "", offset: 0, size: sizeOf(types, root), type: root };
  add(types, whole, Math.max(0, start), end, most, found, 0, room);
  return found;
}

function add(
  types: TypeTable,
  here: Element,
  start: number,
  end: number,
  most: number,
  found: Element[],
  depth: number,
  room: { parts: number },
): void {
  room.parts -= 1;
  if (room.parts < 0 || found.length >= most || here.offset >= end || here.offset + here.size <= start) return;
  const type = types[here.type];
  if (!type || depth > MOST_DEPTH) return;
  if (type.kind === "array" && !isText(types, here.type) && type.stride > 0) {
    const first = Math.max(0, Math.floor((start - here.offset) / type.stride));
    for (let i = first; i < type.count && found.length < most && room.parts > 0; i += 1) {
      const offset = here.offset + i * type.stride;
      if (offset >= end) break;
      const element = { path: `${here.path}[${i}]`, offset, size: sizeOf(types, type.of), type: type.of };
      add(types, element, start, end, most, found, depth + 1, room);
    }
  } else if (type.kind === "record" && !type.union && type.members.length > 0) {
    for (const member of type.members)
      add(types, memberOf(types, here, member), start, end, most, found, depth + 1, room);
  } else {
    found.push(here);
  }
}

function memberOf(types: TypeTable, here: Element, { name, offset, type, bit, bits }: Member): Element {
  const path = name === "" ? here.path : `${here.path}.${name}`;
  const at = here.offset + offset;
  if (bit === undefined || bits === undefined) return { path, offset: at, size: sizeOf(types, type), type };
  // Of a bit field the bytes that hold its bits.
  const first = Math.floor(bit / 8);
  return {
    path,
    offset: at + first,
    size: Math.max(1, Math.ceil((bit + bits) / 8) - first),
    type,
    bit: bit - first * 8,
    bits,
  };
}

/** An array of characters has one value: its text. */
export function isText(types: TypeTable, index: number): boolean {
  const type = types[index];
  if (type?.kind !== "array") return false;
  const element = types[type.of];
  return element?.kind === "base" && element.encoding === "character" && element.size === 1;
}
