// For tests of core files: the program that is saved, and what gdb and lldb say of its core.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { compiled } from "../compile.ts";

const source = fileURLToPath(new URL("core.c", import.meta.url));
const run = promisify(execFile);

export function coreExecutable(): string {
  return compiled(source, "core-program");
}

/** The program of core.c: it serves an order for each line that it is sent. */
export class CoreProgram {
  readonly process: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    this.process = child;
    if (!child.stdout) throw new Error("it has no output");
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static async start(): Promise<CoreProgram> {
    const program = new CoreProgram(spawn(coreExecutable(), { stdio: ["pipe", "pipe", "inherit"] }));
    await program.lines.next();
    return program;
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  async serve(): Promise<void> {
    this.process.stdin?.write("order\n");
    const { value } = await this.lines.next();
    if (value !== "served") throw new Error(`it did not serve: ${value}`);
  }

  kill(): void {
    this.process.kill("SIGKILL");
  }
}

/** What gdb prints of a core. */
export async function gdbSays(core: string, commands: readonly string[], program = coreExecutable()): Promise<string> {
  const args = [
    "-batch",
    "-nx",
    "-iex",
    "set debuginfod enabled off",
    ...commands.flatMap(command => ["-ex", command]),
  ];
  const { stdout, stderr } = await run("gdb", [...args, program, core], { timeout: 60_000 });
  return stdout + stderr;
}

/** What lldb prints of a core. */
export async function lldbSays(core: string, commands: readonly string[], program = coreExecutable()): Promise<string> {
  const args = ["--batch", "--no-lldbinit", ...commands.flatMap(command => ["-o", command])];
  const { stdout, stderr } = await run("lldb-19", [...args, "-c", core, program], { timeout: 60_000 });
  return stdout + stderr;
}
