// A process of a simulated program: its threads, its children, and where the kernel has put its text, data and stack.

import { MapFlag, Protection } from "../../kernel/abi.ts";
import { Errno, errnoName } from "../../kernel/errno.ts";
import type { Process } from "../../kernel/simulated/process.ts";
import { INTERRUPTED, type SystemCalls } from "../../kernel/simulated/system-calls.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { Integer } from "../language/integer.ts";
import { CallFailure, type CompiledFunction, type CompiledProgram, ProgramFailure, type Registers } from "./code.ts";
import { loadProgram } from "./loader.ts";
import { outermost, Thread, type ThreadProcess } from "./thread.ts";

/** As glibc makes them: 8 MiB, and one page below that nobody may touch. */
const STACK_BYTES = 8 * 2 ** 20;

/** RLIMIT_NPROC, so to speak: threads and processes that have not been waited for. */
const MOST_TASKS = 1000;

/** The run that a process takes part in. */
export interface ProcessExecution {
  readonly program: CompiledProgram;
  readonly random: { below(end: number): number };
  readonly arguments: readonly Integer[];
  /** By PID: those that run, and those nobody has waited for yet. */
  readonly processes: Map<number, RunningProcess>;
  /** Threads that run, and processes that are not waited for yet. */
  readonly taskCount: number;
  nextThreadId(): number;
  /** What stands between the program and a process's kernel. */
  wrap(process: Process): SystemCalls;
  threadStarted(thread: Thread): void;
  threadEnded(thread: Thread): void;
  processEnded(process: RunningProcess): void;
  /** Nobody asks for the process's exit code any more. */
  reap(process: RunningProcess): void;
  output(text: string, category: "stdout" | "stderr"): void;
}

export class RunningProcess implements ThreadProcess {
  readonly execution: ProcessExecution;
  readonly kernel: Process;
  readonly calls: SystemCalls;
  readonly parent: RunningProcess | undefined;
  /** Those that run, and those nobody has joined yet. */
  readonly threads: Thread[] = [];
  /** 128 and the signal's number where one ended it. */
  exitCode: number | undefined;
  /** Where the program's globals begin. */
  data = 0;
  private text = 0;

  constructor(execution: ProcessExecution, kernel: Process, calls: SystemCalls, parent?: RunningProcess) {
    this.execution = execution;
    this.kernel = kernel;
    this.calls = calls;
    this.parent = parent;
    // Its threads come one by one.
    kernel.tasks.clear();
  }

  get pid(): number {
    return this.kernel.pid;
  }

  codeAddress(pc: number): number {
    return this.text + (pc + 1) * 16;
  }

  /** Loads the program and begins its first thread. */
  start(first: CompiledFunction, registers: Registers): Thread {
    const { data, text, stackTop } = loadProgram(this.kernel, this.execution.program);
    this.data = data;
    this.text = text;
    const thread = new Thread(this.execution.nextThreadId(), this, outermost(first, registers, stackTop));
    thread.begin(first, registers, stackTop);
    this.add(thread);
    return thread;
  }

  /** @throws {CallFailure} there is no memory for its stack. */
  startThread(first: CompiledFunction, registers: Registers): Thread {
    const { calls } = this;
    this.refuseTooMany("clone (of a thread)");
    const length = STACK_BYTES + PAGE_SIZE;
    const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.STACK;
    const start = succeeded(
      "mmap (of the thread's stack)",
      atOnce(() => calls.mmap(0n, BigInt(length), Protection.NONE, flags, -1, 0n)),
    );
    const usable = Protection.READ | Protection.WRITE;
    succeeded(
      "mprotect (of the thread's stack)",
      atOnce(() => calls.mprotect(BigInt(start + PAGE_SIZE), BigInt(STACK_BYTES), usable)),
    );
    const thread = new Thread(this.execution.nextThreadId(), this, outermost(first, registers, start + length));
    thread.stack = { start, length };
    thread.begin(first, registers, start + length);
    this.add(thread);
    return thread;
  }

