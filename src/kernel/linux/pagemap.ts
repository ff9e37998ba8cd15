// /proc/PID/pagemap and its PAGEMAP_SCAN ioctl (fs/proc/task_mmu.c, do_pagemap_scan).
import { readSync } from "node:fs";
import { PAGE_SIZE } from "../../memory/page.ts";
import { OpenFlag, PagemapScan, ScanArg } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { Pagemap, ScanRequest, ScanResult } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import type { RegionVector } from "../region-vector.ts";
import { libc } from "./libc.ts";
import { toldByRights } from "./rights.ts";

/**
 * Opens a process's pagemap; needs the right to read it (PTRACE_MODE_READ).
 * @throws {KernelError} ENOENT no such process; EACCES or EPERM another user's.
 */
export function openPagemap(pid: number): Pagemap {
  const { open, close, ioctl, ioctlAhead, addressOf } = libc();
  const path = `/proc/${pid}/pagemap`;
  const target = `process ${pid}`;
  let descriptor: number;
  try {
    descriptor = open(path, OpenFlag.RDONLY | OpenFlag.CLOEXEC);
  } catch (error) {
    throw error instanceof KernelError ? toldByRights(pid, error) : error;
  }

  const words = new BigUint64Array(PagemapScan.ARG_SIZE / 8);
  const argument = new Uint8Array(words.buffer);
  let knownVector: RegionVector | undefined;

  const fill = (request: ScanRequest, into: RegionVector): void => {
    if (into !== knownVector) {
      words[ScanArg.VEC] = addressOf(into.bytes);
      words[ScanArg.VEC_LEN] = BigInt(into.capacity);
      knownVector = into;
    }
    words[ScanArg.SIZE] = BigInt(PagemapScan.ARG_SIZE);
    words[ScanArg.FLAGS] = BigInt(request.flags);
    words[ScanArg.START] = BigInt(request.start * PAGE_SIZE);
    words[ScanArg.END] = BigInt(request.end * PAGE_SIZE);
    words[ScanArg.WALK_END] = 0n;
    words[ScanArg.MAX_PAGES] = BigInt(request.maxPages ?? 0);
    words[ScanArg.CATEGORY_INVERTED] = BigInt(request.inverted);
    words[ScanArg.CATEGORY_MASK] = BigInt(request.required);
    words[ScanArg.CATEGORY_ANYOF_MASK] = BigInt(request.anyOf);
    words[ScanArg.RETURN_MASK] = BigInt(request.returned);
  };
  const result = (regions: number): ScanResult => ({
    regions,
    walkEnd: Number(words[ScanArg.WALK_END] / BigInt(PAGE_SIZE)),
  });
  const scan = (request: ScanRequest, into: RegionVector): ScanResult => {
    fill(request, into);
    return result(ioctl(descriptor, PagemapScan.REQUEST, argument, "PAGEMAP_SCAN", target));
  };

  return {
    scan,
    async scanAhead(request, into) {
      fill(request, into);
      const regions = await ioctlAhead(descriptor, PagemapScan.REQUEST, argument);
      if (regions >= 0) return result(regions);
      // The worker's errno is out of reach. A scan of nothing fails in the same way where the memory is gone; what else stops a
      // walk is want of memory. The walk itself is not repeated: what it had re-armed and told stands in the vector.
      scan({ ...request, start: 0, end: 0, flags: 0 }, into);
      throw new KernelError("ioctl PAGEMAP_SCAN", target, Errno.ENOMEM);
    },
    entries(start, end) {
      const bytes = new Uint8Array((end - start) * 8);
      for (let done = 0; done < bytes.length; ) {
        const read = readSync(descriptor, bytes, done, bytes.length - done, start * 8 + done);
        // Beyond the last address there is none; nor is there any of memory that is gone.
        if (read === 0) break;
        done += read;
      }
      return new Uint32Array(bytes.buffer);
    },
    close: () => close(descriptor),
  };
}
