// A thread of a simulated program: its frames, and its accesses to memory.
import { type SystemCalls, unmappedFault } from "../../kernel/simulated/system-calls.ts";
import { Task } from "../../kernel/simulated/waiting.ts";
import { and, type Integer, readInteger, toRegister, writeInteger } from "../language/integer.ts";
import type { Width } from "../language/syntax.ts";
import { Bulk } from "./bulk.ts";
import {
  type CompiledFunction,
  ENDED,
  type InterruptedCall,
  type ProgramProcess,
  type ProgramThread,
  type Registers,
} from "./code.ts";
import type { Fault } from "./fault.ts";
import { userAddress } from "./user-address.ts";

export interface Frame {
  readonly function: CompiledFunction;
  readonly registers: Registers;
  /** Where the caller's base and the return address are stored; `var`s lie below. */
  readonly base: number;
  /** The stack pointer: where the next call stores. */
  readonly top: number;
  readonly returnPc: number;
  /** The caller's register that takes the result. */
  readonly result: number;
}

/** What a call stores: the caller's base and the return address, as `push rbp; mov rbp, rsp` leaves them. */
const LINKAGE = 16;

/** The process as its threads know it. */
export interface ThreadProcess extends ProgramProcess {
  readonly calls: SystemCalls;
  readonly data: number;
  /** Undefined while it runs. */
  readonly exitCode: number | undefined;
  /** Where an instruction would stand if there were machine code; -1 stands for the code that called main. */
  codeAddress(pc: number): number;
  startThread(first: CompiledFunction, registers: Registers): Thread;
  threadEnded(thread: Thread): void;
  join(id: Integer): Integer | undefined;
  wait(pid: Integer): Integer | undefined;
  fork(by: Thread, pc: number): number | undefined;
  exec(by: Thread, first: CompiledFunction, registers: Registers): void;
  exit(code: number): void;
  print(text: string): void;
}

export class Thread implements ProgramThread {
  readonly id: number;
  readonly process: ThreadProcess;
  /** What the kernel knows of it. */
  readonly task: Task;
  /** Outermost first. */
  readonly frames: Frame[] = [];
  /** The innermost of them. */
  frame: Frame;
  /** Index of the instruction that runs next. */
  pc: number;
  /** Whether a debugger has been asked about the instruction at `pc`. */
  isAsked = false;
  /** Whether it has just come back from a call, in the middle of a statement. */
  hasReturned = false;
  isBlocked = false;
  interrupted: InterruptedCall | undefined;
  /** What its function returned; undefined while it runs. */
  result: Integer | undefined;
  /** What stopped it; it can't go on. */
  fault: Fault | undefined;
  /** The mapping its stack lies in; none of its own for the main thread. */
  stack: { readonly start: number; readonly length: number } | undefined;
  /** Where the program's data begins. */
  data: number;

  /** The kernel as this thread reaches it. */
  readonly calls: SystemCalls;
  private readonly bulk: Bulk;
  private readonly bytes = new Uint8Array(LINKAGE);
  private readonly view = new DataView(this.bytes.buffer);
  private readonly slices: Readonly<Record<Width, Uint8Array>> = {
    1: this.bytes.subarray(0, 1),
    2: this.bytes.subarray(0, 2),
    4: this.bytes.subarray(0, 4),
    8: this.bytes.subarray(0, 8),
  };

  /** @param frame what it begins in, before any call. */
  constructor(id: number, process: ThreadProcess, frame: Frame, calls: SystemCalls = process.calls) {
    this.id = id;
    this.process = process;
    this.calls = calls;
    this.bulk = new Bulk(calls);
    this.data = process.data;
    this.frame = frame;
    this.pc = frame.function.entry;
    this.task = new Task(id);
    this.task.where = () => ({ pc: this.process.codeAddress(this.pc), sp: this.frame.top });
  }

  get hasEnded(): boolean {
    return this.result !== undefined || this.process.exitCode !== undefined;
  }

  load(address: Integer, width: Width): Integer {
    this.calls.load(userAddress(address, false), this.slices[width]);
    return readInteger(this.view, width);
  }

  store(address: Integer, width: Width, value: Integer): void {
    const at = userAddress(address, true);
    writeInteger(this.view, width, value);
    this.calls.store(at, this.slices[width]);
  }

  fill(address: Integer, length: Integer, value: Integer): boolean {
    return this.bulk.fill(address, length, Number(and(value, 255)));
  }

  copy(to: Integer, from: Integer, length: Integer): boolean {
    return this.bulk.copy(to, from, length);
  }

  enter(callee: CompiledFunction, registers: Registers, returnPc: number, result: number): void {
    const base = this.frame.top - LINKAGE;
    this.push(callee, registers, base, returnPc, result);
  }

  /** Begins with a function whose return ends the thread. */
  begin(first: CompiledFunction, registers: Registers, top: number): void {
    this.frames.length = 0;
    this.frame = outermost(first, registers, top);
    this.push(first, registers, top - LINKAGE, -1, 0);
    this.pc = first.entry;
  }

  private push(callee: CompiledFunction, registers: Registers, base: number, returnPc: number, result: number): void {
    writeInteger(this.view, 8, this.frames.length === 0 ? 0 : this.frame.base);
    this.view.setBigUint64(8, BigInt(this.process.codeAddress(returnPc)), true);
    this.calls.store(base, this.bytes);
    const top = base - callee.frameBytes;
    this.frame = { function: callee, registers, base, top, returnPc, result };
    this.frames.push(this.frame);
  }

  leave(value: Integer): number {
    const { base, returnPc, result } = this.frame;
    const target = this.load(base + 8, 8);
    if (target !== this.process.codeAddress(returnPc)) {
      throw unmappedFault(toRegister(target), false);
    }
    this.frames.pop();
    const caller = this.frames.at(-1);
    if (!caller) {
      this.end(value);
      return ENDED;
    }
    this.frame = caller;
    caller.registers[result] = value;
    this.hasReturned = true;
    return returnPc;
  }

  /** The thread's function has returned; where it is the main thread, the process ends with it. */
  private end(value: Integer): void {
    this.result = value;
    this.process.threadEnded(this);
  }

  spawn(first: CompiledFunction, registers: Registers): Integer {
    return this.process.startThread(first, registers).id;
  }

  join(id: Integer): Integer | undefined {
    return this.process.join(id);
  }

  wait(pid: Integer): Integer | undefined {
    return this.process.wait(pid);
  }

  fork(pc: number): Integer | undefined {
    return this.process.fork(this, pc);
  }

  exec(first: CompiledFunction, registers: Registers): void {
    this.process.exec(this, first, registers);
    this.data = this.process.data;
  }

  exit(code: Integer): void {
    this.process.exit(Number(and(code, 255)));
  }

  print(text: string): void {
    this.process.print(text);
  }

  /** In the child's copy of the memory, what this thread has in registers. */
  copyTo(child: Thread, pc: number): void {
    child.frames.length = 0;
    child.frames.push(...this.frames.map(frame => ({ ...frame, registers: [...frame.registers] })));
    child.frame = child.frames.at(-1) ?? child.frame;
    child.pc = pc;
    child.stack = this.stack;
  }
}

/** The frame of whatever has called a thread's first function. */
export function outermost(first: CompiledFunction, registers: Registers, top: number): Frame {
  return { function: first, registers, base: top, top, returnPc: -1, result: 0 };
}
