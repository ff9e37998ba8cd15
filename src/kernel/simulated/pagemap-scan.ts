// PAGEMAP_SCAN (fs/proc/task_mmu.c, do_pagemap_scan) on arguments that are known to be valid.
import { Category } from "../../memory/category.ts";
import { PagemapScan } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { ScanRequest } from "../kernel.ts";
import type { AddressSpace } from "./address-space.ts";
import { ENTRY_KINDS, Entry, TABLE_PAGES, UFFD_MARKER } from "./entry.ts";
import { HugeEntry, type LeafTable } from "./page-table.ts";
import { protectForUserfaultfd } from "./protect.ts";
import { type RegionSink, ScanOutput } from "./scan-output.ts";
import { isAsync, usesMarkers } from "./userfaultfd-context.ts";
import { type Vma, VmFlag } from "./vma.ts";
import { bracketed, CONTINUE, walk } from "./walker.ts";
import type { Resumable } from "./work.ts";

const { WPALLOWED, WRITTEN, FILE, PRESENT, SWAPPED, PFNZERO, HUGE, SOFT_DIRTY, GUARD } = Category;
/** The walk's own sign that a limit was met; it never leaves this file. */
const FULL = -Errno.ENOSPC;
/** In the table of what entries match as. */
const UNKNOWN = -1;
const NO_MATCH = -2;
/** Two neighbouring entries, both write-protected. */
const ARMED_PAIR = Entry.UFFD_WP | (Entry.UFFD_WP << 16);

export interface ScanOutcome {
  /** Regions reported, or -errno. */
  readonly result: number;
  /** A page. */
  readonly walkEnd: number;
}

/** Scans, as often as the bounce buffer fills. Whatever it had reported and armed before an error stands. */
export function* scanPagemap(
  mm: AddressSpace,
  request: ScanRequest,
  capacity: number,
  sink: RegionSink,
): Resumable<ScanOutcome> {
  const output = new ScanOutput(request.returned, request.maxPages || Number.POSITIVE_INFINITY, capacity, sink);
  const scan = new Scan(mm, request, output);
  const protects = (request.flags & PagemapScan.WP_MATCHING) !== 0;
  let regions = 0;
  let error = 0;
  for (let start = request.start; start < request.end; start = output.walkEnd) {
    const from = start;
    error = protects ? bracketed(mm.observers, from, request.end, () => scan.walk(from)) : scan.walk(from);
    const flushed = yield* output.flush();
    if (flushed < 0) error = flushed;
    else regions += flushed;
    if (error !== FULL || output.isFull) break;
  }
  const result = error === 0 || error === FULL ? regions : error;
  return { result, walkEnd: output.walkEnd || request.end };
}

class Scan {
  private readonly mm: AddressSpace;
  private readonly request: ScanRequest;
  private readonly output: ScanOutput;
  private readonly protects: boolean;
  /** mask = return = WRITTEN and nothing else: the kernel's shorter loop. */
  private readonly onlyWritten: boolean;
  /** Of the area being walked. */
  private areaCategories = 0;
  /** What an entry with such flags matches as, in an area of these categories; filled in as flags are met. */
  private readonly matching = new Int16Array(ENTRY_KINDS).fill(UNKNOWN);

  constructor(mm: AddressSpace, request: ScanRequest, output: ScanOutput) {
    this.mm = mm;
    this.request = request;
    this.output = output;
    this.protects = (request.flags & PagemapScan.WP_MATCHING) !== 0;
    this.onlyWritten =
      request.anyOf === 0 && request.inverted === 0 && request.required === WRITTEN && request.returned === WRITTEN;
  }

  /** One round over all areas from `start` on (walk_page_range). @returns 0, FULL or -errno. */
  walk(start: number): number {
    const { areas } = this.mm.vmas;
    for (let i = this.mm.vmas.indexAfter(start); i < areas.length && areas[i].start < this.request.end; i += 1) {
      const vma = areas[i];
      const test = this.test(vma);
      if (test < 0) return test;
      if (test > 0) continue;
      const first = Math.max(start, vma.start);
      const last = Math.min(this.request.end, vma.end);
      const result = vma.isHugetlb ? this.walkHugetlb(vma, first, last) : this.walkArea(vma, first, last);
      if (result < 0) return result;
    }
    return 0;
  }

  /** pagemap_scan_test_walk. @returns 0 to walk the area, 1 to pass it over, -errno. */
  private test(vma: Vma): number {
    const { flags, required, inverted } = this.request;
    const isAllowed = isAsync(vma) && usesMarkers(vma);
    if (!isAllowed) {
      if (flags & PagemapScan.CHECK_WPASYNC) return -Errno.EPERM;
      if (flags & PagemapScan.WP_MATCHING) return 1;
    }
    if (vma.has(VmFlag.SPECIAL)) return 1;
    let categories = isAllowed ? WPALLOWED : 0;
    if (this.mm.machine.profile.softDirty && vma.has(VmFlag.SOFTDIRTY)) categories |= SOFT_DIRTY;
    const needed = required & WPALLOWED;
    if (((categories ^ inverted) & needed) !== needed) return 1;
    if (categories !== this.areaCategories) this.matching.fill(UNKNOWN);
    this.areaCategories = categories;
    return 0;
  }

  private walkArea(vma: Vma, first: number, last: number): number {
    return walk(this.mm.table, first, last, {
      leaf: (table, from, to, page) => this.scanTable(table, from, to, page),
      huge: (entry, region, start, end) => this.scanHuge(entry, region, start, end),
      hole: (start, end) => this.scanHole(vma, start, end),
    });
  }

  private isInteresting(categories: number): boolean {
    const { inverted, required, anyOf } = this.request;
    const compared = categories ^ inverted;
    return (compared & required) === required && (anyOf === 0 || (compared & anyOf) !== 0);
  }

