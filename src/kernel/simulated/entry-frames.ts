// Entries and the frames they refer to: every reference is counted here, and only here.
import type { AddressSpace } from "./address-space.ts";
import { Entry } from "./entry.ts";
import type { LeafTable } from "./page-table.ts";

/** Maps a frame, with these flags beside PRESENT. */
export function install(mm: AddressSpace, table: LeafTable, index: number, frame: number, flags: number): void {
  mm.frames.map(frame);
  table.flags[index] = flags | Entry.PRESENT;
  table.frames[index] = frame;
}

/** Gives back what an entry refers to. */
export function releaseEntry(mm: AddressSpace, entry: number, frame: number): void {
  if (entry & Entry.PRESENT) {
    const unused = mm.frames.unmap(frame);
    if (unused && entry & Entry.ANON) mm.frames.release(frame);
  } else if (entry & Entry.SWAP) {
    mm.machine.swap.release(frame);
  }
}
