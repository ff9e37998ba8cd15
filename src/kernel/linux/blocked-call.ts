// What a thread waits in, and how many of its page faults are done: /proc/PID/task/TID/syscall and stat (fs/proc/base.c, array.c).
import type { BlockedCall } from "../kernel.ts";
import { threadFile } from "./thread-files.ts";

/** See {@link Kernel.blockedCall}; needs the right to attach. */
export function blockedCall(pid: number, threadId: number): BlockedCall | undefined {
  return parseBlockedCall(threadFile(pid, threadId, "syscall"));
}

/**
 * @param text "running", "-1 0xSP 0xPC" outside of system calls, or "0 0x3 0x7f… 0x5 0x0 0x0 0x0 0xSP 0xPC": number and arguments.
 * @returns undefined for a thread that runs, and for what is none of these.
 */
export function parseBlockedCall(text: string): BlockedCall | undefined {
  const words = text.trim().split(" ");
  const [sp, pc] = words.slice(-2).map(signed);
  if (!Number.isFinite(sp) || !Number.isFinite(pc)) return undefined;
  if (words.length === 3 && words[0] === "-1") return { kind: "store", pc, sp };
  if (words.length !== 9) return undefined;
  return { kind: "system call", number: Number(words[0]), args: words.slice(1, 7).map(signed), pc, sp };
}

/** See {@link Kernel.faultsDone}: min_flt and maj_flt, which the kernel counts when a fault is over (mm_account_fault). */
export function faultsDone(pid: number, threadId: number): number | undefined {
  return parseFaultsDone(threadFile(pid, threadId, "stat"));
}

/** See {@link Kernel.isStopped}. */
export function isStopped(pid: number, threadId: number): boolean {
  const stat = threadFile(pid, threadId, "stat");
  return "tT".includes(stat.charAt(stat.lastIndexOf(")") + 2) || " ");
}

/** @param text of /proc/PID/stat; the thread's name, in brackets, may itself hold brackets and spaces. */
export function parseFaultsDone(text: string): number | undefined {
  // The tenth and twelfth field; what follows the name begins with the third.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields.length < 10 ? undefined : Number(fields[7]) + Number(fields[9]);
}

function signed(word: string | undefined): number {
  return word !== undefined && /^0x[0-9a-f]+$/.test(word) ? Number(BigInt.asIntN(64, BigInt(word))) : Number.NaN;
}
