// A process as its debugger reaches it: memory past all waiting, calls made in its name.
import type { Process } from "../../kernel/simulated/process.ts";
import { MemoryFault, type SystemCalls } from "../../kernel/simulated/system-calls.ts";

/** What the debugger does is none of the program's doing: it goes past whatever watches the program's own calls. */
export function debuggerCalls(process: Process): SystemCalls {
  const calls: SystemCalls = Object.create(process);
  calls.load = (address, into) => {
    const done = process.peek(address, into);
    if (done < into.length) throw new MemoryFault("SEGV_MAPERR", address + Math.max(0, done), false);
  };
  calls.store = (address, from) => {
    const done = process.poke(address, from);
    if (done < from.length) throw new MemoryFault("SEGV_MAPERR", address + Math.max(0, done), true);
  };
  return calls;
}
