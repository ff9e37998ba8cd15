// What a core file tells of a process beside its memory and registers, from /proc (proc_pid_stat(5), fs/proc/array.c).
import { readdirSync, readFileSync } from "node:fs";
import type { CoreProcess, CoreThread } from "../core/notes.ts";
import { REGISTERS_SIZE, RIP, RSP } from "../core/notes.ts";
import { Errno } from "../kernel/errno.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import { parseBlockedCall } from "../kernel/linux/blocked-call.ts";

/** @throws {KernelError} ESRCH: there is no such process. */
export function describeProcess(pid: number): CoreProcess {
  const stat = text(pid, "stat");
  if (stat === "") throw new KernelError("open", `/proc/${pid}/stat`, Errno.ESRCH);
  const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = text(pid, "status");
  const id = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    user: id("Uid"),
    userGroup: id("Gid"),
    state: fields[0],
    nice: Number(fields[16]),
    name,
    command: text(pid, "cmdline").replaceAll("\0", " ").trim(),
    auxv: bytes(pid, "auxv"),
    threads: threadsOf(pid),
    signal: 0,
  };
}

/** Every thread with what /proc alone tells of its registers. */
function threadsOf(pid: number): CoreThread[] {
  const ids = entries(`/proc/${pid}/task`).map(Number);
  const sorted = ids.sort((a, b) => Number(b === pid) - Number(a === pid) || a - b);
  return sorted.map(id => ({ id, registers: pointersOf(pid, id) }));
}

/** @returns registers of which none but the stack's and the code's pointer are known; undefined of a thread that runs. */
function pointersOf(pid: number, id: number): Uint8Array | undefined {
  const call = parseBlockedCall(text(pid, `task/${id}/syscall`));
  if (!call) return undefined;
  const words = new BigUint64Array(REGISTERS_SIZE / 8);
  words[RSP] = BigInt.asUintN(64, BigInt(call.sp));
  words[RIP] = BigInt.asUintN(64, BigInt(call.pc));
  return new Uint8Array(words.buffer);
}

function text(pid: number, name: string): string {
  return Buffer.from(bytes(pid, name)).toString("latin1");
}

function bytes(pid: number, name: string): Uint8Array {
  try {
    return Uint8Array.from(readFileSync(`/proc/${pid}/${name}`));
  } catch {
    return new Uint8Array();
  }
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
