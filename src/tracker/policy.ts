// Which mappings are armed and how, and the words for those that are not.
import { isShared, isWritable, kindOf, type Mapping } from "../memory/mapping.ts";
import type { PageSet } from "../memory/page-set.ts";
import { isProgramText } from "./account.ts";
import { ARMABLE_KINDS, chosenIn, whyNotChosen } from "./choice.ts";
import type { ArmingWay, ArmOptions } from "./reports.ts";

export const DEFAULT_ARM_OPTIONS = {
  watch: ARMABLE_KINDS,
  // Markers in a GiB of holes cost the debuggee 2 MiB of page tables, and about 4 ms.
  sparsePages: 1024 ** 3 / 4096,
} as const satisfies ArmOptions;

/** How many pages copies are kept of, where they are: 256 MiB. */
export const DEFAULT_CONTENTS_PAGES = (256 * 1024 ** 2) / 4096;

/** Pages of the smallest huge page: hugetlb mappings are aligned to it. */
const HUGE_PAGES = 512;

export type Decision =
  /** @property part the chosen pages, where they are not all of the mapping. */
  | { readonly arm: true; readonly part?: PageSet }
  | { readonly arm: false; readonly reason: string }
  /** Memory that can't be written now: nobody expects it to be armed, but it may be opened and written before the next stop. */
  | { readonly arm: "sealed"; readonly part?: PageSet }
  | { readonly arm: false; readonly reason?: never };

/** @param hugetlb asks whether the mapping is of hugetlb; called only where it may be. */
export function decide(mapping: Mapping, options: ArmOptions, hugetlb: (mapping: Mapping) => boolean): Decision {
  const kind = kindOf(mapping);
  if (kind === "kernel") {
    return {
      arm: false,
      reason: "the kernel's own mapping: the program can't write it, the kernel refuses to protect it",
    };
  }
  const { start, end } = mapping;
  const chosen = chosenIn(mapping, options);
  const part = chosen.pageCount === end - start ? {} : { part: chosen };
  if (!isWritable(mapping) && !mayHoldCode(mapping)) {
    const isWanted = !chosen.isEmpty && !isProgramText(mapping);
    return isWanted && !(mayBeHugetlb(mapping) && hugetlb(mapping)) ? { arm: "sealed", ...part } : { arm: false };
  }
  if (chosen.isEmpty) return { arm: false, reason: whyNotChosen(mapping, start, end, options) };
  if (mayBeHugetlb(mapping) && hugetlb(mapping)) {
    return {
      arm: false,
      reason:
        "hugetlb memory: write-protecting its holes deadlocks the kernel on versions without the fix of May 2026; " +
        "use transparent huge pages to have it watched",
    };
  }
  return { arm: true, ...part };
}

/** How to arm, by how much of the mapping has no page yet. */
export function wayFor(pages: number, populated: number, options: ArmOptions): ArmingWay {
  return pages - populated > options.sparsePages ? "populated" : "complete";
}

/** Private memory of no file that is executable now may be written by a compiler in the program after the next mprotect. */
function mayHoldCode(mapping: Mapping): boolean {
  return mapping.inode === 0 && !isShared(mapping) && mapping.permissions[2] === "x";
}

function mayBeHugetlb(mapping: Mapping): boolean {
  return mapping.inode !== 0 && mapping.start % HUGE_PAGES === 0 && mapping.end % HUGE_PAGES === 0;
}
