// For tests: a real gdb spoken to by MI (gdb's manual, "GDB/MI"), as far as the double of MIEngine needs it.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Emitter } from "../../../src/common/emitter.ts";

/** A record of gdb's: what it is of ("stopped", "done"), and its text behind that. */
export interface MiRecord {
  readonly kind: string;
  readonly text: string;
}

interface Waiting {
  /** What the console printed meanwhile. */
  printed: string;
  resolve(answer: { readonly record: MiRecord; readonly printed: string }): void;
}

export class MiGdb {
  /** "*stopped", "=thread-created" and others. */
  readonly onRecord = new Emitter<MiRecord>();
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private token = 0;

  constructor(gdb: string) {
    this.child = spawn(gdb, ["-q", "-nx", "--interpreter=mi"], {
      stdio: ["pipe", "pipe", "ignore"],
      env: { ...process.env, SHELL: "/bin/sh" },
    });
    const { stdout } = this.child;
    if (!stdout) throw new Error("gdb has no output");
    createInterface({ input: stdout }).on("line", line => this.read(line));
    // Asked while it ends, it answers nothing.
    this.child.stdin?.on("error", () => {});
  }

  /** @returns the answer, refusals too, and what the console printed before it. */
  ask(command: string): Promise<{ readonly record: MiRecord; readonly printed: string }> {
    this.token += 1;
    const { token } = this;
    return new Promise(resolve => {
      this.waiting.set(token, { printed: "", resolve });
      this.child.stdin?.write(`${token}${command}\n`);
    });
  }

  /** @throws {Error} gdb refused, with its words. */
  async demand(command: string): Promise<string> {
    const { record } = await this.ask(command);
    if (record.kind === "error") throw new Error(fieldOf(record.text, "msg") ?? record.text);
    return record.text;
  }

  dispose(): void {
    this.child.kill("SIGKILL");
  }

  private read(line: string): void {
    const stream = /^[~&](".*")$/.exec(line)?.[1];
    if (stream !== undefined) {
      for (const one of this.waiting.values()) one.printed += unquoted(stream);
      return;
    }
    const [, token, sign, kind = "", text = ""] = /^(\d*)([\^*=+])([\w-]+),?(.*)$/.exec(line) ?? [];
    if (sign === "^") {
      const waiting = this.waiting.get(Number(token));
      this.waiting.delete(Number(token));
      waiting?.resolve({ record: { kind, text }, printed: waiting.printed });
    } else if (sign !== undefined) {
      this.onRecord.fire({ kind: `${sign}${kind}`, text });
    }
  }
}

/** The first field of that name, wherever it stands in a record. */
export function fieldOf(text: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|[,{[])${name}=("(?:[^"\\\\]|\\\\.)*")`).exec(text)?.[1];
  return found === undefined ? undefined : unquoted(found);
}

/** Records in braces, one after another. */
export function tuplesOf(text: string): string[] {
  return [...text.matchAll(/\{((?:[^{}"]|"(?:[^"\\]|\\.)*"|\{[^{}]*\})*)\}/g)].map(([, inside = ""]) => inside);
}

function unquoted(text: string): string {
  const known: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
  return text
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (known[code] ?? code),
    );
}

/** A text as an argument of a command. */
export function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
