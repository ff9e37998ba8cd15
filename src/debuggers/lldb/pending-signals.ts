// Signals that were pending when a system call was to be stepped: the kernel delivers them first, to us, who hold the thread.
// Each is queued again, with all it carries, before the thread has its registers back: the program gets it when it goes on.

import { toRegister } from "../registers.ts";
import { FIRST_REALTIME } from "../signal-numbers.ts";
import { type LldbContext, runCommand } from "./commands.ts";
import { isOfTimer, SIGNAL_INFO_SIZE, signalInfoBytes } from "./signal-info.ts";
import { threadIndices } from "./step-instruction.ts";
import type { SteppedThread } from "./stepped-call.ts";

const RT_SIGPROCMASK = 14;
const GETPID = 39;
const GETTID = 186;
const RT_TGSIGQUEUEINFO = 297;
const SIG_SETMASK = 2;
/** Bytes of a signal mask in the kernel. */
const MASK_SIZE = 8;
const PAGE = 4096n;

/** Expirations of a timer to take before more of them are taken for more of the same. */
const ENOUGH_OF_A_TIMER = 3;

interface Taken {
  readonly signal: number;
  /** Its siginfo_t, two digits a byte. */
  readonly info: string;
}

export class PendingSignals {
  private taken: Taken[] = [];
  private threadIndex: number | undefined;

  /**
   * Remembers the signal that the thread stands for at this moment.
   *
   * This has to be quick, or a fast timer is always quicker. A standard signal that has been taken would be pending yet but for
   * us, and the kernel drops a second of its kind. A timer's real-time signal is pending once at most, too: its further
   * expirations are counted.
   */
  async take(context: LldbContext, signal: number): Promise<void> {
    if (this.isKnown(signal)) return;
    this.threadIndex ??= await threadIndex(context);
    this.taken.push({ signal, info: signalInfoBytes(await runCommand(context, `thread siginfo ${this.threadIndex}`)) });
  }

  /** Those of which no further one would be remembered. */
  get known(): readonly number[] {
    return [...new Set(this.taken.map(({ signal }) => signal))].filter(signal => this.isKnown(signal));
  }

  private isKnown(signal: number): boolean {
    const same = this.taken.filter(known => known.signal === signal);
    if (signal < FIRST_REALTIME && same.length > 0) return true;
    return same.length >= ENOUGH_OF_A_TIMER && same.every(({ info }) => isOfTimer(info));
  }

  /** Whether none was taken that the kernel would deliver before this one. */
  isFirst(signal: number): boolean {
    return this.taken.every(taken => taken.signal >= signal);
  }

  forget(signal: number): void {
    this.taken = this.taken.filter(taken => taken.signal !== signal);
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
async function threadIndex(context: LldbContext): Promise<number> {
  const list = await runCommand(context, "thread list");
  const index = threadIndices(list).get(context.threadId);
  if (index === undefined) throw new Error(`lldb does not list thread ${context.threadId}: ${list.trim()}`);
  return index;
}
