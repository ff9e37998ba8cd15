// Stacks that grow down to where they are touched (mm/mmap.c, expand_downwards).
import { pageOf } from "../../memory/page.ts";
import type { AddressSpace } from "./address-space.ts";
import { ACCESS, type Vma, VmFlag } from "./vma.ts";

/** Pages that a stack keeps away from what lies below it (stack_guard_gap). */
export const STACK_GUARD_GAP = 256;
/** Lowest address a stack may grow to (vm.mmap_min_addr). */
const LOWEST_PAGE = 16;

/** Lets the stack above `page` grow down to it. @returns the area, which now holds the page. */
export function grownStack(mm: AddressSpace, page: number): Vma | undefined {
  const index = mm.vmas.indexAfter(page);
  const vma = mm.vmas.areas[index];
  const below = mm.vmas.areas[index - 1];
  if (!vma?.has(VmFlag.GROWSDOWN) || page < LOWEST_PAGE) return undefined;
  if (below && !below.has(VmFlag.GROWSDOWN) && below.has(ACCESS) && page - below.end < STACK_GUARD_GAP)
    return undefined;
  if (vma.end - page > pageOf(mm.machine.stackLimit)) return undefined;
  const growth = vma.start - page;
  if (growth > vma.offset) return undefined;
  mm.vmas.prepareAnon(vma);
  vma.start = page;
  vma.offset -= growth;
  return vma;
}
