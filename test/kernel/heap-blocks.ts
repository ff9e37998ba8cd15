// Starts the program that allocates at random, and reads what it says of its blocks.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ProcessMemory } from "../../src/agent/process-memory.ts";
import { linuxKernel } from "../../src/kernel/linux/linux-kernel.ts";
import { isWritable } from "../../src/memory/mapping.ts";
import { addressOf } from "../../src/memory/page.ts";
import { Heap } from "../../src/names/heap/heap.ts";
import { compiled } from "../compile.ts";

/** What malloc gave, as the program itself knows it. */
export interface GivenBlock {
  readonly address: number;
  readonly asked: number;
  readonly usable: number;
  readonly freed: boolean;
}

export interface Allocations {
  readonly threads: number;
  readonly count: number;
  readonly seed: number;
  readonly small?: boolean;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export class AllocatingProgram {
  readonly pid: number;
  /** Those in use, and those that are free and that no later block shares its address with. */
  readonly blocks: readonly GivenBlock[];
  private readonly child: ChildProcess;
  private memory: ProcessMemory | undefined;

  private constructor(child: ChildProcess, blocks: readonly GivenBlock[]) {
    this.child = child;
    this.pid = child.pid ?? 0;
    this.blocks = blocks;
  }

  static async start({
    threads,
    count,
    seed,
    small,
    flags = [],
    environment = {},
  }: Allocations): Promise<AllocatingProgram> {
    const source = fileURLToPath(new URL("heap-blocks.c", import.meta.url));
    const program = compiled(source, `heap-blocks${flags.join("")}`, ["-g", "-O1", "-pthread", ...flags]);
    const child = spawn(program, [threads, count, seed, small ? 1 : 0].map(String), {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...environment },
    });
    const last = new Map<number, GivenBlock>();
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === "end") return new AllocatingProgram(child, [...last.values()]);
      const [address, asked, usable, freed] = line.split(" ").map(Number);
      const before = last.get(address);
      if (!before || before.freed) last.set(address, { address, asked, usable, freed: freed === 1 });
    }
    throw new Error("the program ended early");
  }

  /** Its heap as it stands: it sleeps. */
  heap(): Heap {
    const mappings = linuxKernel.mappings(this.pid);
    const data = mappings
      .filter(mapping => isWritable(mapping) && /\/(libc\.so|libc-|heap-blocks)/.test(mapping.name))
      .map(({ start, end }) => ({ start: addressOf(start), end: addressOf(end) }));
    this.memory?.close();
    this.memory = new ProcessMemory(linuxKernel, this.pid);
    return new Heap(this.memory, mappings, data);
  }

  kill(): void {
    this.memory?.close();
    this.child.kill("SIGKILL");
  }
}
