// Where the program has code that makes a system call: its vDSO as a rule, which the kernel maps into every program.
import type { CallContext } from "../debugger.ts";
import { findSystemCall } from "../registers.ts";
import { runCommand } from "./commands.ts";
import { packet } from "./packets.ts";

/** Bytes read at a time. */
const CHUNK = 0x4000;

interface Region {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/**
 * The address of a `syscall` instruction that the program has mapped already.
 * @throws {Error} there is none.
 */
export async function findSystemCallInstruction(context: CallContext): Promise<number> {
  const regions = parseExecutable(await runCommand(context, "memory region --all"));
  const vdsoFirst = regions.sort((a, b) => Number(b.name.includes("[vdso]")) - Number(a.name.includes("[vdso]")));
  for (const { start, end } of vdsoFirst) {
    for (let at = start; at < end; at += CHUNK) {
      // One byte more: the instruction may lie across the chunk's end.
      const bytes = await packet(context, `m${at.toString(16)},${Math.min(CHUNK + 1, end - at).toString(16)}`);
      const found = /^E\d\d$/.test(bytes) ? undefined : findSystemCall(bytes);
      if (found !== undefined) return at + found;
    }
  }
  throw new Error("The program has no syscall instruction in any of its mappings, not even a vDSO: it can't be armed.");
}

/** Readable and executable regions, as `memory region --all` lists them. */
export function parseExecutable(text: string): Region[] {
  return [...text.matchAll(/^\[0x([0-9a-f]+)-0x([0-9a-f]+)\) r.x ?(.*)$/gm)].map(([, start, end, name]) => ({
    start: Number.parseInt(start ?? "", 16),
    end: Number.parseInt(end ?? "", 16),
    name: name ?? "",
  }));
}
