// Threads that wait in the kernel: in a page fault until a userfaultfd's holder answers, or for something to read.
import { Emitter } from "../../common/emitter.ts";
import type { Resumable } from "./work.ts";

/** What a thread waits for. */
export interface Wait {
  /** Whether the thread may go on; it then looks anew, and may have to wait again. */
  readonly isOver: boolean;
  /** Whether somebody outside of the machine may end it: then nobody can say that the program stands still for ever. */
  readonly mayBeAnswered: boolean;
  /** The thread waits no longer: a signal came, or its end. */
  giveUp(): void;
}

/** A thread as the kernel knows it: what it is in the midst of. */
export class Task {
  /** As gettid(2) answers it. */
  readonly id: number;
  /** The system call it is in; undefined while its own instructions run. */
  call: Resumable<number> | undefined;
  /** The number and arguments of the call in which it waits, as /proc/PID/task/TID/syscall tells them; undefined in an access of its own. */
  entered: { readonly number: number; readonly args: readonly bigint[] } | undefined;
  waits: Wait | undefined;
  /** Address of the byte at which its last access was held, or refused. */
  heldAt = 0;
  /** A debugger has stopped it. */
  isStopped = false;
  /** Page faults of its own accesses that were dealt with to their end (min_flt). */
  faultsDone = 0;
  /** Where its own code stands, in bytes: program counter and stack pointer; known where an interpreter runs it. */
  where: (() => { readonly pc: number; readonly sp: number }) | undefined;

  constructor(id: number) {
    this.id = id;
  }

  get isWaiting(): boolean {
    return this.waits !== undefined && !this.waits.isOver;
  }

  /** Ends its wait and the call it is in, without any answer: the thread ends, or runs other code. */
  giveUp(): void {
    this.waits?.giveUp();
    this.waits = undefined;
    this.call = undefined;
    this.entered = undefined;
  }

  /** Whether it waits in a load or store of its own: such a wait any signal ends, one in a system call only a fatal signal. */
  get waitsInAccess(): boolean {
    return this.isWaiting && this.entered === undefined;
  }
}

/** What the machine tells of those who wait. */
export class WaitEvents {
  /** A thread waits in a fault from now on. */
  readonly held = new Emitter<void>();
  /** One that waited may go on. */
  readonly woken = new Emitter<void>();
  /** One that waited has made its access. */
  readonly done = new Emitter<void>();
}

/** An access of the program's own that waits: made again once {@link wait} is over, it goes on. */
export class HeldAccess extends Error {
  readonly wait: Wait;
  /** Bytes before the held one, which were loaded or stored. */
  readonly done: number;

  constructor(wait: Wait, address: number, done: number) {
    super(`an access to 0x${address.toString(16)} waits for a userfaultfd's holder`);
    this.name = "HeldAccess";
    this.wait = wait;
    this.done = done;
  }
}
