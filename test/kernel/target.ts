// Starts the test target and speaks with it: a live process that writes exactly what it is told to.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("target.c", import.meta.url));
const binary = fileURLToPath(new URL("../../dist/test/target", import.meta.url));

export class Target {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    this.child = child;
    if (!child.stdout) throw new Error("the target has no output");
    this.answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static start(): Target {
    if (!existsSync(binary) || statSync(binary).mtimeMs < statSync(source).mtimeMs) {
      mkdirSync(new URL("../../dist/test/", import.meta.url), { recursive: true });
      execFileSync("gcc", ["-O1", "-o", binary, source]);
    }
    return new Target(spawn(binary, { stdio: ["pipe", "pipe", "inherit"] }));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Sends one command with numbers in hexadecimal; the answer is the number the target printed. */
  async do(command: string, ...args: number[]): Promise<number> {
    this.child.stdin?.write(`${command} ${args.map(arg => arg.toString(16)).join(" ")}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error(`the target ended at '${command}'`);
    return Number(BigInt.asIntN(64, BigInt(value)));
  }

  /** Maps fresh memory of `bytes`, at `address` where one is given. */
  map(bytes: number, address = 0, shared = false): Promise<number> {
    return this.do("map", address, bytes, shared ? 1 : 0);
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}
