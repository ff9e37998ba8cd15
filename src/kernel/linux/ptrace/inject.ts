// One system call in a process that nobody traces: a thread of it is stopped, led to a system call instruction and back, and let go.
//
// What keeps the program from noticing (arch/x86/kernel/signal.c, kernel/signal.c, kernel/ptrace.c):
// - The thread stops inside the kernel, before it takes signals, and a call that it waited in is not begun anew before that. With its
//   registers back as they were it is let go in the same place, so that the kernel decides as if nothing had been: whether the call
//   is begun anew, goes on for the rest of its time, or ends with EINTR because a handler ran. (The stop at our call's end is another
//   place, but ending to trace a thread sends it through the same one: __ptrace_unlink sets TIF_SIGPENDING.)
// - A signal that arrives before our call has begun is delivered first, with the program's own registers.
// - Other threads are not touched, nothing is written to memory, no signal is sent, and a process that was stopped stays so.
// - Where a call fails with EINTR for the stop alone (epoll_wait), it is made to begin anew; see thread-choice.ts.
//
// From `lead` to the registers' return the thread would go astray if this process died: two waits, some ten microseconds each, and
// nothing else is done in between. Signals that end a process are handled by the event loop, so that they wait.
import { readdirSync } from "node:fs";
import { Ptrace, Restart } from "../../abi.ts";
import { Errno } from "../../errno.ts";
import { KernelError } from "../../kernel-error.ts";
import { parseBlockedCall } from "../blocked-call.ts";
import { threadFile } from "../thread-files.ts";
import { toldByYama } from "../yama.ts";
import { aarch64 } from "./aarch64.ts";
import { findInstruction, isInSequence, standsAt } from "./code.ts";
import { held, inTurn } from "./held.ts";
import { refuseFiltered, requireCallable } from "./refusals.ts";
import type { CallRegisters } from "./registers.ts";
import { mayBeMadeAgain, rankOf } from "./thread-choice.ts";
import { type Stop, Tracee } from "./tracee.ts";
import { x86_64 } from "./x86-64.ts";

/** Milliseconds in which a thread must be found that takes the call. */
const PATIENCE = 3_000;
/** The same for one thread to stop; one that does not is in an uninterruptible wait. */
const STOPPING = 500;
/** Milliseconds between two looks for a thread where none could be chosen. */
const ANOTHER_LOOK = 1;
/** Of more threads the first ones are looked at. */
const MOST_THREADS = 256;
/** With more of them in one go, signals leave no room. */
const MOST_SIGNALS = 1_000;
/** How long our call may take before it is interrupted, milliseconds. */
const CALL = 1_000;
/** Milliseconds between two looks at a thread that did not stop when it was asked to. */
const STRAY = 5;

export const processor: CallRegisters = process.arch === "arm64" ? aarch64 : x86_64;

/** What is run. */
export interface Call {
  readonly pid: number;
  /** Where an instruction stands that makes a system call. */
  readonly instruction: number;
  readonly number: number;
  readonly args: readonly number[];
}

/** The thread was not in a state to take the call, and is as it was. */
export class NotNow extends Error {}

/** See {@link Kernel.injectCall}. */
export function injectCall(pid: number, number: number, args: readonly number[]): Promise<number> {
  return inTurn(() => inject(pid, number, args));
}

async function inject(pid: number, number: number, args: readonly number[]): Promise<number> {
  const end = performance.now() + PATIENCE;
  const tried = new Map<number, number>();
  for (;;) {
    requireCallable(pid);
    let why = "";
    const instruction = instructionIn(pid);
    // Those that were tried least come first: what the others are about may be long.
    const [thread] = threadsByRank(pid).sort((a, b) => (tried.get(a) ?? 0) - (tried.get(b) ?? 0));
    if (instruction === undefined) why = "no instruction was found in its code that makes a system call";
    else if (thread === undefined) why = `all of its threads are ${states(pid)}`;
    else {
      tried.set(thread, (tried.get(thread) ?? 0) + 1);
      refuseFiltered(pid, thread);
      try {
        return await runIn(thread, { pid, instruction, number, args });
      } catch (error) {
        if (!(error instanceof NotNow)) throw error;
        why = error.message;
      }
    }
    if (performance.now() > end)
      throw new Error(
        `No thread of process ${pid} could run the call within ${PATIENCE / 1000} s: ${why}. Try again later.`,
      );
    await new Promise(resolve => setTimeout(resolve, ANOTHER_LOOK));
  }
}

