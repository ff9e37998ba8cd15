// Virtual memory areas: what one of them is, and the flags it carries (include/linux/mm.h, VM_*).
import { TABLE_PAGES } from "./entry.ts";
import type { MemoryFile } from "./memory-file.ts";
import type { Wait } from "./waiting.ts";

/** Bits of our own for those flags that anyone can see: in maps, in an errno, or in whether two areas merge. */
export const VmFlag = {
  READ: 1 << 0,
  WRITE: 1 << 1,
  EXEC: 1 << 2,
  SHARED: 1 << 3,
  MAYREAD: 1 << 4,
  MAYWRITE: 1 << 5,
  MAYEXEC: 1 << 6,
  MAYSHARE: 1 << 7,
  GROWSDOWN: 1 << 8,
  UFFD_MISSING: 1 << 9,
  UFFD_WP: 1 << 10,
  UFFD_MINOR: 1 << 11,
  SEQ_READ: 1 << 12,
  RAND_READ: 1 << 13,
  DONTCOPY: 1 << 14,
  DONTEXPAND: 1 << 15,
  ACCOUNT: 1 << 16,
  NORESERVE: 1 << 17,
  HUGETLB: 1 << 18,
  WIPEONFORK: 1 << 19,
  DONTDUMP: 1 << 20,
  SOFTDIRTY: 1 << 21,
  HUGEPAGE: 1 << 22,
  NOHUGEPAGE: 1 << 23,
  MERGEABLE: 1 << 24,
  /** The kernel's own mappings: vvar, vdso. */
  SPECIAL: 1 << 25,
  DROPPABLE: 1 << 26,
  LOCKED: 1 << 27,
} as const;

export const ACCESS = VmFlag.READ | VmFlag.WRITE | VmFlag.EXEC;
export const UFFD_FLAGS = VmFlag.UFFD_MISSING | VmFlag.UFFD_WP | VmFlag.UFFD_MINOR;

/**
 * What ties the private pages of an area to it (mm/rmap.c). Here it only decides which areas may merge: those that share one,
 * or of which one has none yet.
 */
export class AnonVma {}

/** An access that a userfaultfd does not let through. */
export interface HeldFault {
  readonly vma: Vma;
  /** Bytes. */
  readonly address: number;
  readonly isWrite: boolean;
  /** Whether the page is write-protected; otherwise it is missing. */
  readonly isProtected: boolean;
  /** Whether the kernel accesses, in a system call. */
  readonly isKernel: boolean;
}

/** A userfaultfd as an area knows it: whose faults go to whom, by its identity. */
export interface Watcher {
  /** Bits asked for with UFFDIO_API. */
  readonly features: number;
  /** Whether the kernel itself resolves write faults. */
  readonly isAsync: boolean;
  /** Lets the thread of the access wait. @returns undefined where it may not: the access fails (VM_FAULT_SIGBUS). */
  hold(fault: HeldFault): Wait | undefined;
}

/** What an area is, its place aside. */
export interface VmaTraits {
  flags: number;
  file: MemoryFile | undefined;
  /** The opening of the file that was mapped (struct file): areas of two openings do not merge. */
  opening?: object | undefined;
  /** Whose faults go to whom; with it `flags` has one of UFFD_FLAGS. */
  uffd: Watcher | undefined;
}

export class Vma implements VmaTraits {
  /** First page, and one past the last. */
  start: number;
  end: number;
  /** Page of the file at `start`; for private memory of no file the page where it was made, which moves along with its pages. */
  offset: number;
  flags: number;
  file: MemoryFile | undefined;
  opening: object | undefined;
  uffd: Watcher | undefined;
  anonVma: AnonVma | undefined;
  /** Holds pages that came from a parent by fork (its chain of anon_vmas is not singular). */
  hasParents = false;
  /** Guard regions were installed, of which a fork must know though no private page ties the area to them. */
  mayHoldGuards = false;
  /** A name of its own, as the kernel's mappings have: "[vdso]". */
  name: string | undefined;

  constructor(start: number, end: number, offset: number, traits: VmaTraits) {
    this.start = start;
    this.end = end;
    this.offset = offset;
    this.flags = traits.flags;
    this.file = traits.file;
    this.opening = traits.opening;
    this.uffd = traits.uffd;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** Memory of no file, private (vma_is_anonymous). */
  get isAnonymous(): boolean {
    return this.file === undefined;
  }

  get isHugetlb(): boolean {
    return this.has(VmFlag.HUGETLB);
  }

  /** Whether a boundary can be at `page`: a hugetlb page is never cut (hugetlb_vm_op_split). */
  canSplitAt(page: number): boolean {
    return !this.isHugetlb || page % TABLE_PAGES === 0;
  }

  /** Whether it is watched for writes (userfaultfd_wp). */
  get isWriteProtected(): boolean {
    return this.has(VmFlag.UFFD_WP);
  }

  /** The file's page that a page of the area shows. */
  fileIndex(page: number): number {
    return this.offset + (page - this.start);
  }

  /** An area like this over another stretch of it. */
  part(start: number, end: number): Vma {
    const part = new Vma(start, end, this.offset + (start - this.start), this);
    part.anonVma = this.anonVma;
    part.hasParents = this.hasParents;
    part.mayHoldGuards = this.mayHoldGuards;
    part.name = this.name;
    return part;
  }
}
