// Has all threads of a process stand, and lets them go: by ptrace and not by SIGSTOP, which its parent would be told of, which a
// SIGCONT of anybody's would undo, and after which epoll_wait and others fail with EINTR (signal(7)). If this process ends, the
// kernel lets the threads go; nothing traces the process while it runs.
import { readdirSync, readFileSync } from "node:fs";
import { Errno } from "../../errno.ts";
import type { ThreadState } from "../../kernel.ts";
import { KernelError } from "../../kernel-error.ts";
import { parseBlockedCall } from "../blocked-call.ts";
import { threadFile } from "../thread-files.ts";
import { held, inTurn } from "./held.ts";
import { keepFromFailing, letGoLater, NotNow, processor, seize, stateOf, Unstoppable, untilTrap } from "./inject.ts";
import { requireTraceable } from "./refusals.ts";
import type { Tracee } from "./tracee.ts";

/** Milliseconds between two looks whether threads that stand have been killed: they would stay until their tracer has been told. */
const LOOK = 100;
/** A program that starts threads faster than they can be found is told of. */
const ROUNDS = 100;

/** Ends a {@link runFor} before its time. */
const cuts = new Map<number, () => void>();

/** See {@link Kernel.hold}. */
export async function holdProcess(pid: number): Promise<void> {
  cuts.get(pid)?.();
  return inTurn(() => hold(pid));
}

/** See {@link Kernel.release}. */
export function releaseProcess(pid: number): Promise<void> {
  return inTurn(async () => release(pid));
}

/** See {@link Kernel.runFor}. */
export async function runFor(pid: number, milliseconds: number): Promise<void> {
  let cut = (): void => {};
  const isCut = new Promise<void>(resolve => {
    cut = resolve;
  });
  cuts.set(pid, cut);
  await releaseProcess(pid);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isOver = new Promise<void>(resolve => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([isCut, isOver]);
  clearTimeout(timer);
  if (cuts.get(pid) === cut) cuts.delete(pid);
  await inTurn(() => hold(pid));
}

async function hold(pid: number): Promise<void> {
  if (held.has(pid)) return;
  requireTraceable(pid);
  const threads = new Map<number, Tracee>();
  const standing = new Map<number, Tracee>();
  try {
    // Those that run may start others; when all known ones stand and no other is there, none will come.
    for (let round = 0; ; round += 1) {
      const fresh = threadsIn(pid).filter(thread => !threads.has(thread) && !"ZX".includes(stateOf(pid, thread)));
      if (fresh.length === 0) break;
      if (round === ROUNDS) throw new Error(`Process ${pid} starts threads faster than they can be stopped.`);
      for (const thread of fresh) begin(thread, pid, threads);
      for (const thread of fresh) await untilItStands(thread, threads, standing);
    }
    if (standing.size === 0) throw new KernelError("ptrace", `process ${pid}`, Errno.ESRCH);
  } catch (error) {
    for (const tracee of standing.values()) tracee.detach();
    for (const [thread, tracee] of threads) if (!standing.has(thread)) letGoLater(tracee);
    throw error;
  }
  held.set(pid, standing);
  for (const [thread, tracee] of threads) if (!standing.has(thread)) late(pid, thread, tracee);
  lookForTheDead(pid, standing);
}

function begin(thread: number, pid: number, threads: Map<number, Tracee>): void {
  try {
    const tracee = seize(thread, pid);
    threads.set(thread, tracee);
    tracee.interrupt();
  } catch (error) {
    if (!(error instanceof NotNow) && !(error instanceof KernelError && error.code === "ESRCH")) throw error;
  }
}

async function untilItStands(
  thread: number,
  threads: Map<number, Tracee>,
  standing: Map<number, Tracee>,
): Promise<void> {
  const tracee = threads.get(thread);
  if (!tracee) return;
  try {
    if (!(await untilTrap(tracee))) return;
    atTrap(tracee);
    standing.set(thread, tracee);
  } catch (error) {
    // It runs nothing of the program's before it stops.
    if (!(error instanceof Unstoppable)) throw error;
  }
}

function atTrap(tracee: Tracee): void {
  const registers = new BigUint64Array(processor.count);
  tracee.readRegisters(registers);
  keepFromFailing(tracee, registers);
}

/** A thread in an uninterruptible wait stops when that ends; or is let go then, where its process has been. */
function late(pid: number, thread: number, tracee: Tracee): void {
  const threads = held.get(pid);
  const timer = setInterval(() => {
    const stop = tracee.stopNow();
    if (!stop) return;
    clearInterval(timer);
    if (stop.kind === "ended") return;
    if (stop.kind === "trap" && threads && held.get(pid) === threads) {
      atTrap(tracee);
      threads.set(thread, tracee);
    } else tracee.detach(stop.kind === "signal" ? stop.signal : 0);
  }, 1);
  timer.unref();
}

function lookForTheDead(pid: number, threads: Map<number, Tracee>): void {
  const timer = setInterval(() => {
    if (held.get(pid) !== threads) return clearInterval(timer);
    void inTurn(async () => {
      for (const [thread, tracee] of threads) if (tracee.stopNow()?.kind === "ended") threads.delete(thread);
      if (threads.size === 0 && held.get(pid) === threads) held.delete(pid);
    });
  }, LOOK);
  timer.unref();
}

function release(pid: number): void {
  const threads = held.get(pid);
  held.delete(pid);
  for (const tracee of threads?.values() ?? []) tracee.detach();
}

/** See {@link Kernel.threads}. */
export function threadsOfProcess(pid: number): ThreadState[] {
  return threadsIn(pid).flatMap(id => {
    const name = nameOf(pid, id);
    const state = stateOf(pid, id);
    if (name === undefined || state === "") return [];
    const call = state === "R" ? undefined : parseBlockedCall(threadFile(pid, id, "syscall"));
    return [{ id, name, state, ...(call ? { call } : {}) }];
  });
}

function nameOf(pid: number, thread: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/comm`, "utf8").trim();
  } catch {
    return undefined;
  }
}

function threadsIn(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}