/** @throws {KernelError} without the right to attach, with the remedy. */
function instructionIn(pid: number): number | undefined {
  try {
    return findInstruction(pid, processor.instruction);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    throw toldByYama(new KernelError("ptrace", `process ${pid}`, error.errno));
  }
}

/** Threads that may be chosen now, the best first. @throws {KernelError} ESRCH. */
function threadsByRank(pid: number): number[] {
  const standing = held.get(pid);
  const ranked = threadsOf(pid).flatMap(thread => {
    const isCandidate = standing === undefined || standing.has(thread);
    if (!isCandidate) return [];
    const rank = rankOf(standing ? "S" : stateOf(pid, thread), parseBlockedCall(threadFile(pid, thread, "syscall")));
    return rank === undefined ? [] : [{ thread, rank }];
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ thread }) => thread);
}

/** @throws {KernelError} ESRCH. */
export function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).slice(0, MOST_THREADS).map(Number);
  } catch {
    throw new KernelError("ptrace", `process ${pid}`, Errno.ESRCH);
  }
}

export function stateOf(pid: number, thread: number): string {
  const stat = threadFile(pid, thread, "stat");
  return stat.charAt(stat.lastIndexOf(")") + 2);
}

/** In words, for a refusal. */
function states(pid: number): string {
  const calls = threadsOf(pid).map(thread => {
    const state = stateOf(pid, thread);
    const call = parseBlockedCall(threadFile(pid, thread, "syscall"));
    if (state === "D") return "in an uninterruptible wait";
    return call?.kind === "system call" ? `in system call ${call.number}, which an interruption would end` : "ending";
  });
  return [...new Set(calls)].join(", or ");
}

/**
 * Makes the call in that thread.
 * @throws {NotNow} it could not be made in it now; {KernelError} the thread can't be traced.
 */
export async function runIn(thread: number, call: Call): Promise<number> {
  const standing = held.get(call.pid)?.get(thread);
  if (standing) return runInStanding(standing, call);
  const tracee = seize(thread, call.pid);
  let isOver = false;
  try {
    tracee.interrupt();
    const result = await callBetweenSignals(tracee, call);
    isOver = result.kind === "ended";
    if (result.kind === "done") return result.value;
    throw result.kind === "ended" ? new NotNow("a thread ended") : new NotNow(result.why);
  } catch (error) {
    if (error instanceof Unstoppable) {
      isOver = true;
      letGoLater(tracee);
      throw new NotNow(error.message);
    }
    throw error;
  } finally {
    if (!isOver) tracee.detach();
  }
}

/** In one that stands for longer: it is in the same trap again afterwards. */
async function runInStanding(tracee: Tracee, call: Call): Promise<number> {
  tracee.interrupt();
  tracee.goOn();
  const result = await callBetweenSignals(tracee, call);
  if (result.kind === "ended") throw new NotNow("a thread ended");
  tracee.interrupt();
  tracee.goOn();
  await untilTrap(tracee);
  if (result.kind === "done") return result.value;
  throw new NotNow(result.why);
}

export class Unstoppable extends Error {}

type Attempt =
  | { readonly kind: "done"; readonly value: number }
  | { readonly kind: "not now"; readonly why: string }
  | { readonly kind: "ended" };

/** @returns with the thread standing, its registers its own, but for "ended". */
async function callBetweenSignals(tracee: Tracee, call: Call): Promise<Attempt> {
  for (let i = 0; i < MOST_SIGNALS; i += 1) {
    const isStanding = await untilTrap(tracee);
    if (!isStanding) return { kind: "ended" };
    const registers = new BigUint64Array(processor.count);
    tracee.readRegisters(registers);
    const why = whyNotHere(tracee, registers, call);
    keepFromFailing(tracee, registers);
    if (why) return { kind: "not now", why };
    const attempt = await lead(tracee, registers, call);
    if (attempt.kind !== "signal") return attempt;
    // Delivered as if we were not there; the next stop is before its handler's first instruction, or where the thread was.
    tracee.interrupt();
    tracee.goOn(attempt.signal);
  }
  return { kind: "not now", why: "it gets signals all the time" };
}