  /** pagemap_scan_pmd_entry's three loops over entries. */
  private scanTable(table: LeafTable, first: number, last: number, page: number): number {
    const { flags, pairs } = table;
    const { output } = this;
    if (this.protects && output.isSilent) {
      for (let i = first; i < last; i += 1) if ((flags[i] & Entry.UFFD_WP) === 0) flags[i] = armed(flags[i]);
      return CONTINUE;
    }
    const base = page - first;
    if (this.onlyWritten) {
      const categories = this.areaCategories | WRITTEN;
      for (let i = first; i < last; i += 1) {
        if (flags[i] & Entry.UFFD_WP) {
          // Most of what is armed is clean: two at a time.
          while (i + 3 <= last && (i & 1) === 1 && (pairs[(i + 1) >> 1] & ARMED_PAIR) === ARMED_PAIR) i += 2;
          continue;
        }
        const at = base + i;
        if (output.report(categories, at, at + 1) === at) return FULL;
        if (this.protects) flags[i] = armed(flags[i]);
      }
      return CONTINUE;
    }
    const { matching } = this;
    for (let i = first; i < last; i += 1) {
      let categories = matching[flags[i]];
      if (categories === UNKNOWN) {
        categories = this.matchingCategories(flags[i]);
        matching[flags[i]] = categories;
      }
      if (categories === NO_MATCH) continue;
      const at = base + i;
      if (output.report(categories, at, at + 1) === at) return FULL;
      if (this.protects && categories & WRITTEN) flags[i] = armed(flags[i]);
    }
    return CONTINUE;
  }

  /** An entry's categories with its area's, or NO_MATCH. */
  private matchingCategories(flags: number): number {
    const categories = this.areaCategories | this.entryCategories(flags);
    return this.isInteresting(categories) ? categories : NO_MATCH;
  }

  /** pagemap_page_category. */
  private entryCategories(flags: number): number {
    const { profile } = this.mm.machine;
    if (flags === 0) return profile.noneIsWritten ? WRITTEN : 0;
    let categories = flags & Entry.UFFD_WP ? 0 : WRITTEN;
    if (profile.softDirty && flags & Entry.SOFT_DIRTY) categories |= SOFT_DIRTY;
    if (flags & Entry.PRESENT) {
      categories |= PRESENT;
      if (flags & Entry.ZERO) categories |= PFNZERO;
      else if ((flags & Entry.ANON) === 0) categories |= FILE;
      return categories;
    }
    categories |= SWAPPED;
    if (profile.guardCategory && flags & Entry.GUARD) categories |= GUARD;
    return categories;
  }

  /** pagemap_scan_thp_entry: a huge page is one entry, split where only a part of it is to be armed. */
  private scanHuge(entry: HugeEntry, region: number, start: number, end: number): number {
    const { output } = this;
    const categories = this.areaCategories | HUGE | this.entryCategories(entry.flags);
    if (!this.isInteresting(categories)) return CONTINUE;
    const last = output.report(categories, start, end);
    const answer = output.stopped ? FULL : CONTINUE;
    if (last === start || !this.protects || (categories & WRITTEN) === 0) return answer;
    if (last !== start + TABLE_PAGES) {
      const table = this.mm.table.split(region, entry);
      output.backOut(start, last);
      return this.scanTable(table, start % TABLE_PAGES, (start % TABLE_PAGES) + (end - start), start);
    }
    entry.flags |= Entry.UFFD_WP;
    return answer;
  }

  /** pagemap_scan_pte_hole. */
  private scanHole(vma: Vma, start: number, end: number): number {
    const { output } = this;
    const isWritten = this.mm.machine.profile.holeIsWritten && vma.isWriteProtected && !vma.isHugetlb;
    const categories = this.areaCategories | (isWritten ? WRITTEN : 0);
    if (!this.isInteresting(categories)) return CONTINUE;
    const last = output.report(categories, start, end);
    const answer = output.stopped ? FULL : CONTINUE;
    if (last !== start && this.protects) protectForUserfaultfd(this.mm, vma, start, last, true);
    return answer;
  }

  /** pagemap_scan_hugetlb_entry; a part of a hugetlb page can't be armed, which ends nothing. */
  private walkHugetlb(vma: Vma, first: number, last: number): number {
    for (let start = first; start < last; ) {
      const region = Math.floor(start / TABLE_PAGES);
      const end = Math.min(last, (region + 1) * TABLE_PAGES);
      const isHole = !this.mm.table.hasDirectory(region);
      const entry = this.mm.table.get(region);
      const answer = isHole ? this.scanHole(vma, start, end) : this.scanHugetlb(entry, start, end);
      if (answer < 0) return answer;
      start = end;
    }
    return 0;
  }

  private scanHugetlb(entry: ReturnType<AddressSpace["table"]["get"]>, start: number, end: number): number {
    const { output } = this;
    const flags = entry instanceof HugeEntry ? entry.flags : 0;
    const categories = this.areaCategories | HUGE | (flags === 0 ? 0 : this.entryCategories(flags));
    if (!this.isInteresting(categories)) return CONTINUE;
    const last = output.report(categories, start, end);
    const answer = output.stopped ? FULL : CONTINUE;
    if (!this.protects || last === start || (categories & WRITTEN) === 0) return answer;
    if (last !== start + TABLE_PAGES) {
      output.backOut(start, last);
      output.walkEnd = start;
      return CONTINUE;
    }
    if (entry instanceof HugeEntry) entry.flags |= Entry.UFFD_WP;
    return answer;
  }
}

/** make_uffd_wp_pte. */
function armed(flags: number): number {
  return flags === 0 ? UFFD_MARKER : flags | Entry.UFFD_WP;
}
