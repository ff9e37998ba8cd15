// The live side: hands programs to performer.c, on this computer or in a virtual machine, and takes its accounts.
import { type ChildProcess, spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type KernelProfile, LINUX_6_18 } from "../../src/kernel/simulated/profile.ts";
import { compiled } from "../compile.ts";
import type { Account } from "./account.ts";
import { categoriesOf, PAGEMAP_BITS } from "./layout.ts";
import { callNumber, type Program } from "./operation.ts";
import { WordWriter } from "./words.ts";

const HEAD_BYTES = 24;
const SECOND_THREAD = 2 ** 32;
const ENDS = ["done", "hung", "crashed"];

export class LiveKernel {
  /** What the simulated kernel must be like to do the same. */
  readonly profile: KernelProfile;
  private readonly child: ChildProcess;
  private readonly request = new WordWriter();
  private received: Buffer[] = [];
  private receivedBytes = 0;
  private waiting: { resolve: (account: Account) => void; reject: (error: Error) => void } | undefined;

  /** @param performer its input and output are performer.c's, on a kernel as the profile says. */
  constructor(performer = performerHere(), profile = LINUX_6_18) {
    this.profile = profile;
    this.child = performer;
    this.child.stdout?.on("data", (bytes: Buffer) => this.take(bytes));
    this.child.stdin?.on("error", () => {});
    this.child.once("exit", () => this.waiting?.reject(new Error("the performer ended")));
  }

  /** Performs one program in a fresh process. One at a time. */
  perform(program: Program): Promise<Account> {
    const { request } = this;
    request.clear();
    request.put(0);
    request.put(program.length);
    request.putBig(PAGEMAP_BITS);
    request.putBig(categoriesOf(this.profile));
    for (const { process, bySecond, call, args } of program) {
      request.put(process + (bySecond ? SECOND_THREAD : 0));
      request.put(callNumber(call));
      request.put(args.length);
      for (const arg of args) request.putBig(arg);
    }
    request.set(0, request.length - 1);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      // A copy: the stream keeps what it could not write at once.
      this.child.stdin?.write(Buffer.from(request.bytes()));
    });
  }

  /** Says that the program under way is known to end in a call that never returns; it is given up soon, not at its time limit. */
  hurry(): void {
    if (this.waiting) this.child.stdin?.write(Buffer.alloc(8));
  }

  close(): void {
    this.child.stdin?.end();
  }

  private take(bytes: Buffer): void {
    this.received.push(bytes);
    this.receivedBytes += bytes.length;
    if (this.receivedBytes < HEAD_BYTES) return;
    const all = this.received.length === 1 ? bytes : Buffer.concat(this.received);
    this.received = [all];
    const words = Number(all.readBigUInt64LE(16));
    if (all.length < HEAD_BYTES + words * 8) return;
    this.received = [];
    this.receivedBytes = 0;
    const end = ENDS[Number(all.readBigUInt64LE(0))] ?? "lost";
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve({ end, words: all.subarray(HEAD_BYTES, HEAD_BYTES + words * 8) });
  }
}

/** Static: less to copy at each fork, and alone in a virtual machine. @returns path of the executable. */
export function performerExecutable(): string {
  const source = fileURLToPath(new URL("performer.c", import.meta.url));
  return compiled(source, "performer", ["-static", "-O2", "-Wall", "-Wextra"]);
}

function performerHere(): ChildProcess {
  const executable = performerExecutable();
  // It makes files for programs where it runs, without names.
  return spawn(executable, { cwd: dirname(executable), stdio: ["pipe", "pipe", "inherit"] });
}
