// Runs stepper.c, which does what watches ask of a debugger.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { compiled } from "../compile.ts";

export class Stepper {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>) {
    this.child = child;
    this.lines = lines;
  }

  /** Attaches to all threads that a process has now. */
  static async attach(pid: number): Promise<Stepper> {
    const source = fileURLToPath(new URL("stepper.c", import.meta.url));
    const child = spawn(compiled(source, "stepper", ["-O1"]), [String(pid)], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    if ((await lines.next()).value !== "ready") throw new Error(`can't attach to process ${pid}`);
    return new Stepper(child, lines);
  }

  /** Holds all threads. */
  stop(): Promise<void> {
    return this.do("stop");
  }

  /** One instruction of one thread, while the others stand. */
  step(thread: number): Promise<void> {
    return this.do(`step ${thread}`);
  }

  go(): Promise<void> {
    return this.do("go");
  }

  /** Detaches: the threads go on. */
  end(): void {
    this.child.kill("SIGKILL");
  }

  private async do(command: string): Promise<void> {
    this.child.stdin?.write(`${command}\n`);
    if ((await this.lines.next()).value !== "ok") throw new Error(`the stepper failed at '${command}'`);
  }
}