/** Waits until the thread stands where it may be led away; signals that come first are delivered. @returns false where it has ended. */
export async function untilTrap(tracee: Tracee): Promise<boolean> {
  for (;;) {
    const stop = await tracee.waitForStop(STOPPING);
    if (!stop) throw new Unstoppable("a thread is in an uninterruptible wait");
    if (stop.kind === "ended") return false;
    if (stop.kind === "trap") return true;
    tracee.goOn(stop.kind === "signal" ? stop.signal : 0);
  }
}

/** A call that would fail with EINTR since we have stopped it begins anew, whatever becomes of us. */
export function keepFromFailing(tracee: Tracee, registers: BigUint64Array): void {
  const number = processor.interrupted(registers);
  if (number === undefined || processor.result(registers) !== -Errno.EINTR || !mayBeMadeAgain(number)) return;
  processor.beginAnew(registers);
  tracee.writeRegisters(registers);
}

/** What forbids leading the thread away from where it is. */
function whyNotHere(tracee: Tracee, registers: BigUint64Array, { pid, instruction }: Call): string | undefined {
  if (!processor.isNative(registers)) return "a thread runs 32-bit code";
  if (!standsAt(pid, instruction, processor.instruction)) return "its code was replaced meanwhile (exec)";
  // struct ptrace_sud_config: mode, selector, offset, len; calls from elsewhere than a range would raise SIGSYS.
  const dispatch = new BigUint64Array(4);
  if (tracee.ask(Ptrace.GET_SYSCALL_USER_DISPATCH_CONFIG, dispatch) && dispatch[0] !== 0n)
    return "its system calls are dispatched to the program itself (prctl PR_SET_SYSCALL_USER_DISPATCH)";
  if (processor.interrupted(registers) !== undefined) return undefined;
  // struct ptrace_rseq_configuration: rseq_abi_pointer, then three u32.
  const sequence = new BigUint64Array(3);
  if (!tracee.ask(Ptrace.GET_RSEQ_CONFIGURATION, sequence)) return undefined;
  const isInside = isInSequence(pid, Number(sequence[0]), processor.pc(registers));
  return isInside ? "a thread is inside a restartable sequence" : undefined;
}

/** The way there and back. @returns with the thread standing, its registers its own; or before a signal that is still to be delivered. */
async function lead(
  tracee: Tracee,
  registers: BigUint64Array,
  { instruction, number, args }: Call,
): Promise<Attempt | { readonly kind: "signal"; readonly signal: number }> {
  const ours = registers.slice();
  processor.prepare(ours, instruction, number, args);
  tracee.writeRegisters(ours);
  tracee.toSystemCall();
  let stop = await nextStop(tracee);
  // Once more where it was stopped twice: by us, and by a signal to its whole process.
  while (stop.kind === "trap") {
    tracee.toSystemCall();
    stop = await nextStop(tracee);
  }
  if (stop.kind === "system call") {
    tracee.toSystemCall();
    stop = await nextStop(tracee);
  }
  if (stop.kind === "ended") return stop;
  if (stop.kind === "system call") tracee.readRegisters(ours);
  tracee.writeRegisters(registers);
  if (stop.kind === "signal") return stop;
  const value = processor.result(ours);
  const isInterrupted = value <= -Restart.SYS && value >= -Restart.BLOCK;
  return isInterrupted ? { kind: "not now", why: "the call was interrupted" } : { kind: "done", value };
}

/** The thread's next stop, however long that takes: it must not be left on its way. A call that takes long is interrupted. */
async function nextStop(tracee: Tracee): Promise<Stop> {
  for (;;) {
    const stop = await tracee.waitForStop(CALL);
    if (stop) return stop;
    tracee.interrupt();
  }
}

export function seize(thread: number, pid: number): Tracee {
  try {
    return Tracee.seize(thread);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    if (error.code === "ESRCH") throw new NotNow("a thread ended");
    // Who traces it may have come this very moment.
    requireCallable(pid);
    throw toldByYama(new KernelError(error.call, `process ${pid}`, error.errno));
  }
}

/** A thread that did not stop can't be let go before it does; if this process ends before, the kernel lets it go. */
export function letGoLater(tracee: Tracee): void {
  const timer = setInterval(() => {
    const stop = tracee.stopNow();
    if (!stop) return;
    clearInterval(timer);
    if (stop.kind !== "ended") tracee.detach(stop.kind === "signal" ? stop.signal : 0);
  }, STRAY);
  timer.unref();
}
