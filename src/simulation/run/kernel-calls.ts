// System calls that take structs and buffers of the program's own memory.
import { Errno } from "../../kernel/errno.ts";
import { INTERRUPTED, MemoryFault, type SystemCalls } from "../../kernel/simulated/system-calls.ts";
import { type Integer, integer, toRegister } from "../language/integer.ts";
import type { ProgramThread } from "./code.ts";
import { userAddress } from "./user-address.ts";

/** open(2): a file of the machine, or a process's pagemap or maps. */
export function openPath({ calls, process: { pid } }: ProgramThread, path: string, flags: number): number {
  const [, process, file] = /^\/proc\/(self|\d+)\/(pagemap|maps)$/.exec(path) ?? [];
  if (process === undefined) return calls.open(path, flags);
  const of = process === "self" ? pid : Number(process);
  return file === "maps" ? calls.openMaps(of) : calls.openPagemap(of);
}

/** One entry of a pagemap; 0 beyond its end. */
export function readPagemap(calls: SystemCalls, file: number, page: bigint): Integer {
  const entry = new BigUint64Array(1);
  const result = calls.readPagemap(file, page, entry);
  return result < 0 ? result : integer(entry[0] ?? 0n);
}

interface Transfer {
  readonly pid: number;
  readonly remote: Integer;
  readonly local: Integer;
  readonly length: Integer;
  readonly isRead: boolean;
}

/** So much of one call at a time; the rest is for another, as its result says. */
const MOST = 256 * 2 ** 20;
const PIECE = 2 ** 20;

/** process_vm_readv(2) and process_vm_writev(2): the kernel copies between two processes' memory. */
export function transfer(thread: ProgramThread, { pid, remote, local, length, isRead }: Transfer): number {
  if (length < 0) return -Errno.EINVAL;
  const { calls, interrupted } = thread;
  const { work } = thread.process.kernel.machine;
  const wanted = Math.min(MOST, Number(length));
  let done = interrupted?.done ?? 0;
  while (done < wanted) {
    const bytes = new Uint8Array(Math.min(PIECE, wanted - done));
    const moved = transferPiece(
      calls,
      pid,
      toRegister(remote) + BigInt(done),
      toRegister(local) + BigInt(done),
      bytes,
      isRead,
    );
    if (moved < 0) return done > 0 ? done : moved;
    done += moved;
    if (moved < bytes.length) break;
    if (!interrupted || !work.isSpent || done === wanted) continue;
    interrupted.done = done;
    return INTERRUPTED;
  }
  return done;
}

function transferPiece(
  calls: SystemCalls,
  pid: number,
  remote: bigint,
  local: bigint,
  bytes: Uint8Array,
  isRead: boolean,
): number {
  try {
    const here = userAddress(Number(local), isRead);
    if (!isRead) {
      calls.load(here, bytes);
      return calls.processVmWrite(pid, remote, bytes);
    }
    const moved = calls.processVmRead(pid, remote, bytes);
    if (moved > 0) calls.store(here, bytes.subarray(0, moved));
    return moved;
  } catch (error) {
    if (!(error instanceof MemoryFault)) throw error;
    return -Errno.EFAULT;
  }
}
