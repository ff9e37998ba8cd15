// Finds, in the names of what one step changed, bytes that ran over the end of a heap block into malloc's account.
import type { NamedRange } from "../name.ts";
import type { HeapBlock } from "./heap.ts";

/**
 * Joins the pieces of a run of changed bytes that begins within a block in use, goes on over the size of the next one, and perhaps into
 * that: no other than an overflow leaves such a run. malloc itself writes a size alone, or, for a block that it takes back, that
 * block's last 8 bytes with it, and then the block is not in use.
 * @param pieces of one run, in order.
 */
export function withOverflows(pieces: readonly NamedRange[]): readonly NamedRange[] {
  const told: NamedRange[] = [];
  for (let i = 0; i < pieces.length; i += 1) {
    const piece = pieces[i];
    const over = overflowAt(pieces, i);
    told.push(over?.told ?? piece);
    if (over) i = over.last;
  }
  return told;
}

function overflowAt(pieces: readonly NamedRange[], i: number): { told: NamedRange; last: number } | undefined {
  const { start, end, name } = pieces[i];
  if (name.kind !== "heap" || name.place.kind !== "block" || name.place.block.state !== "in use") return undefined;
  const { block, offset } = name.place;
  const size = pieces[i + 1];
  if (!size || size.start !== end || size.name.kind !== "heap") return undefined;
  const { place } = size.name;
  const isOver = (place.kind === "size" || place.kind === "unused") && place.past?.address === block.address;
  if (!isOver) return undefined;
  let last = i + 1;
  let into: HeapBlock | undefined;
  const next = pieces[i + 2];
  if (next?.start === size.end && next.name.kind === "heap" && next.name.place.kind === "block") {
    into = next.name.place.block;
    last = i + 2;
  }
  const until = pieces[last].end;
  const past = until - (block.address + block.size);
  const overflow = { kind: "overflow", block, offset, past, ...(into ? { into } : {}) } as const;
  return { told: { start, end: until, name: { kind: "heap", place: overflow } }, last };
}
