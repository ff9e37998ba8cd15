// What a process's own memory must tell before a call: where the instruction is that makes one, and whether a thread may be led to it.
import { addressOf, PAGE_SIZE, pageOf } from "../../../memory/page.ts";
import { isGone, KernelError } from "../../kernel-error.ts";
import { readMappings } from "../maps.ts";
import { readPages } from "../memory.ts";

/** Pages of a file's code that are looked through: of the C library the first few hold one. */
const MOST_PAGES = 512;

/**
 * Where the instruction stands in code of the process's: in the vDSO, which the kernel gives to every process, else in a library. No
 * code is ever written.
 * @returns undefined where there is none; so it is for a moment while the process replaces its program, and when it ends.
 * @throws {KernelError} its memory is not ours to read.
 */
export function findInstruction(pid: number, instruction: Uint8Array): number | undefined {
  const code = mappingsOf(pid).filter(({ permissions }) => permissions[2] === "x");
  const vdso = code.filter(({ name }) => name === "[vdso]");
  for (const { start, end } of [...vdso, ...code.filter(({ name }) => name.startsWith("/"))]) {
    const bytes = read(pid, start, Math.min(end, start + MOST_PAGES));
    const at = bytes.indexOf(Buffer.from(instruction));
    if (at >= 0) return addressOf(start) + at;
  }
  return undefined;
}

/** Whether the instruction stands at an address of the process's. */
export function standsAt(pid: number, address: number, instruction: Uint8Array): boolean {
  const first = pageOf(address);
  const bytes = read(pid, first, pageOf(address + instruction.length - 1) + 1);
  const at = address - addressOf(first);
  return instruction.every((byte, i) => bytes[at + i] === byte);
}

/**
 * Whether the thread that is at `pc` is inside a restartable sequence (rseq(2)): led out of one, it would go on in it later without
 * being told that it had left it.
 * @param area of the thread's struct rseq, bytes; 0 for none.
 */
export function isInSequence(pid: number, area: number, pc: number): boolean {
  if (area === 0) return false;
  const descriptor = word(pid, area + 8);
  if (descriptor === 0) return false;
  // struct rseq_cs: u32 version, flags; u64 start_ip, post_commit_offset, abort_ip.
  const start = word(pid, descriptor + 8);
  return pc >= start && pc < start + word(pid, descriptor + 16);
}

function mappingsOf(pid: number): ReturnType<typeof readMappings> {
  try {
    return readMappings(pid);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function word(pid: number, address: number): number {
  const first = pageOf(address);
  const bytes = read(pid, first, pageOf(address + 7) + 1);
  const at = address - addressOf(first);
  return bytes.length < at + 8 ? 0 : Number(bytes.readBigUInt64LE(at));
}

/** @returns fewer bytes where not all could be read. */
function read(pid: number, start: number, end: number): Buffer {
  const bytes = Buffer.alloc((end - start) * PAGE_SIZE);
  try {
    return bytes.subarray(0, readPages(pid, Float64Array.of(start, end), bytes));
  } catch (error) {
    if (error instanceof KernelError && (error.code === "EFAULT" || isGone(error))) return bytes.subarray(0, 0);
    throw error;
  }
}
