// What a program is compiled to: one list of instructions, each a closure, and what a debugger needs to know of each.
import type { Process } from "../../kernel/simulated/process.ts";
import type { SystemCalls } from "../../kernel/simulated/system-calls.ts";
import type { Integer } from "../language/integer.ts";
import type { Span } from "../language/problem.ts";
import type { Width } from "../language/syntax.ts";

/** A frame's values that are in no memory: parameters, `let`s and what the compiler keeps. */
export type Registers = Integer[];

/** Computes a value without ever having to wait. */
export type Compute = (registers: Registers, thread: ProgramThread) => Integer;

/** Runs, and answers the index of the instruction that follows: its own where it must be tried again, or one of these. */
export type Instruction = (registers: Registers, thread: ProgramThread) => number;

/** The thread has to wait for another: try the same instruction again later. */
export const BLOCKED = -1;
/** The thread is no more. */
export const ENDED = -2;
/** The thread gives way to the others; it goes on with the next instruction. */
export const YIELDED = -3;

/** Which statement an instruction belongs to. */
export interface Mark {
  readonly span: Span;
  readonly function: CompiledFunction;
}

/** A variable with a place in memory: an integer of `width` bytes, or (width 0) an array whose name is its address. */
export interface Place {
  readonly width: Width | 0;
  /** Bytes in all. */
  readonly size: number;
  /** Bytes of what name[i] stands for. */
  readonly element: Width;
}

/** A name of a function's own, and the instructions from which it can be seen. */
export type Local = { readonly name: string; readonly from: number; to: number } & (
  | { readonly kind: "register"; readonly index: number }
  | ({ readonly kind: "memory" /** Below the frame's base. */; readonly offset: number } & Place)
  | { readonly kind: "constant"; readonly value: Integer }
);

export interface CompiledFunction {
  readonly name: string;
  readonly span: Span;
  readonly parameters: readonly string[];
  readonly locals: Local[];
  /** Index of its first instruction. */
  entry: number;
  /** One past its last. */
  end: number;
  registerCount: number;
  /** Bytes of its `var`s on the stack. */
  frameBytes: number;
}

export interface Global extends Place {
  readonly name: string;
  /** From the beginning of the program's data. */
  readonly offset: number;
  readonly initial: Integer;
  readonly span: Span;
}

export interface CompiledProgram {
  readonly source: string;
  readonly code: Instruction[];
  /** Of each instruction. */
  readonly marks: Mark[];
  /** Whether a statement begins with the instruction. */
  readonly starts: boolean[];
  readonly functions: ReadonlyMap<string, CompiledFunction>;
  readonly globals: ReadonlyMap<string, Global>;
  readonly constants: ReadonlyMap<string, Integer>;
  readonly dataBytes: number;
  readonly seed: Integer;
}

/** The process as the instructions of its threads know it. */
export interface ProgramProcess {
  readonly pid: number;
  readonly kernel: Process;
  readonly execution: {
    /** What random() draws from. */
    readonly random: { below(end: number): number };
    /** What argument(0), argument(1), … give. */
    readonly arguments: readonly Integer[];
  };
}

/** A call that was interrupted so that others have their turn; nothing else of the program runs until it has ended. */
export interface InterruptedCall {
  /** Its arguments, which are computed once. */
  readonly values: readonly Integer[];
  /** How much of it is done, for calls that do their work piece by piece themselves. */
  done: number;
  /** The part of a copy between processes that is under way. */
  piece?: CopiedPiece | undefined;
}

export interface CopiedPiece {
  readonly bytes: Uint8Array;
  /** Bytes that came from the other process; undefined while they have not. */
  fetched: number | undefined;
  /** Bytes that are moved between it and the program's own memory. */
  placed: number;
}

/** The thread that runs an instruction, as far as instructions need to know it. */
export interface ProgramThread {
  readonly id: number;
  readonly process: ProgramProcess;
  /** The kernel as this thread reaches it. */
  readonly calls: SystemCalls;
  /** Where the program's data begins. */
  readonly data: number;
  /** The innermost frame; `var`s lie below its base. */
  readonly frame: { readonly base: number };
  /** What the instruction has begun that runs; it goes on with it when it runs again. */
  interrupted: InterruptedCall | undefined;
  load(address: Integer, width: Width): Integer;
  store(address: Integer, width: Width, value: Integer): void;
  /** A part of a memset; the same instruction goes on with it. @returns whether it is done. */
  fill(address: Integer, length: Integer, value: Integer): boolean;
  /** A part of a memmove; the same instruction goes on with it. @returns whether it is done. */
  copy(to: Integer, from: Integer, length: Integer): boolean;
  /** Calls a function: its frame begins with what the processor and the function's prologue push. */
  enter(callee: CompiledFunction, registers: Registers, returnPc: number, result: number): void;
  /**
   * Returns from a function, to where the stack says. @returns the next instruction.
   * @throws {MemoryFault} the program has overwritten the return address: there is no code there.
   */
  leave(value: Integer): number;
  /** Begins a thread. @returns its number. */
  spawn(first: CompiledFunction, registers: Registers): Integer;
  /** @returns what the thread's function returned; undefined while it runs. */
  join(id: Integer): Integer | undefined;
  /** @returns the child's exit code; undefined while it runs. */
  wait(pid: Integer): Integer | undefined;
  /** @returns the child's PID; undefined where it was interrupted. The child goes on at `pc`. */
  fork(pc: number): Integer | undefined;
  exec(first: CompiledFunction, registers: Registers): void;
  exit(code: Integer): void;
  print(text: string): void;
}

/** A system call failed and nothing in the program cared. */
export class CallFailure extends Error {
  readonly errno: number;

  /** @param canBeTried whether `try` may stand before it. */
  constructor(call: string, errno: number, name: string, canBeTried = false) {
    const hint = canBeTried ? ` Write "try" before the call to go on with -${name} as its value.` : "";
    super(`${call} failed: ${name}.${hint}`);
    this.name = "CallFailure";
    this.errno = errno;
  }
}

/** The program found itself wrong: an assertion, an expectation, a thread or child that is none. */
export class ProgramFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ProgramFailure";
  }
}
