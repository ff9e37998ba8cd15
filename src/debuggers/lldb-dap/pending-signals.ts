// Signals that were pending when a system call was to be stepped: the kernel delivers them first, to us, who hold the thread.
// Each is queued again, with all it carries, before the thread has its registers back: the program gets it when it goes on.
import type { CallContext } from "../debugger.ts";
import { toRegister } from "../registers.ts";
import { FIRST_REALTIME } from "../signal-numbers.ts";
import { runCommand } from "./commands.ts";
import { SIGNAL_INFO_SIZE, signalInfoBytes } from "./signal-info.ts";
import type { SteppedThread } from "./stepped-call.ts";

const RT_SIGPROCMASK = 14;
const GETPID = 39;
const GETTID = 186;
const RT_TGSIGQUEUEINFO = 297;
const SIG_SETMASK = 2;
/** Bytes of a signal mask in the kernel. */
const MASK_SIZE = 8;
const PAGE = 4096n;

export class PendingSignals {
  private readonly taken: { readonly signal: number; readonly info: string }[] = [];

  /**
   * Remembers the signal that the thread has just stopped for. A standard signal that has been taken would be pending yet but
   * for us, and the kernel drops a second of its kind; this has to be quick, or a fast timer is always quicker.
   */
  async take(context: CallContext, signal: number): Promise<void> {
    if (signal < FIRST_REALTIME && this.taken.some(known => known.signal === signal)) return;
    const index = await threadIndex(context);
    const info = signalInfoBytes(await runCommand(context, `thread siginfo ${index}`));
    this.taken.push({ signal, info });
  }

  /**
   * Queues them again: first all signals are blocked, or the next system call would meet what the last has queued.
   * What the kernel reads and writes for it is in the thread's stack, and is put back.
   * @throws {Error} the kernel refused.
   */
  async giveBack(thread: SteppedThread): Promise<void> {
    if (this.taken.length === 0) return;
    // The page of the stack pointer is there and can be written; below it there may be nothing.
    const place = (await thread.read("rsp")) & ~(PAGE - 1n);
    const before = await thread.readMemory(place, SIGNAL_INFO_SIZE + 2 * MASK_SIZE);
    const blocked = place + BigInt(SIGNAL_INFO_SIZE);
    const own = blocked + BigInt(MASK_SIZE);
    try {
      await thread.writeMemory(blocked, toRegister(-1));
      await demand(thread, "rt_sigprocmask", RT_SIGPROCMASK, [SIG_SETMASK, blocked, own, MASK_SIZE]);
      try {
        const pid = await demand(thread, "getpid", GETPID, []);
        const tid = await demand(thread, "gettid", GETTID, []);
        for (const { signal, info } of this.taken) {
          await thread.writeMemory(place, info);
          await demand(thread, "rt_tgsigqueueinfo", RT_TGSIGQUEUEINFO, [pid, tid, signal, place]);
        }
      } finally {
        await demand(thread, "rt_sigprocmask", RT_SIGPROCMASK, [SIG_SETMASK, own, 0, MASK_SIZE]);
      }
    } finally {
      await thread.writeMemory(place, before);
    }
  }
}

async function demand(
  thread: SteppedThread,
  name: string,
  number: number,
  args: readonly (number | bigint)[],
): Promise<number> {
  const result = await thread.call(number, args);
  if (result >= 0) return result;
  throw new Error(
    `A signal that was pending could not be given back to the program: ${name} failed (errno ${-result}).`,
  );
}

/** lldb's own number of the thread, which `thread siginfo` wants; it leaves the thread that is selected alone. */
async function threadIndex(context: CallContext): Promise<string> {
  const list = await runCommand(context, "thread list");
  const index = new RegExp(`thread #(\\d+): tid = ${context.threadId}\\b`).exec(list)?.[1];
  if (index === undefined) throw new Error(`lldb does not list thread ${context.threadId}: ${list.trim()}`);
  return index;
}
