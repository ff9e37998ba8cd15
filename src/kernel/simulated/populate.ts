// The kernel's own accesses to a process's pages (mm/gup.c): populating, and what a system call copies in and out.
import { PAGE_SIZE, pageOf } from "../../memory/page.ts";
import type { AddressSpace } from "./address-space.ts";
import { access, faultIn, Refusal, unshare } from "./fault.ts";
import { OutOfMemory } from "./out-of-memory.ts";
import { ACCESS, type Vma, VmFlag } from "./vma.ts";
import type { Resumable } from "./work.ts";

/** Pages that are brought in without a pause. */
const PIECE_PAGES = 256;

/** MAP_POPULATE: brings in what can be brought in (populate_vma_page_range); refusals are nobody's concern. */
export function* populate(mm: AddressSpace, vma: Vma, start: number, end: number): Resumable<void> {
  if (!vma.has(ACCESS)) return;
  const isWrite = vma.has(VmFlag.WRITE) && !vma.has(VmFlag.SHARED);
  try {
    yield* populatePages(mm, start, end, page => faultIn(mm, vma, page, isWrite));
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error;
  }
}

/** Brings in pages [start, end), each by `bringIn`. @returns 0, or its first negative answer, which ends it. */
export function* populatePages(
  mm: AddressSpace,
  start: number,
  end: number,
  bringIn: (page: number) => number,
): Resumable<number> {
  for (let page = start; page < end; page += 1) {
    const refused = bringIn(page);
    if (refused < 0) return refused;
    if (page % PIECE_PAGES !== 0) continue;
    mm.work.done += PIECE_PAGES / 2;
    yield;
  }
  return 0;
}

/**
 * A page as another process's memory call gets it (get_user_pages): no stack grows for it.
 * @returns the frame, or a refusal.
 */
function pageForKernel(mm: AddressSpace, page: number, isWrite: boolean): number {
  const vma = mm.vmas.at(page);
  if (!vma) return Refusal.MAPERR;
  if (!vma.has(isWrite ? VmFlag.WRITE : VmFlag.READ)) return Refusal.ACCERR;
  const frame = faultIn(mm, vma, page, isWrite);
  if (isWrite || frame < 0) return frame;
  unshare(mm, vma, page);
  return faultIn(mm, vma, page, false);
}

/** Who accesses: the program itself, or the kernel for another process's memory call. */
type Accessor = "processor" | "kernel";

/** How many bytes were reached; fewer where a page was refused. */
export interface Reached {
  readonly done: number;
  /** The refusal, else 0. */
  readonly refusal: number;
}

/** Lets the program's access to one byte fault in its page, and changes no byte. */
export function reachByte(mm: AddressSpace, address: number, isWrite: boolean): Reached {
  return visitPages(mm, address, 1, isWrite, "processor", () => {});
}

/** Reads bytes at an address. */
export function readBytes(mm: AddressSpace, address: number, into: Uint8Array, how: Accessor): Reached {
  return visitPages(mm, address, into.length, false, how, (frame, offset, at, length) =>
    mm.frames.read(frame, offset, into.subarray(at, at + length)),
  );
}

/** Writes bytes at an address. */
export function writeBytes(mm: AddressSpace, address: number, from: Uint8Array, how: Accessor): Reached {
  return visitPages(mm, address, from.length, true, how, (frame, offset, at, length) =>
    mm.frames.write(frame, offset, from.subarray(at, at + length)),
  );
}

/** So many bytes that are copied count for one unit of work, as a power of two; the few of a plain load or store for none. */
const BYTES_SHIFT = 10;

/** Takes a page's part of a range of bytes. */
type PageVisitor = (frame: number, offset: number, done: number, length: number) => void;

/** Visits the pages behind `length` bytes at an address. */
function visitPages(
  mm: AddressSpace,
  address: number,
  length: number,
  isWrite: boolean,
  how: Accessor,
  visit: PageVisitor,
): Reached {
  let done = 0;
  while (done < length) {
    const at = address + done;
    const offset = at % PAGE_SIZE;
    const part = Math.min(PAGE_SIZE - offset, length - done);
    const frame = (how === "processor" ? access : pageForKernel)(mm, pageOf(at), isWrite);
    if (frame < 0) return { done, refusal: frame };
    visit(frame, offset, done, part);
    mm.work.done += part >> BYTES_SHIFT;
    done += part;
  }
  return { done, refusal: 0 };
}
