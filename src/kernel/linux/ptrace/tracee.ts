// One thread that we trace (ptrace(2), by PTRACE_SEIZE: no signal is sent to it), and the stops it makes.
import { Ptrace, SystemCall, Wait } from "../../abi.ts";
import { Errno } from "../../errno.ts";
import { KernelError } from "../../kernel-error.ts";
import { libc } from "../libc.ts";

/** Why a thread stands. */
export type Stop =
  /** Because we asked it to, or all of its process were stopped by a signal: it is in the kernel's get_signal, before any signal. */
  | { readonly kind: "trap" }
  /** At the beginning or the end of a system call, where it was resumed with {@link Tracee.toSystemCall}. */
  | { readonly kind: "system call" }
  /** A signal is about to be delivered to it, and is lost unless it is resumed with it. */
  | { readonly kind: "signal"; readonly signal: number }
  /** It has ended, and is our child no more. */
  | { readonly kind: "ended" };

const SIGTRAP = 5;
const SYSTEM_CALL_STOP = SIGTRAP | 0x80;
/** How often we look before we sleep: a thread that runs on the other processor stops within microseconds. */
const SPINS = 20;
/** Milliseconds between two looks; after {@link PATIENT} of them others get their turn of the event loop in between. */
const NAP = 0.03;
const PATIENT = 5;

const pause = new Int32Array(new SharedArrayBuffer(4));
const status = new Int32Array(1);
const statusAddress = addressOf(status);
/** struct iovec. */
const vector = new BigUint64Array(2);
const vectorAddress = addressOf(vector);

/** All of a thread's calls must come from one thread of ours: the main one of the agent. */
export class Tracee {
  readonly id: number;

  private constructor(id: number) {
    this.id = id;
  }

  /** Begins to trace a thread, which runs on. @throws {KernelError} EPERM, ESRCH. */
  static seize(id: number): Tracee {
    request(Ptrace.SEIZE, id, 0, Ptrace.O_TRACESYSGOOD, "ptrace SEIZE");
    return new Tracee(id);
  }

  /** Asks it to stop; {@link waitForStop} tells when it has. It stops anew if it stands. */
  interrupt(): void {
    request(Ptrace.INTERRUPT, this.id, 0, 0, "ptrace INTERRUPT");
  }

  /** Its registers as the kernel keeps them while it stands (struct user_pt_regs or user_regs_struct). */
  readRegisters(into: BigUint64Array): void {
    this.moveRegisters(Ptrace.GETREGSET, into);
  }

  /** Another set of registers. @param set the type of the note that holds it in a core file. @param most bytes. */
  readRegisterSet(set: number, most: number): Uint8Array {
    const into = new BigUint64Array(most / 8);
    vector[0] = BigInt(addressOf(into));
    vector[1] = BigInt(into.byteLength);
    request(Ptrace.GETREGSET, this.id, set, vectorAddress, "ptrace GETREGSET");
    return new Uint8Array(into.buffer, 0, Number(vector[1]));
  }

  writeRegisters(from: BigUint64Array): void {
    this.moveRegisters(Ptrace.SETREGSET, from);
  }

  private moveRegisters(which: number, registers: BigUint64Array): void {
    vector[0] = BigInt(addressOf(registers));
    vector[1] = BigInt(registers.byteLength);
    request(which, this.id, Ptrace.NT_PRSTATUS, vectorAddress, "ptrace REGSET");
  }

  /** Lets it go on, with the signal it stood at, if any; it stays traced. */
  goOn(signal = 0): void {
    request(Ptrace.CONT, this.id, 0, signal, "ptrace CONT");
  }

  /** The same, to the beginning or end of its next system call. */
  toSystemCall(signal = 0): void {
    request(Ptrace.SYSCALL, this.id, 0, signal, "ptrace SYSCALL");
  }

  /** Ends tracing a thread that stands. One that is gone needs none. */
  detach(signal = 0): void {
    try {
      request(Ptrace.DETACH, this.id, 0, signal, "ptrace DETACH");
    } catch (error) {
      if (!(error instanceof KernelError && error.code === "ESRCH")) throw error;
    }
  }

  /** Fills a struct by a request whose address is the struct's size. @returns false where the kernel knows no such request. */
  ask(which: number, into: BigUint64Array): boolean {
    try {
      request(which, this.id, into.byteLength, addressOf(into), "ptrace");
      return true;
    } catch {
      return false;
    }
  }

  /** Its stop, where it has made one that was not told yet. */
  stopNow(): Stop | undefined {
    try {
      const which = libc().systemCall(
        SystemCall.wait4,
        [this.id, statusAddress, Wait.NOHANG | Wait.ALL],
        "wait4",
        `thread ${this.id}`,
      );
      return which === 0 ? undefined : stopOf(status[0] ?? 0);
    } catch (error) {
      if (error instanceof KernelError && error.errno === Errno.ECHILD) return { kind: "ended" };
      if (error instanceof KernelError && error.errno === Errno.EINTR) return undefined;
      throw error;
    }
  }

  /** Waits for its next stop. @returns undefined where it makes none for so many milliseconds. */
  async waitForStop(milliseconds: number): Promise<Stop | undefined> {
    for (let i = 0; i < SPINS; i += 1) {
      const stop = this.stopNow();
      if (stop) return stop;
    }
    const start = performance.now();
    for (;;) {
      const stop = this.stopNow();
      if (stop) return stop;
      const waited = performance.now() - start;
      if (waited > milliseconds) return undefined;
      // The event loop's turn takes longer than a thread needs to stop.
      if (waited < PATIENT) Atomics.wait(pause, 0, 0, NAP);
      else await new Promise(resolve => setTimeout(resolve, 1));
    }
  }
}

function stopOf(word: number): Stop {
  if ((word & 0x7f) !== 0x7f) return { kind: "ended" };
  const signal = (word >> 8) & 0xff;
  if (word >> 16 === Ptrace.EVENT_STOP) return { kind: "trap" };
  return signal === SYSTEM_CALL_STOP ? { kind: "system call" } : { kind: "signal", signal };
}

function request(which: number, id: number, address: number, data: number, what: string): void {
  libc().systemCall(SystemCall.ptrace, [which, id, address, data], what, `thread ${id}`);
}

function addressOf(buffer: Int32Array | BigUint64Array): number {
  return Number(libc().addressOf(new Uint8Array(buffer.buffer)));
}
