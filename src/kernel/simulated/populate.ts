// The kernel's own accesses to a process's pages (mm/gup.c): populating, and what a system call copies in and out.
import { addressOf, PAGE_SIZE, pageOf } from "../../memory/page.ts";
import { Errno } from "../errno.ts";
import type { AddressSpace } from "./address-space.ts";
import { access, faultIn, hold, isHeld, mappedFrame, Refusal, unshare } from "./fault.ts";
import { OutOfMemory } from "./out-of-memory.ts";
import { ACCESS, type Vma, VmFlag } from "./vma.ts";
import type { Wait } from "./waiting.ts";
import type { Resumable } from "./work.ts";

/** Pages that are brought in without a pause. */
const PIECE_PAGES = 256;

/** MAP_POPULATE: brings in what can be brought in (populate_vma_page_range); refusals are nobody's concern. */
export function* populate(mm: AddressSpace, vma: Vma, start: number, end: number): Resumable<void> {
  if (!vma.has(ACCESS)) return;
  const isWrite = vma.has(VmFlag.WRITE) && !vma.has(VmFlag.SHARED);
  try {
    yield* populatePages(mm, start, end, isWrite, page => {
      // While it waited the areas may have changed.
      const area = page < vma.end && page >= vma.start ? vma : mm.vmas.at(page);
      return area ? faultIn(mm, area, page, isWrite) : Refusal.MAPERR;
    });
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error;
  }
}

/**
 * Brings in pages [start, end), each by `bringIn`, and waits where a userfaultfd holds one.
 * @returns 0, or the first other negative answer, which ends it.
 */
export function* populatePages(
  mm: AddressSpace,
  start: number,
  end: number,
  isWrite: boolean,
  bringIn: (page: number) => number,
): Resumable<number> {
  for (let page = start; page < end; page += 1) {
    let refused = bringIn(page);
    while (isHeld(refused)) {
      const wait = hold(mm, addressOf(page), isWrite, refused, true);
      if (!wait) return -Errno.EFAULT;
      yield wait;
      refused = bringIn(page);
    }
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

/** Pages that a memory call of another process takes hold of at once (PVM_MAX_KMALLOC_PAGES). */
const PINNED_PAGES = 1024;

/**
 * process_vm_rw_single_vec: takes hold of the pages behind `bytes` first, for which the thread may have to wait, and then moves the bytes.
 * @returns how many bytes were moved; fewer where a page was refused.
 */
export function* transferRemote(
  mm: AddressSpace,
  address: number,
  bytes: Uint8Array,
  isWrite: boolean,
): Resumable<number> {
  let done = 0;
  while (done < bytes.length) {
    const first = pageOf(address + done);
    const end = Math.min(first + PINNED_PAGES, pageOf(address + bytes.length - 1) + 1);
    const frames = yield* pin(mm, first, end, isWrite);
    for (const [i, frame] of frames.entries()) {
      const at = address + done;
      const part = bytes.subarray(done, done + Math.min(PAGE_SIZE - (at % PAGE_SIZE), bytes.length - done));
      // What is no longer mapped there nobody sees.
      if (!isWrite) mm.frames.read(frame, at % PAGE_SIZE, part);
      else if (mappedFrame(mm, first + i) === frame) mm.frames.write(frame, at % PAGE_SIZE, part);
      mm.work.done += part.length >> BYTES_SHIFT;
      done += part.length;
    }
    if (frames.length < end - first) return done;
  }
  return done;
}

/** pin_user_pages_remote of pages [first, end). @returns their frames, fewer where one was refused. */
function* pin(mm: AddressSpace, first: number, end: number, isWrite: boolean): Resumable<number[]> {
  const frames: number[] = [];
  while (first + frames.length < end) {
    const page = first + frames.length;
    const frame = pageForKernel(mm, page, isWrite);
    if (frame >= 0) {
      frames.push(frame);
      continue;
    }
    const wait = isHeld(frame) ? hold(mm, addressOf(page), isWrite, frame, true) : undefined;
    if (!wait) break;
    yield wait;
  }
  return frames;
}

/**
 * Who accesses: the program's own instruction; the kernel in a system call, by the program's rights; or a debugger, by the kernel's way to
 * another process's memory, who never waits.
 */
type Accessor = "instruction" | "system call" | "debugger";

/** How many bytes were reached; fewer where a page was refused. */
export interface Reached {
  readonly done: number;
  /** The refusal, else 0. */
  readonly refusal: number;
  /** Where a userfaultfd holds the access: what the thread waits for before it tries again. */
  readonly wait?: Wait;
}

/** Lets the program's access to one byte fault in its page, and changes no byte. */
export function reachByte(mm: AddressSpace, address: number, isWrite: boolean): Reached {
  return visitPages(mm, address, 1, isWrite, "instruction", () => {});
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

/** Reads or writes by `transfer` in a system call, and waits where a userfaultfd holds a page. @returns how many bytes were reached. */
export function* reaching(bytes: Uint8Array, transfer: (rest: Uint8Array, done: number) => Reached): Resumable<number> {
  let all = 0;
  for (;;) {
    const { done, wait } = transfer(bytes.subarray(all), all);
    all += done;
    if (!wait) return all;
    yield wait;
  }
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
  const reach = how === "instruction" || how === "system call" ? access : pageForKernel;
  let done = 0;
  while (done < length) {
    const at = address + done;
    const offset = at % PAGE_SIZE;
    const part = Math.min(PAGE_SIZE - offset, length - done);
    const frame = reach(mm, pageOf(at), isWrite);
    if (isHeld(frame)) return heldAt(mm, at, isWrite, how, frame, done);
    if (frame < 0) return { done, refusal: frame };
    visit(frame, offset, done, part);
    mm.work.done += part >> BYTES_SHIFT;
    done += part;
  }
  return { done, refusal: 0 };
}

function heldAt(
  mm: AddressSpace,
  address: number,
  isWrite: boolean,
  how: Accessor,
  refusal: number,
  done: number,
): Reached {
  if (how === "debugger") return { done, refusal };
  const wait = hold(mm, address, isWrite, refusal, how !== "instruction");
  return wait ? { done, refusal, wait } : { done, refusal: Refusal.BUS };
}
