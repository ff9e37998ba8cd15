// What measurements are held against: one PAGEMAP_SCAN ioctl from C on a live process.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { compiled } from "../compile.ts";

const source = fileURLToPath(new URL("scan.c", import.meta.url));

export class Yardstick {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  constructor(pid: number) {
    this.child = spawn(compiled(source, "scan", ["-O2"]), [String(pid)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (!this.child.stdout) throw new Error("the yardstick has no output");
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** Microseconds of one ioctl, and the regions it found. */
  async scan(): Promise<{ microseconds: number; regions: number }> {
    this.child.stdin?.write("scan\n");
    const { value } = await this.answers.next();
    const [nanoseconds, regions] = String(value).split(" ").map(Number);
    return { microseconds: nanoseconds / 1000, regions };
  }

  kill(): void {
    this.child.kill();
  }
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
