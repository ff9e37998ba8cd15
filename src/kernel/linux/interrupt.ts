// A signal to one thread that a debugger holds, which keeps it for itself: the quickest way to have that thread stop.
import { readFileSync } from "node:fs";
import { SystemCall } from "../abi.ts";
import { libc } from "./libc.ts";

/**
 * tgkill(2), where the thread is traced: to a program that no debugger holds the signal would be one of its own.
 * @returns whether it was sent: not where nobody traces the thread, or there is none of that number.
 */
export function interruptThread(pid: number, threadId: number, signal: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/task/${threadId}/status`, "latin1");
    if (/^TracerPid:\t0$/m.test(status)) return false;
    libc().systemCall(SystemCall.tgkill, [pid, threadId, signal], "tgkill", `thread ${threadId}`);
    return true;
  } catch {
    return false;
  }
}
