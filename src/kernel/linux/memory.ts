// Another process's memory (mm/process_vm_access.c): many scattered pages read in one call, or pages copied within it.
import { closeSync, openSync, readSync } from "node:fs";
import { formatAddress, PAGE_SIZE } from "../../memory/page.ts";
import { Errno } from "../errno.ts";
import { KernelError } from "../kernel-error.ts";
import { libc } from "./libc.ts";
import { toldByYama } from "./yama.ts";

/** UIO_MAXIOV: how many ranges one process_vm_readv takes. */
const MAX_RANGES = 1024;

/**
 * Reads page runs ([start, end) pairs) one after another into `into`, which must hold them all.
 * @returns bytes read; fewer than asked where a page could not be read.
 * @throws {KernelError} EPERM, ESRCH; EFAULT where not even the first page could be read.
 */
export function readPages(pid: number, runs: Float64Array, into: Uint8Array): number {
  const { processVmRead, addressOf } = libc();
  const base = addressOf(into);
  let done = 0;
  for (let first = 0; first < runs.length; first += MAX_RANGES * 2) {
    const part = runs.subarray(first, first + MAX_RANGES * 2);
    const remote = new BigUint64Array(part.length);
    let bytes = 0;
    for (let i = 0; i < part.length; i += 2) {
      const length = (part[i + 1] - part[i]) * PAGE_SIZE;
      remote[i] = BigInt(part[i] * PAGE_SIZE);
      remote[i + 1] = BigInt(length);
      bytes += length;
    }
    const local = BigUint64Array.of(base + BigInt(done), BigInt(bytes));
    const read = told(() => processVmRead(pid, local, remote));
    done += read;
    if (read < bytes) break;
  }
  return done;
}

/** To read memory takes the right to attach, where scans take no more than that to read what /proc says. */
function told(read: () => number): number {
  try {
    return read();
  } catch (error) {
    throw error instanceof KernelError ? toldByYama(error) : error;
  }
}

/** See {@link Kernel.readProtected}: /proc/PID/mem asks what a mapping may become, not what it is (FOLL_FORCE). */
export function readProtected(pid: number, page: number, into: Uint8Array): number {
  let file: number | undefined;
  try {
    file = openSync(`/proc/${pid}/mem`, "r");
    return readSync(file, into, 0, PAGE_SIZE, page * PAGE_SIZE);
  } catch {
    return 0;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Pages that {@link copyPages} holds at a time: 1 MiB. */
const COPIED_AT_ONCE = 256;

/** See {@link Kernel.copyPages}. */
export function copyPages(pid: number, start: number, end: number, to: number): void {
  const { processVmWrite, addressOf } = libc();
  const buffer = new Uint8Array(Math.min(end - start, COPIED_AT_ONCE) * PAGE_SIZE);
  const local = addressOf(buffer);
  for (let page = start; page < end; page += COPIED_AT_ONCE) {
    const next = Math.min(end, page + COPIED_AT_ONCE);
    const size = (next - page) * PAGE_SIZE;
    const target = BigInt((to + page - start) * PAGE_SIZE);
    const isWhole =
      readPages(pid, Float64Array.of(page, next), buffer) === size &&
      processVmWrite(pid, BigUint64Array.of(local, BigInt(size)), BigUint64Array.of(target, BigInt(size))) === size;
    if (!isWhole) throw new KernelError("process_vm_writev", `${formatAddress(page)} of process ${pid}`, Errno.EFAULT);
  }
}
