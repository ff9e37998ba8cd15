// Runs a compiled program on a machine, as far as it is told at a time: never longer, and always the same for the same seed.
import { Machine } from "../../kernel/simulated/machine.ts";
import type { Process } from "../../kernel/simulated/process.ts";
import type { SystemCalls } from "../../kernel/simulated/system-calls.ts";
import { HeldAccess } from "../../kernel/simulated/waiting.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { Integer } from "../language/integer.ts";
import { BLOCKED, type CompiledFunction, type CompiledProgram, ENDED, YIELDED } from "./code.ts";
import { type Fault, faultOf } from "./fault.ts";
import { type ProcessExecution, RunningProcess } from "./process.ts";
import { Random } from "./random.ts";
import type { Thread } from "./thread.ts";

export interface ExecutionOptions {
  /** A machine of its own where none is given. */
  readonly machine?: Machine;
  /** The program's name, as the mappings of its file show it. */
  readonly name?: string;
  /** Instead of the program's own. */
  readonly seed?: Integer;
  /** What argument(0), argument(1), … give. */
  readonly arguments?: readonly Integer[];
  /** Stands between the program and each of its processes, to see what it calls. */
  readonly wrap?: (process: Process) => SystemCalls;
  readonly output?: (text: string, category: "stdout" | "stderr") => void;
  /** Threads of the first process: a debugger sees no others. */
  readonly threadStarted?: (thread: Thread) => void;
  readonly threadEnded?: (thread: Thread) => void;
}

/** Why a run came to its end. */
export type Outcome =
  /** So much work is done. */
  | { readonly kind: "paused" }
  /** So much work is done, and more is to do before the program can stand still: a call or a statement is in its midst. */
  | { readonly kind: "working" }
  /** All threads wait, and only somebody outside of the machine can let one of them go on: whoever holds a userfaultfd. */
  | { readonly kind: "idle" }
  /** `until` said so of this thread. */
  | { readonly kind: "stopped"; readonly thread: Thread }
  /** The thread can't go on; running on ends the process. */
  | { readonly kind: "fault"; readonly thread: Thread; readonly fault: Fault }
  | { readonly kind: "exited"; readonly code: number };

/** Asked of each statement of the first process before it runs, once, and of the place where a call has come back to. */
export type Until = (thread: Thread) => boolean;

/** A turn lasts 1 to 4 statements: the seed decides, so that other seeds show other interleavings. */
const LONGEST_TURN = 4;

/** The machine's memory. What a program fills the host holds, too, and has more to do. */
const MOST_PAGES = (2 * 2 ** 30) / PAGE_SIZE;

export class Execution implements ProcessExecution {
  readonly program: CompiledProgram;
  readonly machine: Machine;
  /** The process that a debugger sees. */
  readonly main: RunningProcess;
  readonly processes = new Map<number, RunningProcess>();
  readonly random: Random;
  readonly arguments: readonly Integer[];
  /** How many statements have run, of all threads. */
  statements = 0;
  private readonly options: ExecutionOptions;
  private readonly turns: Random;
  /** Those that have not ended, of all processes, in the order they began. */
  private readonly living: Thread[] = [];
  private current = 0;
  private turn = 0;
  private lastThreadId = 0;

  constructor(program: CompiledProgram, options: ExecutionOptions = {}) {
    this.program = program;
    this.options = options;
    this.machine = options.machine ?? new Machine();
    this.machine.frames.limit = MOST_PAGES;
    this.arguments = options.arguments ?? [];
    const seed = options.seed ?? program.seed;
    this.random = new Random(seed);
    this.turns = new Random(seed);
    const kernel = this.machine.spawn(options.name);
    this.main = new RunningProcess(this, kernel, this.wrap(kernel));
    this.processes.set(kernel.pid, this.main);
    const first = program.functions.get("main") as CompiledFunction;
    this.main.start(first, new Array(first.registerCount).fill(0));
  }

  /** The first process's threads that have not ended. */
  get threads(): readonly Thread[] {
    return this.main.threads.filter(thread => !thread.hasEnded);
  }

  get taskCount(): number {
    return this.living.length + this.processes.size;
  }

  wrap(process: Process): SystemCalls {
    return this.options.wrap?.(process) ?? process;
  }

  /**
   * Runs until something happens.
   * @param most work to do, after which the run is over as soon as it can be: a statement counts 1, and what the kernel does for it
   * as much as it says (see Work).
   */
  run(until: Until | undefined, most: number): Outcome {
    const { work } = this.machine;
    work.limit = work.done + most;
    try {
      return this.advance(until);
    } finally {
      work.limit = Number.POSITIVE_INFINITY;
    }
  }

  /** Ends the run that is under way as soon as it can be: somebody outside is to have a turn. */
  giveWay(): void {
    const { work } = this.machine;
    if (work.limit < Number.POSITIVE_INFINITY) work.limit = work.done;
  }

