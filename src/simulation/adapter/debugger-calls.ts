// A process as its debugger reaches it: memory past all waiting, calls made in its name.

import type { Process } from "../../kernel/simulated/process.ts";
import { MemoryFault, type SystemCalls } from "../../kernel/simulated/system-calls.ts";
import { pageOf } from "../../memory/page.ts";

/** What the debugger does is none of the program's doing: it goes past whatever watches the program's own calls. */
export function debuggerCalls(process: Process): SystemCalls {
  const calls: SystemCalls = Object.create(process);
  calls.load = (address, into) => {
    const done = process.peek(address, into);
    if (done < into.length) throw new MemoryFault("SEGV_MAPERR", address + Math.max(0, done), false);
  };
  calls.store = (address, from) => {
    const done = process.poke(address, from);
    if (done === from.length) return;
    const { uffd } = process.mm.vmas.at(pageOf(address + done)) ?? {};
    if (uffd && !uffd.isAsync) {
      const at = `0x${(address + done).toString(16)}`;
      throw new Error(
        `${at} can't be written now: a userfaultfd holds the page, as for a watch. Remove the watch first.`,
      );
    }
    throw new MemoryFault("SEGV_MAPERR", address + done, true);
  };
  return calls;
}
