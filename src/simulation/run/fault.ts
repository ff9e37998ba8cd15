// What ends a program that does not end by itself: a signal, as a debugger shows it and as the exit code tells it.

import { OutOfMemory } from "../../kernel/simulated/out-of-memory.ts";
import { MemoryFault, NeverReturns } from "../../kernel/simulated/system-calls.ts";
import { ArithmeticProblem } from "../language/integer.ts";
import { CallFailure, ProgramFailure } from "./code.ts";

export interface Fault {
  readonly signal: "SIGSEGV" | "SIGBUS" | "SIGFPE" | "SIGABRT" | "SIGKILL";
  /** The signal's number. */
  readonly number: number;
  /** In a sentence, with the address where there is one. */
  readonly message: string;
  /** Where the access went. */
  readonly address?: number;
}

const REASONS: Readonly<Record<Exclude<MemoryFault["reason"], "SI_KERNEL">, string>> = {
  SEGV_MAPERR: "address not mapped to object",
  SEGV_ACCERR: "invalid permissions for mapped object",
  BUS_ADRERR: "beyond the end of the mapped file",
};

/** What the kernel's OOM killer does to a program that takes all there is. */
const OUT_OF_MEMORY: Fault = {
  signal: "SIGKILL",
  number: 9,
  message: "out of memory: the simulated machine has 2 GiB",
};

/** @returns undefined for an error that is none of the program's. */
export function faultOf(error: unknown): Fault | undefined {
  if (error instanceof MemoryFault) {
    const { signal, reason, address, isWrite } = error;
    if (reason === "SI_KERNEL") {
      const message = `${isWrite ? "write to" : "read of"} what can be no address, beyond the 47 bits that programs have (${reason})`;
      return { signal, number: 11, message };
    }
    const message = `${isWrite ? "write to" : "read of"} 0x${address.toString(16)}: ${REASONS[reason]} (${reason})`;
    return { signal, number: signal === "SIGBUS" ? 7 : 11, message, address };
  }
  if (error instanceof ArithmeticProblem) {
    const { message, isDivision } = error;
    return isDivision ? { signal: "SIGFPE", number: 8, message } : { signal: "SIGABRT", number: 6, message };
  }
  if (error instanceof CallFailure || error instanceof ProgramFailure) {
    return { signal: "SIGABRT", number: 6, message: error.message };
  }
  if (error instanceof OutOfMemory) return OUT_OF_MEMORY;
  // Whoever waits for it would in the end kill it.
  if (error instanceof NeverReturns) return { signal: "SIGKILL", number: 9, message: error.message };
  return undefined;
}
