// Puts anonymous memory with the same bytes in the place of a private mapping of a file, in the stopped debuggee.
import type { TrackerHandle } from "../agent/tracking.ts";
import { MapFlag, Protection, RemapFlag, SystemCall } from "../kernel/abi.ts";
import { PAGE_SIZE, pageOf } from "../memory/page.ts";
import { callIn, type Debuggee, requireSafety } from "./injection.ts";

/**
 * The kernel lets stores wait in anonymous memory, and not in a file's private copy, where a program's initialized globals are
 * (vma_can_userfault, include/linux/userfaultfd_k.h). To the program nothing differs but what /proc/self/maps says: the bytes are
 * the same, at the same addresses, and none of its threads runs meanwhile.
 *
 * @param start of a whole mapping, private, readable and writable, in bytes; `end` likewise, exclusive.
 * @throws {KernelError} a refused call, {Error} the debugger can't run one: the mapping is what it was.
 */
export async function makeAnonymous(
  debuggee: Debuggee,
  tracker: TrackerHandle,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<void> {
  const { context, pid } = debuggee;
  await requireSafety(debuggee.debugger, context, pid, tracker);
  // A call that has begun is brought to its end, or the program would keep the copy beside the mapping.
  const called = { ...debuggee, context: { ...context, tracker, signal: undefined } };
  const length = end - start;
  const protection = Protection.READ | Protection.WRITE;
  const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
  const copy = await callIn(called, "mmap", SystemCall.mmap, [0, length, protection, flags, -1, 0]);
  if (copy % PAGE_SIZE !== 0) throw new Error(`The program's mmap answered ${copy}, which is no page.`);
  try {
    await tracker.copyPages(pid, pageOf(start), pageOf(end), pageOf(copy));
    const moved = await callIn(called, "mremap", SystemCall.mremap, [
      ...[copy, length, length],
      ...[RemapFlag.MAYMOVE | RemapFlag.FIXED, start],
    ]);
    if (moved !== start) throw new Error(`The program's mremap answered 0x${moved.toString(16)}.`);
  } catch (error) {
    await callIn(called, "munmap", SystemCall.munmap, [copy, length]).catch(() => {});
    throw error;
  }
}
