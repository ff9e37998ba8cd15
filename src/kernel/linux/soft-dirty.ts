// /proc/PID/pagemap and clear_refs as files (fs/proc/task_mmu.c): what the soft-dirty kernel stands on.
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { PAGE_SIZE } from "../../memory/page.ts";
import { KernelError } from "../kernel-error.ts";
import type { OpenEntries } from "../soft-dirty/entries.ts";
import { softDirtyKernel } from "../soft-dirty/soft-dirty-kernel.ts";
import { libc } from "./libc.ts";
import { linuxKernel } from "./linux-kernel.ts";
import { toldByRights } from "./rights.ts";

const ENTRY_BYTES = 8;
const SOFT_DIRTY = 1n << 55n;
const FRAME = (1n << 55n) - 1n;

/** Linux watched by soft-dirty bits. */
export const softDirtyLinux = softDirtyKernel(linuxKernel, { open: openEntries, zeroFrame });

function openEntries(pid: number): OpenEntries {
  const path = `/proc/${pid}/pagemap`;
  const references = `/proc/${pid}/clear_refs`;
  const pagemap = told("open", path, () => openSync(path, "r"), pid);
  let clears: number;
  try {
    clears = told("open", references, () => openSync(references, "w"), pid);
  } catch (error) {
    closeSync(pagemap);
    throw error;
  }
  return {
    read(first, into) {
      const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
      let done = 0;
      while (done < bytes.length) {
        const read = told("read", path, () =>
          readSync(pagemap, bytes, done, bytes.length - done, first * ENTRY_BYTES + done),
        );
        if (read === 0) break;
        done += read;
      }
      return done / ENTRY_BYTES;
    },
    clear: () => void told("write", references, () => writeSync(clears, "4")),
    close() {
      closeSync(pagemap);
      closeSync(clears);
    },
  };
}

/** What a page of our own shows that was read and never written: the page of zeroes. */
function zeroFrame(): bigint | undefined {
  const memory = new Uint8Array(1 << 24);
  const page = Number(libc().addressOf(memory)) / PAGE_SIZE + 2048.5;
  // Read, so that it is mapped; the sum keeps the read alive.
  let sum = 0;
  for (let at = 0; at < memory.length; at += PAGE_SIZE) sum += memory[at];
  const entry = entryOf(Math.floor(page));
  const frame = entry & FRAME;
  return sum === 0 && frame !== 0n && ((entry >> 56n) & 1n) === 0n ? frame : undefined;
}

/** Whether this kernel keeps soft-dirty bits (CONFIG_MEM_SOFT_DIRTY): a page just stored to has its bit then, and else none ever has. */
export function hasSoftDirty(): boolean {
  try {
    const memory = new Uint8Array(2 * PAGE_SIZE).fill(1);
    return (entryOf(Math.ceil(Number(libc().addressOf(memory)) / PAGE_SIZE)) & SOFT_DIRTY) !== 0n;
  } catch {
    return false;
  }
}

function entryOf(page: number): bigint {
  const pagemap = openSync("/proc/self/pagemap", "r");
  try {
    const entry = new BigUint64Array(1);
    readSync(pagemap, new Uint8Array(entry.buffer), 0, ENTRY_BYTES, page * ENTRY_BYTES);
    return entry[0];
  } finally {
    closeSync(pagemap);
  }
}

function told<T>(call: string, target: string, work: () => T, pid?: number): T {
  try {
    return work();
  } catch (error) {
    const refusal = new KernelError(call, target, -((error as NodeJS.ErrnoException).errno ?? 0));
    throw pid === undefined ? refusal : toldByRights(pid, refusal);
  }
}
