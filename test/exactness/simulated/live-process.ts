// A live process that does to its memory what a simulated one did: speaks with performer.c.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DEBUGGEE_UFFD_FLAGS, MapFlag, RemapFlag } from "../../../src/kernel/abi.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { compiled } from "../../compile.ts";
import { PROGRAM_FILE, PROGRAM_FILE_BYTES } from "./fresh-memory.ts";
import { type Operation, toText } from "./operation.ts";

const THREADS = 16;
/** Of one batch; performer.c has room for more. */
const MOST_OPERATIONS = 1 << 14;

/** An operation as the performer has it. */
interface Command {
  readonly name: string;
  readonly args: readonly bigint[];
  readonly result: number;
}

export class LiveProcess {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;
  private readonly folder: string;
  pid = 0;

  private constructor(linger: number) {
    const source = fileURLToPath(new URL("performer.c", import.meta.url));
    const executable = compiled(source, "program-performer", ["-O1", "-Wall", "-Wextra", "-pthread"]);
    // Beside the executable, which is on a disk: files in memory are another kind of file.
    this.folder = mkdtempSync(join(dirname(executable), "files-"));
    this.child = spawn(executable, [this.folder, String(linger)], { stdio: ["pipe", "pipe", "inherit"] });
    if (!this.child.stdout) throw new Error("the performer has no output");
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** @param linger microseconds that its threads rest after each operation, as they do on a loaded machine at times. */
  static async start(linger = 0): Promise<LiveProcess> {
    const live = new LiveProcess(linger);
    live.pid = Number.parseInt(await live.answer(), 16);
    await live.run([`0 create ${words([BigInt(PROGRAM_FILE), BigInt(PROGRAM_FILE_BYTES)])}`]);
    return live;
  }

  /** Does all of it, in order. @returns a sentence on each operation that went another way than in the simulator. */
  async perform(operations: readonly Operation[]): Promise<string[]> {
    const problems: string[] = [];
    for (let first = 0; first < operations.length; first += MOST_OPERATIONS) {
      const batch = operations.slice(first, first + MOST_OPERATIONS).flatMap(operation => {
        const command = commandOf(operation);
        return command ? [{ operation, command }] : [];
      });
      const lines = batch.map(({ operation: { process, thread }, command: { name, args } }) => {
        return `${(process * THREADS + thread).toString(16)} ${name} ${words(args)}`;
      });
      const results = await this.run(lines);
      for (const [i, { operation, command }] of batch.entries()) {
        if (results[i] === command.result) continue;
        problems.push(`${toText(operation)} in the simulator, but ${results[i]} on the live kernel`);
      }
    }
    return problems;
  }

  /** Lets `take` have the process's own userfaultfd, which it closes then. */
  async withUserfaultfd(take: (descriptor: number) => Promise<void>): Promise<void> {
    const [descriptor] = await this.run([`0 userfaultfd ${words([BigInt(DEBUGGEE_UFFD_FLAGS)])}`]);
    await take(descriptor);
    await this.run([`0 closeuserfaultfd ${words([BigInt(descriptor)])}`]);
  }

  close(): void {
    this.child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(lines: readonly string[]): Promise<number[]> {
    if (lines.length === 0) return [];
    this.child.stdin?.write(`${lines.join("\n")}\nrun\n`);
    const answer = await this.answer();
    return answer
      .trim()
      .split(" ")
      .map(word => Number(BigInt.asIntN(64, BigInt(`0x${word}`))));
  }

  private async answer(): Promise<string> {
    const { value, done } = await this.answers.next();
    if (done || value === "lost") throw new Error("the live process was lost: it crashed, or waits for ever");
    return value;
  }
}

/** Where the kernel was free to choose the live one is told the simulator's choice. */
function commandOf({ call, args, result }: Operation): Command | undefined {
  const same = (name: string = call): Command => ({ name, args, result });
  switch (call) {
    case "mmap": {
      const [, length, protection, flags, ...rest] = args;
      if (result < 0 || Number(flags) & (MapFlag.FIXED | MapFlag.FIXED_NOREPLACE)) return same();
      return {
        name: "mmap",
        args: [BigInt(result), length, protection, flags | BigInt(MapFlag.FIXED_NOREPLACE), ...rest],
        result,
      };
    }
    case "mremap": {
      const [address, oldLength, newLength, flags] = args;
      if (result < 0 || BigInt(result) === address || Number(flags) & RemapFlag.FIXED) return same();
      return {
        name: "mremap",
        args: [address, oldLength, newLength, flags | BigInt(RemapFlag.FIXED), BigInt(result)],
        result,
      };
    }
    case "brk":
      return heapCommand(result, Number(args[1]));
    default:
      return same();
  }
}

/** The live process has a heap of its own elsewhere: memory at the same place stands for the program's. */
function heapCommand(now: number, before: number): Command | undefined {
  const [from, to] = [before, now].map(address => Math.ceil(address / PAGE_SIZE) * PAGE_SIZE);
  if (to === from) return undefined;
  if (to < from) return { name: "munmap", args: [BigInt(to), BigInt(from - to)], result: 0 };
  const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.FIXED_NOREPLACE;
  return { name: "mmap", args: [from, to - from, 3, flags, -1, 0].map(BigInt), result: from };
}

function words(args: readonly bigint[]): string {
  return args.map(arg => BigInt.asUintN(64, arg).toString(16)).join(" ");
}
