// Memory that the program watches itself, by a userfaultfd of its own: its written pages are the program's news, not ours to take.
import type { Kernel, Pagemap, Userfaultfd } from "../kernel/kernel.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import type { RegionVector } from "../kernel/region-vector.ts";
import type { Mapping } from "../memory/mapping.ts";
import { USER_PAGES_END } from "../memory/page.ts";
import { PageSet, RunBuilder } from "../memory/page-set.ts";
import type { Range } from "./account.ts";
import * as Scans from "./scans.ts";

/** What was found at the last look. */
export interface Foreign {
  /** Pages that are registered, and not with us. */
  readonly pages: PageSet;
  /** Pages that were registered outside what we had armed, ours (a stack that grew) and others'. */
  readonly outside: PageSet;
}

export const NO_FOREIGN: Foreign = { pages: PageSet.EMPTY, outside: PageSet.EMPTY };

/** To walk over as many armed pages costs as much as another call behind them. */
const WORTH_A_CALL = 512;

export class ForeignMemory {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly pagemap: Pagemap;
  private readonly userfaultfd: Userfaultfd;
  private readonly vector: RegionVector;
  /** Kept as long as what is armed stays the same. */
  private gaps: { readonly armed: PageSet; readonly ranges: readonly Range[] } | undefined;

  /** @param vector for short scans. */
  constructor(kernel: Kernel, pid: number, pagemap: Pagemap, userfaultfd: Userfaultfd, vector: RegionVector) {
    this.kernel = kernel;
    this.pid = pid;
    this.pagemap = pagemap;
    this.userfaultfd = userfaultfd;
    this.vector = vector;
  }

  /**
   * Looks for registered pages beside the armed ones, before a scan re-arms them. The kernel passes over mappings that are not
   * registered at all, so that a look between two armed mappings is short; many small ones are walked over in one call.
   * @param mappings as last known.
   */
  look(armed: PageSet, before: Foreign, mappings: readonly Mapping[]): Foreign {
    if (this.gaps?.armed !== armed) this.gaps = { armed, ranges: rangesBeside(armed) };
    const builder = new RunBuilder();
    for (const { start, end } of this.gaps.ranges) {
      Scans.scanInto(builder, this.pagemap, Scans.REGISTERED, start, end, this.vector);
    }
    const outside = builder.finish().subtract(armed);
    if (outside.equals(before.outside)) return before;
    if (outside.isEmpty) return NO_FOREIGN;
    const foreign: [number, number][] = [];
    for (const { start, end } of this.kernel.mappings(this.pid, mappings)) {
      // A stack or a mapping that grew is ours. A mapping has one userfaultfd: where a part of it is another's, so is what had been armed there before it came.
      const found = outside.clip(start, end);
      if (!found.isEmpty && !isOurs(this.userfaultfd, found.first)) foreign.push([start, end]);
    }
    return { pages: PageSet.from(foreign), outside };
  }
}

/**
 * Whether a registered page is registered with this userfaultfd: registering it again changes nothing then, and the kernel refuses where
 * it is another's.
 * @throws {KernelError} ESRCH, ENOMEM: the memory is gone.
 */
export function isOurs(userfaultfd: Userfaultfd, page: number): boolean {
  try {
    userfaultfd.register(page, page + 1);
    return true;
  } catch (error) {
    if (error instanceof KernelError && error.code !== "ESRCH" && error.code !== "ENOMEM") return false;
    throw error;
  }
}

/** The whole address space without the long runs of armed pages. */
function rangesBeside(armed: PageSet): Range[] {
  const ranges: Range[] = [];
  let from = 0;
  for (const [start, end] of armed.pairs()) {
    if (end - start < WORTH_A_CALL) continue;
    if (from < start) ranges.push({ start: from, end: start });
    from = end;
  }
  if (from < USER_PAGES_END) ranges.push({ start: from, end: USER_PAGES_END });
  return ranges;
}
