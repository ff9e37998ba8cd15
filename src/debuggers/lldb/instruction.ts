// Where the program has code that makes a system call: its vDSO as a rule, which the kernel maps into every program.
import type { AdapterPort } from "../adapter-port.ts";
import { findSystemCall, SYSCALL_INSTRUCTION, SYSCALL_LENGTH } from "../registers.ts";
import { type LldbContext, runCommand } from "./commands.ts";
import { packet } from "./packets.ts";

/** Bytes read at a time; more than a vDSO has. */
const CHUNK = 0x4000;

/** Where it was found in the program behind each connection. */
const known = new WeakMap<AdapterPort, number>();

/**
 * The address of a `syscall` instruction that the program has mapped already.
 * @throws {Error} there is none.
 */
export async function findSystemCallInstruction(context: LldbContext): Promise<number> {
  const before = known.get(context.port);
  // A program that has replaced itself (exec) has its vDSO elsewhere.
  if (before !== undefined && (await readMemory(context, before, SYSCALL_LENGTH)) === SYSCALL_INSTRUCTION)
    return before;
  const found = (await inVdso(context)) ?? (await inAnyMapping(context));
  if (found === undefined) {
    throw new Error(
      "The program has no syscall instruction in any of its mappings, not even a vDSO: it can't be armed.",
    );
  }
  known.set(context.port, found);
  return found;
}

async function inVdso(context: LldbContext): Promise<number | undefined> {
  const start = /^\[ *\d+\] 0x([0-9a-f]+)/m.exec(await runCommand(context, "image list -h [vdso]"))?.[1];
  return start === undefined ? undefined : inChunk(context, Number.parseInt(start, 16), CHUNK);
}

/** A kernel can be told to map no vDSO. Asking for all mappings takes long where there are many. */
async function inAnyMapping(context: LldbContext): Promise<number | undefined> {
  for (const [start, end] of parseExecutable(await runCommand(context, "memory region --all"))) {
    for (let at = start; at < end; at += CHUNK) {
      // One byte more: the instruction may lie across the chunk's end.
      const found = await inChunk(context, at, Math.min(CHUNK + 1, end - at));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

async function inChunk(context: LldbContext, start: number, bytes: number): Promise<number | undefined> {
  const found = findSystemCall(await readMemory(context, start, bytes));
  return found === undefined ? undefined : start + found;
}

/** @returns two digits a byte, fewer bytes where fewer can be read. */
async function readMemory(context: LldbContext, start: number, bytes: number): Promise<string> {
  const answer = await packet(context, `m${start.toString(16)},${bytes.toString(16)}`);
  return /^E\d\d/.test(answer) ? "" : answer;
}

/** Readable and executable regions as `memory region --all` lists them, [start, end) addresses. */
export function parseExecutable(text: string): (readonly [number, number])[] {
  const lines = [...text.matchAll(/^\[0x([0-9a-f]+)-0x([0-9a-f]+)\) r.x\b/gm)];
  return lines.map(([, start = "", end = ""]) => [Number.parseInt(start, 16), Number.parseInt(end, 16)] as const);
}