  threadEnded(thread: Thread): void {
    this.kernel.threads -= 1;
    this.kernel.tasks.delete(thread.id);
    this.execution.threadEnded(thread);
    if (thread === this.threads[0]) this.exit(Number(BigInt.asUintN(8, BigInt(thread.result ?? 0))));
  }

  join(id: Integer): Integer | undefined {
    const index = this.threads.findIndex(thread => thread.id === id);
    const thread = this.threads[index];
    if (!thread || index === 0) throw new ProgramFailure(`there is no thread ${id} to join`);
    if (thread.result === undefined) return undefined;
    this.threads.splice(index, 1);
    const { stack } = thread;
    if (stack) atOnce(() => this.calls.munmap(BigInt(stack.start), BigInt(stack.length)));
    return thread.result;
  }

  wait(pid: Integer): Integer | undefined {
    const child = this.execution.processes.get(Number(pid));
    if (child?.parent !== this) throw new ProgramFailure(`process ${pid} is no child to wait for (ECHILD)`);
    if (child.exitCode !== undefined) this.execution.reap(child);
    return child.exitCode;
  }

  /** Only the thread that calls is in the child. */
  fork(by: Thread, pc: number): number | undefined {
    this.refuseTooMany("fork");
    const answer = this.calls.fork();
    by.interrupted = answer === INTERRUPTED ? { values: [], done: 0 } : undefined;
    if (by.interrupted) return undefined;
    const pid = succeeded("fork", answer);
    const kernel = this.kernel.machine.process(pid);
    if (!kernel) throw new Error(`the machine has no process ${pid}`);
    const child = new RunningProcess(this.execution, kernel, this.execution.wrap(kernel), this);
    child.data = this.data;
    child.text = this.text;
    kernel.threads = 0;
    const thread = new Thread(this.execution.nextThreadId(), child, by.frame);
    by.copyTo(thread, pc);
    child.add(thread);
    this.execution.processes.set(pid, child);
    return pid;
  }

  /** The same program anew, beginning with another function; the thread that calls is the only one left. */
  exec(by: Thread, first: CompiledFunction, registers: Registers): void {
    succeeded("execve", this.calls.exec());
    for (const thread of this.threads) {
      if (thread === by) continue;
      thread.result ??= 0;
      this.execution.threadEnded(thread);
    }
    this.threads.length = 0;
    this.threads.push(by);
    this.kernel.tasks.clear();
    this.kernel.tasks.set(by.id, by.task);
    this.kernel.threads = 1;
    const { data, text, stackTop } = loadProgram(this.kernel, this.execution.program);
    this.data = data;
    this.text = text;
    by.stack = undefined;
    by.begin(first, registers, stackTop);
  }

  exit(code: number): void {
    if (this.exitCode !== undefined) return;
    this.exitCode = code;
    this.calls.exit(code);
    for (const thread of this.threads) this.execution.threadEnded(thread);
    this.execution.processEnded(this);
  }

  print(text: string): void {
    this.execution.output(text, "stdout");
  }

  /** @throws {CallFailure} */
  private refuseTooMany(call: string): void {
    if (this.execution.taskCount >= MOST_TASKS) throw new CallFailure(call, Errno.EAGAIN, errnoName(Errno.EAGAIN));
  }

  private add(thread: Thread): void {
    this.threads.push(thread);
    this.kernel.tasks.set(thread.id, thread.task);
    this.kernel.threads = this.threads.filter(({ result }) => result === undefined).length;
    this.execution.threadStarted(thread);
  }
}

/** Makes a call that is too short to be interrupted for long. */
function atOnce(call: () => number): number {
  for (;;) {
    const answer = call();
    if (answer !== INTERRUPTED) return answer;
  }
}

function succeeded(call: string, result: number): number {
  if (result < 0) throw new CallFailure(call, -result, errnoName(-result));
  return result;
}
