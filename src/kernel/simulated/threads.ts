// The threads of a process in its memory: their loads and stores, and their calls, which may wait or be interrupted.
import { PAGE_SIZE } from "../../memory/page.ts";
import type { AddressSpace, Host } from "./address-space.ts";
import { Refusal } from "./fault.ts";
import { orNoMemory } from "./out-of-memory.ts";
import { type Reached, reachByte, readBytes, writeBytes } from "./populate.ts";
import { INTERRUPTED, MemoryFault, unmappedFault, WAITS } from "./system-calls.ts";
import { HeldAccess, Task } from "./waiting.ts";
import type { Resumable } from "./work.ts";

/** Who accesses a process's memory from outside of the machine. */
const OUTSIDE = new Task(0);
/** What one instruction stores at once. */
const WORD_BYTES = 8;

export class Threads<Machine extends Host> {
  readonly machine: Machine;
  /** Replaced by exec. */
  mm: AddressSpace;
  /** By their numbers. */
  readonly tasks = new Map<number, Task>();
  /** The thread whose calls and accesses these are. */
  task: Task;

  /** @param first number of the first thread. */
  constructor(machine: Machine, mm: AddressSpace, first: number) {
    this.machine = machine;
    this.mm = mm;
    this.task = this.addTask(first);
  }

  /** A thread more. @param id as gettid(2) answers it there. */
  addTask(id: number): Task {
    const task = new Task(id);
    this.tasks.set(id, task);
    return task;
  }

  load(address: number, into: Uint8Array, call?: number): void {
    const waited = this.beginAccess(call);
    this.raise(readBytes(this.mm, address, into, call === undefined ? "instruction" : "system call"), address, false);
    if (waited) this.endWait();
  }

  store(address: number, from: Uint8Array, call?: number): void {
    const waited = this.beginAccess(call);
    // One instruction's store across the end of a page needs both pages before it changes either.
    const before = PAGE_SIZE - (address % PAGE_SIZE);
    if (call === undefined && from.length <= WORD_BYTES && before < from.length) {
      const next = address + before;
      // What has waited goes on in the fault in which it was, before the instruction is made anew.
      if (waited && this.task.heldAt === next) this.raise(reachByte(this.mm, next, true), next, true, 0);
      this.raise(reachByte(this.mm, address, true), address, true);
      this.raise(reachByte(this.mm, next, true), next, true, 0);
    }
    const how = call === undefined ? "instruction" : "system call";
    this.raise(writeBytes(this.mm, address, from, how), address, true);
    if (waited) this.endWait();
  }

  private endWait(): void {
    this.task.faultsDone += 1;
    this.machine.waits.done.fire();
  }

  /** @returns whether the access goes on that has waited: within its fault, which ends with it. */
  private beginAccess(call: number | undefined): boolean {
    const { task, machine } = this;
    machine.task = task;
    const waited = task.waits !== undefined;
    task.waits = undefined;
    task.entered = call === undefined ? undefined : { number: call, args: [] };
    return waited;
  }

  /** Lets the thread wait, or gives it the signal, where its access was refused. @param made bytes that were reached before. */
  private raise({ done, refusal, wait }: Reached, address: number, isWrite: boolean, made = done): void {
    if (refusal >= 0) return;
    const at = address + done;
    this.task.waits = wait;
    this.task.heldAt = at;
    if (wait) throw new HeldAccess(wait, at, made);
    if (refusal === Refusal.MAPERR) throw unmappedFault(BigInt(at), isWrite);
    throw new MemoryFault(refusal === Refusal.ACCERR ? "SEGV_ACCERR" : "BUS_ADRERR", at, isWrite);
  }

  /** A debugger reads the memory; it never waits. @returns how many bytes could be read. */
  peek(address: number, into: Uint8Array): number {
    this.machine.task = OUTSIDE;
    return orNoMemory(() => readBytes(this.mm, address, into, "debugger").done);
  }

  /** A debugger writes to the memory. @returns how many bytes could be written: not those that a userfaultfd holds. */
  poke(address: number, from: Uint8Array): number {
    this.machine.task = OUTSIDE;
    return orNoMemory(() => writeBytes(this.mm, address, from, "debugger").done);
  }

  /** Goes on with the call that the thread is in, or begins one. @returns its answer, INTERRUPTED or WAITS. */
  protected perform(begin: () => Resumable<number>, number: number, ...args: readonly (bigint | number)[]): number {
    const { task, machine } = this;
    machine.task = task;
    if (task.call && task.isWaiting) return WAITS;
    const call = task.call ?? begin();
    task.call = undefined;
    task.waits = undefined;
    const answer = orNoMemory(() => {
      for (;;) {
        const { done, value } = call.next();
        if (done) return value;
        task.waits = value;
        if (!value && !machine.work.isSpent) continue;
        task.call = call;
        return value ? WAITS : INTERRUPTED;
      }
    });
    if (!task.call) task.entered = undefined;
    else task.entered ??= { number, args: args.map(arg => BigInt.asUintN(64, BigInt(arg))) };
    return answer;
  }
}
