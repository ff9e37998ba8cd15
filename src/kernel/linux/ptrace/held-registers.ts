// The registers of threads that stand for us, as a core file has them.
import { Ptrace } from "../../abi.ts";
import type { ThreadRegisters } from "../../kernel.ts";
import { held } from "./held.ts";
import { processor } from "./inject.ts";
import type { Tracee } from "./tracee.ts";

/** Bytes of struct user_fpregs_struct, on x86-64 and aarch64 alike less than this; the kernel says how many it filled. */
const FLOATING_POINT = 1024;

/** See {@link Kernel.heldRegisters}. */
export function heldRegisters(pid: number): ThreadRegisters[] {
  const threads = [...(held.get(pid) ?? [])];
  return threads
    .sort(([a], [b]) => Number(b === pid) - Number(a === pid) || a - b)
    .map(([id, tracee]) => ({ id, ...registersOf(tracee) }));
}

function registersOf(tracee: Tracee): Omit<ThreadRegisters, "id"> {
  try {
    const words = new BigUint64Array(processor.count);
    tracee.readRegisters(words);
    const floatingPoint = tracee.readRegisterSet(Ptrace.NT_PRFPREG, FLOATING_POINT);
    return { registers: new Uint8Array(words.buffer), floatingPoint };
  } catch {
    // It was killed as it stood.
    return {};
  }
}
