// Runs waiting.c, a program that waits in one way, and tells what came of it.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { threadFile } from "../../src/kernel/linux/thread-files.ts";
import { compiled } from "../compile.ts";

export interface Outcome {
  readonly result: number;
  readonly errno: number;
  /** Whether it waited for less than it was to. */
  readonly early: boolean;
  readonly more: number;
}

export class Waiting {
  readonly child: ChildProcess;
  /** Settles when it has waited; what the program said, where it ended otherwise. */
  readonly outcome: Promise<Outcome | string>;
  isOver = false;
  private readonly lines: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    this.child = child;
    if (!child.stdout || !child.stderr) throw new Error("the program has no output");
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ended = new Promise<string>(resolve => {
      child.once("exit", (code, signal) => resolve(`${code ?? signal} ${complaint}`));
    });
    this.outcome = this.ready().then(async () => {
      const { value, done } = await this.lines.next();
      this.isOver = true;
      if (done) return ended;
      const [result = Number.NaN, errno = 0, early = 0, more = 0] = String(value).split(" ").map(Number);
      return { result, errno, early: early !== 0, more };
    });
  }

  /** Starts it, and waits until it does: it stands in a call, or computes. */
  static async start(mode: string, ...args: string[]): Promise<Waiting> {
    const source = fileURLToPath(new URL("waiting.c", import.meta.url));
    const program = compiled(source, "waiting", ["-O1", "-pthread"]);
    const waiting = new Waiting(spawn(program, [mode, ...args], { stdio: ["pipe", "pipe", "pipe"] }));
    await waiting.begun;
    await sleep(20);
    return waiting;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Lets what it reads from have a byte. */
  feed(): void {
    this.child.stdin?.write("x");
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** The state of its first thread, as /proc/PID/stat has it. */
  get state(): string {
    const stat = threadFile(this.pid, this.pid, "stat");
    return stat.charAt(stat.lastIndexOf(")") + 2);
  }

  end(): void {
    this.child.kill("SIGKILL");
  }

  private begun: Promise<void> | undefined;

  private ready(): Promise<void> {
    this.begun ??= this.lines.next().then(({ value }) => {
      if (value !== "ready") throw new Error(`the program said ${value}`);
    });
    return this.begun;
  }
}
