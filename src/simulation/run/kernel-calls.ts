// System calls that take structs and buffers of the program's own memory.
import { SystemCall } from "../../kernel/abi.ts";
import { Errno } from "../../kernel/errno.ts";
import { INTERRUPTED, MemoryFault, type SystemCalls, WAITS } from "../../kernel/simulated/system-calls.ts";
import { HeldAccess } from "../../kernel/simulated/waiting.ts";
import { type Integer, integer, toRegister } from "../language/integer.ts";
import type { CopiedPiece, InterruptedCall, ProgramThread } from "./code.ts";
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
export function transfer(thread: ProgramThread, request: Transfer): number {
  const { length } = request;
  if (length < 0) return -Errno.EINVAL;
  const { work } = thread.process.kernel.machine;
  const wanted = Math.min(MOST, Number(length));
  const under: InterruptedCall = thread.interrupted ?? { values: [], done: 0 };
  while (under.done < wanted) {
    const piece = under.piece ?? newPiece(Math.min(PIECE, wanted - under.done));
    under.piece = piece;
    const moved = request.isRead
      ? readPiece(thread.calls, request, under.done, piece)
      : writePiece(thread.calls, request, under.done, piece);
    if (moved === WAITS) return WAITS;
    under.piece = undefined;
    if (moved < 0) return under.done > 0 ? under.done : moved;
    under.done += moved;
    if (moved < piece.bytes.length) break;
    if (thread.interrupted && work.isSpent && under.done < wanted) return INTERRUPTED;
  }
  return under.done;
}

function newPiece(length: number): CopiedPiece {
  return { bytes: new Uint8Array(length), fetched: undefined, placed: 0 };
}

function readPiece(calls: SystemCalls, { pid, remote, local }: Transfer, done: number, piece: CopiedPiece): number {
  piece.fetched ??= fetched(calls.processVmRead(pid, toRegister(remote) + BigInt(done), piece.bytes));
  const { fetched: count = WAITS } = piece;
  if (count <= 0) return count;
  return placing(piece, rest => {
    const here = userAddress(Number(toRegister(local)) + done + piece.placed, true);
    calls.store(here, rest.subarray(0, count - piece.placed), SystemCall.process_vm_readv);
    return count;
  });
}

/** A call that waits has fetched nothing yet. */
function fetched(result: number): number | undefined {
  return result === WAITS ? undefined : result;
}

function writePiece(calls: SystemCalls, { pid, remote, local }: Transfer, done: number, piece: CopiedPiece): number {
  if (piece.placed < piece.bytes.length) {
    const loaded = placing(piece, rest => {
      const here = userAddress(Number(toRegister(local)) + done + piece.placed, false);
      calls.load(here, rest, SystemCall.process_vm_writev);
      return piece.bytes.length;
    });
    if (loaded < 0) return loaded;
    piece.placed = loaded;
  }
  return calls.processVmWrite(pid, toRegister(remote) + BigInt(done), piece.bytes);
}

/** Moves what is left of a piece between it and the program's own memory, where a userfaultfd may have the call wait. */
function placing(piece: CopiedPiece, move: (rest: Uint8Array) => number): number {
  try {
    return move(piece.bytes.subarray(piece.placed));
  } catch (error) {
    if (error instanceof MemoryFault) return -Errno.EFAULT;
    if (!(error instanceof HeldAccess)) throw error;
    piece.placed += error.done;
    return WAITS;
  }
}
