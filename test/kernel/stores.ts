// Runs stores.c: threads that store at random, of which it is known beforehand what each stores where.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { compiled } from "../compile.ts";

const LINE = 64;

export interface StoresOptions {
  readonly threads: number;
  /** For each thread. */
  readonly stores: number;
  readonly pages: number;
}

export class Stores {
  readonly address: number;
  readonly threads: readonly number[];
  /** The userfaultfds that it has open: one to track it with, one for watches. */
  readonly descriptors: { readonly tracking: number; readonly watching: number };
  private readonly options: StoresOptions;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, first: string, options: StoresOptions) {
    const [address, tracking, watching, ...threads] = first.split(" ").map(Number);
    this.address = address;
    this.threads = threads;
    this.descriptors = { tracking, watching };
    this.options = options;
    this.child = child;
    this.lines = lines;
  }

  static async start(options: StoresOptions): Promise<Stores> {
    const source = fileURLToPath(new URL("stores.c", import.meta.url));
    const executable = compiled(source, "stores", ["-O1", "-pthread"]);
    const { threads, stores, pages } = options;
    const child = spawn(executable, [threads, stores, pages].map(String), { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return new Stores(child, lines, (await lines.next()).value ?? "", options);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Lets the threads go. @returns when all stores are done; false where the program ended before. */
  async run(): Promise<boolean> {
    this.child.stdin?.write("go\n");
    return (await this.lines.next()).value === "done";
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  /** The addresses that a thread stores to, in order. */
  *addressesOf(thread: number): Generator<number> {
    const lines = (this.options.pages * PAGE_SIZE) / LINE;
    let state = thread + 1;
    for (let i = 0; i < this.options.stores; i += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const line = ((state >>> 0) % (lines / 4)) * 4 + (thread % 4);
      yield this.address + line * LINE;
    }
  }

  /** Its memory as it must be in the end. */
  expectedMemory(): Uint8Array {
    const bytes = new Uint8Array(this.options.pages * PAGE_SIZE);
    const view = new DataView(bytes.buffer);
    for (let thread = 0; thread < this.options.threads; thread += 1) {
      let i = 0n;
      for (const address of this.addressesOf(thread)) {
        i += 1n;
        view.setBigUint64(address - this.address, (BigInt(thread) << 56n) | i, true);
      }
    }
    return bytes;
  }

  /** Its pages, first and one past the last. */
  get pages(): Float64Array {
    return Float64Array.of(pageOf(this.address), pageOf(this.address) + this.options.pages);
  }
}
