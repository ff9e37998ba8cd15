// Threads of a process without a debugger, in words: what the kernel tells of each.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { USER_REGISTERS } from "../debuggers/registers.ts";
import type { ThreadState } from "../kernel/kernel.ts";
import { systemCallWords } from "../session/watch-words.ts";

const STATES: Readonly<Record<string, string>> = {
  R: "running",
  S: "sleeping",
  D: "in an uninterruptible wait",
  T: "stopped by a signal",
  t: "paused",
  Z: "ended",
  X: "ended",
};

/** "worker-3: sleeping in futex". */
export function threadName(thread: ThreadState): string {
  const state = STATES[thread.state] ?? `in state ${thread.state}`;
  const call = thread.call?.kind === "system call" ? ` in ${systemCallWords(thread.call).replace(/\(.*/s, "")}` : "";
  return `${thread.name || "thread"}: ${state}${call}`;
}

/** What its one frame is called: "epoll_wait(5, 0x7f0000001000, 128, -1)". */
export function frameName({ call, state }: ThreadState): string {
  if (call?.kind === "system call") return systemCallWords(call);
  return state === "R" ? "running" : "the program's own code";
}

/** @param bytes struct user_regs_struct; of other processors' none are shown. */
export function registerVariables(bytes: Uint8Array): DebugProtocol.Variable[] {
  if (bytes.byteLength !== USER_REGISTERS.length * 8) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return USER_REGISTERS.map((name, i) => ({
    name,
    value: `0x${view.getBigUint64(i * 8, true).toString(16)}`,
    variablesReference: 0,
  }));
}
