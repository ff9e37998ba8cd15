// Starts the test target and speaks with it: a live process that writes exactly what it is told to.
import { type ChildProcess, spawn } from "node:child_process";
import { globSync, readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { compiled } from "../compile.ts";

const source = fileURLToPath(new URL("target.c", import.meta.url));

/** @returns path of the compiled target.c. */
export function targetExecutable(): string {
  return compiled(source, "target", ["-O1", "-pthread"]);
}

/** What a process's page tables take. */
export function tableKilobytes(pid: number): number {
  return Number(/VmPTE:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}

/** A process of whichever kernel that does what it is told. */
export interface Commanded {
  readonly pid: number;
  /** Runs one command of target.c with its numbers. @returns what the system call returns; 0 for a store. */
  do(command: string, ...args: number[]): Promise<number>;
  /** Maps fresh memory of `bytes`, at `address` where one is given. */
  map(bytes: number, address?: number, shared?: boolean): Promise<number>;
  /** What its page tables take. */
  tableKilobytes(): number;
  kill(): void;
}

export class Target implements Commanded {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    this.child = child;
    if (!child.stdout) throw new Error("the target has no output");
    this.answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** @param executable another file of the same program. */
  static start(executable = targetExecutable()): Target {
    return new Target(spawn(executable, { stdio: ["pipe", "pipe", "inherit"] }));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get process(): ChildProcess {
    return this.child;
  }

  /** Sends one command with numbers in hexadecimal; the answer is the number the target printed. */
  async do(command: string, ...args: number[]): Promise<number> {
    this.child.stdin?.write(`${command} ${args.map(arg => arg.toString(16)).join(" ")}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error(`the target ended at '${command}'`);
    return Number(BigInt.asIntN(64, BigInt(value)));
  }

  map(bytes: number, address = 0, shared = false): Promise<number> {
    return this.do("map", address, bytes, shared ? 1 : 0);
  }

  tableKilobytes(): number {
    return tableKilobytes(this.pid);
  }

  kill(): void {
    this.child.kill("SIGKILL");
    // Files that it made to map them.
    for (const file of globSync(`/tmp/writewatch-\r-${this.pid}-*`)) rmSync(file);
  }
}
