// Whose stack a piece of anonymous memory is, and where the C library keeps what else each thread has (glibc's nptl, x86-64).
import { isShared, isWritable, type Mapping } from "../memory/mapping.ts";
import { addressOf, PAGE_SIZE } from "../memory/page.ts";
import { type MemoryReader, u64, viewOf } from "./bytes.ts";

export interface ThreadInfo {
  /** The kernel's number; the main thread's is the process's. */
  readonly id: number;
  /** Undefined while it runs, or where it may not be asked. */
  readonly stackPointer?: number | undefined;
}

/** One thread's memory, in one mapping. */
export interface ThreadMemory {
  readonly thread: number;
  /** Address of struct pthread, where the thread pointer (%fs) points; undefined where it lies elsewhere. */
  readonly controlBlock?: number | undefined;
  readonly stackPointer?: number | undefined;
  /** Whether the mapping is its stack: all below the control block, or where the stack pointer is. */
  readonly isStack: boolean;
}

/** struct pthread begins with tcbhead_t: its own address twice (sysdeps/x86_64/nptl/tls.h); and has the thread's number (nptl/descr.h). */
const SELF = 16;
const THREAD_ID = 0x2d0;
/** sizeof(struct pthread) is 0x900 and some; and it is aligned to a cache line. */
export const CONTROL_BLOCK_SIZE = 0x900;
const ALIGNMENT = 64;
/** A thread's control block lies at the end of the mapping that its stack is in; the first thread's in a small one of its own. */
const SEARCHED = 16 << 10;
const SMALL = 1 << 20;

/**
 * @returns threads whose memory the mapping is, in address order of their control blocks; none where it is no thread's.
 * @param process its number, which is the main thread's, too. @param guarded whether memory below may not be touched: a stack of
 *   whatever library looks so, and a coroutine's in the middle of a heap does not.
 * A control block is believed where it names a thread that there is.
 */
export function threadsIn(
  memory: MemoryReader,
  mapping: Mapping,
  threads: readonly ThreadInfo[],
  process: number,
  guarded: boolean,
): ThreadMemory[] {
  if (!isWritable(mapping) || isShared(mapping) || mapping.inode !== 0) return [];
  const start = addressOf(mapping.start);
  const end = addressOf(mapping.end);
  const inside = threads.filter(({ stackPointer = -1 }) => stackPointer >= start && stackPointer < end);
  // The main thread's stack, and what the kernel says of it, is the kernel's to name.
  if (mapping.name.startsWith("[stack")) {
    const main = threads.find(({ id }) => id === process);
    return [{ thread: process, stackPointer: main?.stackPointer, isStack: true }];
  }
  const found: ThreadMemory[] = controlBlocks(memory, start, end, threads).map(({ address, id }) => ({
    thread: id,
    controlBlock: address,
    stackPointer: threads.find(thread => thread.id === id)?.stackPointer,
    isStack: id !== process,
  }));
  if (!guarded) return found;
  for (const { id, stackPointer } of inside) {
    if (!found.some(({ thread }) => thread === id)) found.push({ thread: id, stackPointer, isStack: true });
  }
  return found;
}

function controlBlocks(
  memory: MemoryReader,
  start: number,
  end: number,
  threads: readonly ThreadInfo[],
): { readonly address: number; readonly id: number }[] {
  const ids = new Set(threads.map(({ id }) => id));
  const found: { address: number; id: number }[] = [];
  const pieces =
    end - start <= SMALL
      ? [{ from: start, to: end }]
      : [
          // A static program's first thread has it at the heap's begin.
          { from: start, to: start + SEARCHED },
          { from: end - SEARCHED, to: end },
        ];
  for (const { from, to } of pieces) {
    for (let page = from; page < to; page += PAGE_SIZE) {
      const bytes = memory.read(page, PAGE_SIZE);
      if (!bytes) continue;
      const view = viewOf(bytes);
      for (let at = 0; at < PAGE_SIZE; at += ALIGNMENT) {
        const address = page + at;
        if (u64(view, at) !== address || u64(view, at + SELF) !== address) continue;
        const number = memory.read(address + THREAD_ID, 4);
        const id = number && viewOf(number).getInt32(0, true);
        if (id !== undefined && ids.has(id)) found.push({ address, id });
      }
    }
  }
  return found;
}