  private advance(until: Until | undefined): Outcome {
    const { code, starts } = this.program;
    const { work } = this.machine;
    let blocked = 0;
    for (;;) {
      if (this.main.exitCode !== undefined) return { kind: "exited", code: this.main.exitCode };
      const thread = this.scheduled();
      if (thread.fault) {
        this.kill(thread);
        continue;
      }
      if (thread.task.isWaiting) {
        blocked += 1;
        if (blocked > this.living.length) return this.standStill(thread);
        this.endTurn();
        continue;
      }
      const { pc } = thread;
      const isStart = starts[pc] === true;
      if (isStart && work.isSpent && !thread.interrupted) return { kind: "paused" };
      if ((isStart || thread.hasReturned) && !thread.isAsked && thread.process === this.main) {
        thread.isAsked = true;
        if (until?.(thread)) return { kind: "stopped", thread };
      }
      thread.hasReturned = false;
      let next: number;
      thread.process.kernel.task = thread.task;
      try {
        next = (code[pc] as (typeof code)[number])(thread.frame.registers, thread);
      } catch (error) {
        if (error instanceof HeldAccess) continue;
        const fault = faultOf(error);
        if (!fault) throw error;
        thread.fault = fault;
        if (thread.process === this.main) return { kind: "fault", thread, fault };
        continue;
      }
      if (next === BLOCKED) {
        thread.isBlocked = true;
        blocked += 1;
        if (blocked > this.living.length) return this.standStill(thread);
        this.endTurn();
        continue;
      }
      blocked = 0;
      thread.isBlocked = false;
      if (next === pc) {
        // A piece of a call, to which the kernel gives nobody else a turn, or of a fill or a copy.
        if (!thread.interrupted) this.turn -= 1;
        if (work.isSpent && (thread.interrupted || !isStart)) return { kind: "working" };
        continue;
      }
      if (isStart) {
        work.done += 1;
        this.statements += 1;
        this.turn -= 1;
      }
      if (next === ENDED) continue;
      if (next === YIELDED) {
        this.endTurn();
        next = pc + 1;
      }
      thread.isAsked = false;
      thread.pc = next;
    }
  }

  /** Runs the thread's next statement, and the other threads' that come in between; a call's whole function with it. */
  step(thread: Thread = this.main.threads[0] as Thread): Outcome {
    const depth = thread.frames.length;
    thread.isAsked = true;
    return this.run(
      asked => asked === thread && thread.frames.length <= depth && this.program.starts[thread.pc] === true,
      Number.POSITIVE_INFINITY,
    );
  }

  /**
   * A debugger stops the first process's threads: the signal ends their waits in faults of their own accesses, which they make again when
   * they go on. In a system call a thread waits on.
   */
  halt(): void {
    for (const { task } of this.threads) {
      if (task.waitsInAccess) task.giveUp();
      task.isStopped = !task.isWaiting;
    }
  }

  /** They go on. */
  release(): void {
    for (const { task } of this.threads) task.isStopped = false;
  }

  nextThreadId(): number {
    this.lastThreadId += 1;
    return this.lastThreadId;
  }

  threadStarted(thread: Thread): void {
    this.living.push(thread);
    // A thread that was alone has a turn without end.
    if (this.turn === Number.POSITIVE_INFINITY) this.turn = this.turnLength();
    if (thread.process === this.main) this.options.threadStarted?.(thread);
  }

  threadEnded(thread: Thread): void {
    const index = this.living.indexOf(thread);
    if (index < 0) return;
    this.living.splice(index, 1);
    if (index < this.current) this.current -= 1;
    else if (index === this.current) this.turn = this.turnLength();
    if (thread.process === this.main) this.options.threadEnded?.(thread);
  }

  processEnded(process: RunningProcess): void {
    if (process === this.main) return;
    for (const child of this.processes.values()) {
      if (child.parent === process && child.exitCode !== undefined) this.reap(child);
    }
    // Nobody is left who could wait for it.
    if (process.parent?.exitCode !== undefined) this.reap(process);
  }

  reap({ pid }: RunningProcess): void {
    this.processes.delete(pid);
    this.machine.reap(pid);
  }

  output(text: string, category: "stdout" | "stderr"): void {
    this.options.output?.(text, category);
  }

  /** Whose turn it is. */
  private scheduled(): Thread {
    if (this.turn <= 0) this.endTurn();
    return this.living[this.current] as Thread;
  }

  private endTurn(): void {
    this.current = (this.current + 1) % this.living.length;
    this.turn = this.turnLength();
  }

  /** No number is drawn where there is no choice. */
  private turnLength(): number {
    if (this.current >= this.living.length) this.current = 0;
    return this.living.length > 1 ? 1 + this.turns.below(LONGEST_TURN) : Number.POSITIVE_INFINITY;
  }

  private standStill(thread: Thread): Outcome {
    const mayGoOn = this.living.some(({ task }) => task.isWaiting && task.waits?.mayBeAnswered);
    return mayGoOn ? { kind: "idle" } : this.hang(thread);
  }

  /** A real program would stand still for ever; nobody learns anything from that. */
  private hang(thread: Thread): Outcome {
    const held = this.living.find(({ task }) => task.waitsInAccess);
    const why = held
      ? `thread ${held.id} waits for an answer to its fault, and every other for another`
      : "every thread waits for another";
    const message = `${why}: the program would stand still for ever`;
    const fault: Fault = { signal: "SIGABRT", number: 6, message };
    const shown = this.threads[0] ?? thread;
    shown.fault = fault;
    return { kind: "fault", thread: shown, fault };
  }

  /** The signal's default: the process ends. */
  private kill({ process, fault }: Thread): void {
    if (!fault) return;
    if (process !== this.main) this.output(`process ${process.pid}: ${fault.signal}, ${fault.message}\n`, "stderr");
    process.exit(128 + fault.number);
  }
}
