// PAGEMAP_SCAN as it comes from a program: its struct checked in the kernel's order, its regions written to the program's memory.

import { Category } from "../../memory/category.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import { PagemapScan, ScanArg } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { AddressSpace } from "./address-space.ts";
import { alignUp, isAligned, TASK_SIZE, toPage } from "./arguments.ts";
import { scanPagemap } from "./pagemap-scan.ts";
import type { KernelProfile } from "./profile.ts";
import type { RegionSink } from "./scan-output.ts";
import { readWords, type UserStruct, writeWords } from "./user-struct.ts";
import type { Resumable } from "./work.ts";

const MOST = 0xffffffffffffffffn;
const REGION_SIZE = BigInt(PagemapScan.REGION_SIZE);

/** Writes bytes to the calling process's memory. @returns whether all could be written. */
export type CopyOut = (address: number, bytes: Uint8Array) => Resumable<boolean>;

/**
 * do_pagemap_cmd.
 * @param struct struct pm_scan_arg, of which walk_end is written.
 * @returns regions, or -errno.
 */
export function* pagemapIoctl(
  mm: AddressSpace,
  request: number,
  struct: UserStruct,
  copyOut: CopyOut,
): Resumable<number> {
  if (request !== PagemapScan.REQUEST) return -Errno.EINVAL;
  if (!mm.isAlive && mm.machine.profile.deadScanFails) return -Errno.ESRCH;
  const words = yield* readWords(struct, PagemapScan.ARG_SIZE / 8);
  if (!words) return -Errno.EFAULT;
  const refused = validate(words, mm.machine.profile);
  if (refused < 0) return refused;
  const vector = words[ScanArg.VEC];
  const { result, walkEnd } = yield* scanPagemap(
    mm,
    {
      start: toPage(words[ScanArg.START]),
      end: toPage(alignUp(words[ScanArg.END])),
      flags: Number(words[ScanArg.FLAGS]),
      inverted: Number(words[ScanArg.CATEGORY_INVERTED]),
      required: Number(words[ScanArg.CATEGORY_MASK]),
      anyOf: Number(words[ScanArg.CATEGORY_ANYOF_MASK]),
      returned: Number(words[ScanArg.RETURN_MASK]),
      maxPages: Number(words[ScanArg.MAX_PAGES]),
    },
    Number(words[ScanArg.VEC_LEN]),
    memorySink(Number(vector), copyOut),
  );
  const isTold = yield* writeWords(struct, ScanArg.WALK_END, BigInt(walkEnd) * BigInt(PAGE_SIZE));
  return isTold ? result : -Errno.EFAULT;
}

/** pagemap_scan_get_args. */
function validate(words: BigUint64Array, profile: KernelProfile): number {
  if (words[ScanArg.SIZE] !== BigInt(PagemapScan.ARG_SIZE)) return -Errno.EINVAL;
  if (words[ScanArg.FLAGS] & ~BigInt(PagemapScan.WP_MATCHING | PagemapScan.CHECK_WPASYNC)) return -Errno.EINVAL;
  const masks =
    words[ScanArg.CATEGORY_INVERTED] |
    words[ScanArg.CATEGORY_MASK] |
    words[ScanArg.CATEGORY_ANYOF_MASK] |
    words[ScanArg.RETURN_MASK];
  if (masks & ~BigInt(knownCategories(profile))) return -Errno.EINVAL;
  const start = words[ScanArg.START];
  if (!isAligned(start)) return -Errno.EINVAL;
  if (!isUserRange(start, BigInt.asUintN(64, words[ScanArg.END] - start))) return -Errno.EFAULT;
  const vector = words[ScanArg.VEC];
  const length = words[ScanArg.VEC_LEN];
  if (vector === 0n && length !== 0n) return -Errno.EINVAL;
  const bytes = length * REGION_SIZE > MOST ? MOST : length * REGION_SIZE;
  return vector !== 0n && !isUserRange(vector, bytes) ? -Errno.EFAULT : 0;
}

export function knownCategories({ softDirtyCategory, guardCategory }: KernelProfile): number {
  const all = Object.values(Category).reduce((bits, bit) => bits | bit, 0);
  return all & ~(softDirtyCategory ? 0 : Category.SOFT_DIRTY) & ~(guardCategory ? 0 : Category.GUARD);
}

/** access_ok. */
function isUserRange(start: bigint, length: bigint): boolean {
  const end = start + length;
  return end <= TASK_SIZE;
}

/** Each region as struct page_region. */
function memorySink(vector: number, copyOut: CopyOut): RegionSink {
  return {
    *put(first, { starts, ends, categories }, count) {
      const words = new BigUint64Array(3 * count);
      for (let i = 0; i < count; i += 1) {
        words[3 * i] = BigInt(starts[i] * PAGE_SIZE);
        words[3 * i + 1] = BigInt(ends[i] * PAGE_SIZE);
        words[3 * i + 2] = BigInt(categories[i]);
      }
      const isDone = yield* copyOut(vector + first * PagemapScan.REGION_SIZE, new Uint8Array(words.buffer));
      return isDone ? 0 : -Errno.EFAULT;
    },
  };
}
