// Holds all threads of a process still for a while, without a signal that it could notice, and tells their registers (ptrace(2)).
import { readdirSync } from "node:fs";
import { Errno } from "../errno.ts";
import type { HeldThreads, ThreadRegisters } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { libc } from "./libc.ts";
import { toldByYama } from "./yama.ts";

/** Numbers of system calls on x86-64, and requests of ptrace (include/uapi/linux/ptrace.h). */
const SYS = { WAIT4: 61, PTRACE: 101 } as const;
const Request = { SEIZE: 0x4206, INTERRUPT: 0x4207, GETREGSET: 0x4204, DETACH: 17 } as const;
/** Sets of registers, by the types of the notes that hold them (elf.h). */
const RegisterSet = { GENERAL: 1, FLOATING_POINT: 2 } as const;
const WALL_NO_HANG = 0x4000_0001;
const EVENT_STOP = 128;
/** Milliseconds that a thread may take to stand; one that waits for a disk does not stand before the disk answers. */
const PATIENCE = 5000;

interface Held {
  readonly id: number;
  /** A signal that arrived just as it was stopped, which it gets when it is let go. */
  readonly signal: number;
}

/**
 * Must be called, and released, on the process's main thread: the kernel takes a tracer's requests from one thread alone. If this
 * process dies, the kernel lets all threads go.
 * @throws {KernelError} EPERM: a debugger holds the process already, or it is not ours; ESRCH: it is gone.
 */
export async function holdThreads(pid: number): Promise<HeldThreads> {
  const held = new Map<number, Held>();
  const seized = new Set<number>();
  const release = (): void => {
    // Also those that have not stood yet: what can't be let go so has ended, or is let go when this process ends.
    for (const id of seized) attempt(() => ptrace(Request.DETACH, id, 0, held.get(id)?.signal ?? 0));
    seized.clear();
  };
  try {
    // Threads may start others until the last one stands.
    for (let found = true; found; ) {
      found = false;
      for (const id of threadsOf(pid)) {
        if (seized.has(id)) continue;
        if (!seize(pid, id)) continue;
        seized.add(id);
        found = true;
        ptrace(Request.INTERRUPT, id, 0, 0);
      }
      for (const id of seized) {
        if (held.has(id)) continue;
        const signal = await standing(id);
        if (signal === undefined) seized.delete(id);
        else held.set(id, { id, signal });
      }
    }
    const threads = [...held.keys()].sort((a, b) => Number(b === pid) - Number(a === pid) || a - b).map(registersOf);
    return { threads, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** @returns false where the thread has ended. */
function seize(pid: number, id: number): boolean {
  try {
    ptrace(Request.SEIZE, id, 0, 0);
    return true;
  } catch (error) {
    if (id !== pid && error instanceof KernelError && error.errno === Errno.ESRCH) return false;
    throw error instanceof KernelError ? toldByYama(error) : error;
  }
}

/** Waits until a thread stands. @returns the signal that it is owed; undefined where it has ended. */
async function standing(id: number): Promise<number | undefined> {
  const status = new Int32Array(1);
  const bytes = new Uint8Array(status.buffer);
  const { systemCall, addressOf } = libc();
  for (let waited = 0; waited < PATIENCE; waited += 1) {
    const args = [id, Number(addressOf(bytes)), WALL_NO_HANG, 0];
    if (systemCall(SYS.WAIT4, args, "wait4", `thread ${id}`) === id) {
      if ((status[0] & 0xff) !== 0x7f) return undefined;
      return status[0] >> 16 === EVENT_STOP ? 0 : (status[0] >> 8) & 0xff;
    }
    await new Promise(resolve => void setTimeout(resolve, waited < 20 ? 0 : 1));
  }
  throw new KernelError("ptrace", `thread ${id}`, Errno.ETIMEDOUT);
}

function registersOf(id: number): ThreadRegisters {
  const registers = registerSet(id, RegisterSet.GENERAL, 27 * 8);
  const floatingPoint = registerSet(id, RegisterSet.FLOATING_POINT, 512);
  return { id, registers, floatingPoint };
}

/** @returns undefined for a set that this processor has not. */
function registerSet(id: number, set: number, most: number): Uint8Array | undefined {
  const { addressOf } = libc();
  const into = new Uint8Array(most);
  // struct iovec; the kernel says in it how much it wrote.
  const vector = BigUint64Array.of(addressOf(into), BigInt(most));
  const failed = attempt(() => ptrace(Request.GETREGSET, id, set, Number(addressOf(new Uint8Array(vector.buffer)))));
  return failed ? undefined : into.slice(0, Number(vector[1]));
}

function ptrace(request: number, id: number, address: number, data: number): void {
  libc().systemCall(SYS.PTRACE, [request, id, address, data], "ptrace", `thread ${id}`);
}

/** @returns whether it failed. */
function attempt(call: () => void): boolean {
  try {
    call();
    return false;
  } catch {
    return true;
  }
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    throw new KernelError("open", `/proc/${pid}/task`, Errno.ESRCH);
  }
}
