// Cuts work on a long range into pieces that take a fraction of a millisecond, between which a call may be interrupted.
import type { AddressSpace } from "./address-space.ts";
import { TABLE_PAGES } from "./entry.ts";
import { regionOf } from "./page-table.ts";
import type { Resumable } from "./work.ts";

/** Tables that are worked on without a pause. */
const PIECE_TABLES = 8;

/**
 * Visits pages [start, end) in pieces, in order; pieces end where tables do.
 * @param makesTables whether the visit makes the tables that are missing: then holes cost as much as what is there.
 * @returns 0, or the first negative answer, which ends it.
 */
export function* inPieces(
  mm: AddressSpace,
  start: number,
  end: number,
  visit: (start: number, end: number) => number,
  makesTables = false,
): Resumable<number> {
  let at = start;
  while (at < end) {
    const last = makesTables ? (regionOf(at) + PIECE_TABLES) * TABLE_PAGES : pieceEnd(mm, at, end);
    const to = Math.min(last, end);
    const refused = visit(at, to);
    if (refused < 0) return refused;
    at = to;
    if (at < end) yield;
  }
  return 0;
}

/** Behind the last of a few tables; holes on the way are part of the piece. */
function pieceEnd({ table }: AddressSpace, start: number, end: number): number {
  const endRegion = regionOf(end + TABLE_PAGES - 1);
  let region = regionOf(start);
  for (let tables = 0; tables < PIECE_TABLES && region < endRegion; tables += 1) {
    region = table.nextPresent(region, endRegion) + 1;
  }
  return region * TABLE_PAGES;
}
