// The generator's account of the buffers a random program holds: what may be done to each without a fault.
import type { Random } from "./random.ts";

export type Access = "write" | "read" | "none";

export interface Slot {
  /** How the program's source calls its address. */
  readonly name: string;
  kind: "empty" | "private" | "shared" | "sparse" | "heap" | "static";
  /** Of each page; of heap memory and sparse mappings one entry stands for all. */
  access: Access[];
  /** Bytes. */
  length: number;
  /** Whether it is still one mapping, as mremap demands. */
  whole: boolean;
}

/** Bytes of a slot that a statement works on. */
export interface Piece {
  readonly slot: Slot;
  readonly offset: number;
  readonly length: number;
}

export const PAGE_BYTES = 4096;

export function isMapping(slot: Slot): boolean {
  return slot.kind === "private" || slot.kind === "shared";
}

/** Some bytes all of whose pages allow at least `access`; undefined where there are none. */
export function pieceOf(slot: Slot, access: "write" | "read", longest: number, random: Random): Piece | undefined {
  if (slot.kind === "empty") return undefined;
  if (slot.kind === "heap" || slot.kind === "sparse") {
    const length = random.between(1, Math.min(longest, slot.length));
    return { slot, offset: random.between(0, slot.length - length), length };
  }
  const allows = (page: number): boolean => slot.access[page] === "write" || slot.access[page] === access;
  const first = random.between(0, slot.access.length - 1);
  if (!allows(first)) return undefined;
  let last = first;
  while (last + 1 < slot.access.length && allows(last + 1)) last += 1;
  const begin = random.between(0, PAGE_BYTES - 1);
  const room = (last + 1 - first) * PAGE_BYTES - begin;
  return { slot, offset: first * PAGE_BYTES + begin, length: random.between(1, Math.min(longest, room)) };
}
