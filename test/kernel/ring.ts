// Runs ring.c, of which it is known what it writes: the pages of the turns that it made.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { readPages } from "../../src/kernel/linux/memory.ts";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { compiled } from "../compile.ts";

export class Ring {
  readonly child: ChildProcess;
  readonly pages: number;
  /** Number of its first page. */
  readonly start: number;
  private readonly counter: number;

  private constructor(child: ChildProcess, pages: number, ring: number, counter: number) {
    this.child = child;
    this.pages = pages;
    this.start = pageOf(ring);
    this.counter = counter;
  }

  /** @param pause between two turns, microseconds. */
  static async run(pages: number, pause: number): Promise<Ring> {
    const source = fileURLToPath(new URL("ring.c", import.meta.url));
    const child = spawn(compiled(source, "ring", ["-O1", "-pthread"]), [String(pages), String(pause)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(child.stdout, "data");
    const [ring = 0, counter = 0] = String(line).split(" ").map(Number);
    return new Ring(child, pages, ring, counter);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The turn that comes next; exact but for one, whose page may not be written yet. */
  turn(): number {
    const page = Buffer.alloc(PAGE_SIZE);
    readPages(this.pid, Float64Array.of(pageOf(this.counter), pageOf(this.counter) + 1), page);
    return Number(page.readBigInt64LE(this.counter % PAGE_SIZE));
  }

  /** Indexes of the pages that turns [from, to) write. */
  between(from: number, to: number): Set<number> {
    const found = new Set<number>();
    for (let turn = from; turn < to && found.size < this.pages; turn += 1) found.add(turn % this.pages);
    return found;
  }

  end(): void {
    this.child.kill("SIGKILL");
  }
}
