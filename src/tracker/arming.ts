// Arming: registers mappings with the userfaultfd and write-protects them, and keeps the account of what is armed and what not.

import type { Kernel, Pagemap, Userfaultfd } from "../kernel/kernel.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import type { RegionVector } from "../kernel/region-vector.ts";
import { isShared, kindOf, type Mapping, shortName } from "../memory/mapping.ts";
import { PageSet } from "../memory/page-set.ts";
import { decide, wayFor } from "./policy.ts";
import type { ArmedMapping, ArmOptions, NotArmed } from "./reports.ts";
import * as Scans from "./scans.ts";

/** A mapping armed by its populated pages only, with the masks of its own scan. */
interface SparseMapping {
  readonly start: number;
  readonly end: number;
  readonly masks: typeof Scans.POPULATED_WRITTEN_AND_REARM;
}

/** A part of a mapping that was armed just now. */
export interface NewlyArmed {
  readonly start: number;
  readonly end: number;
  readonly mapping: Mapping;
}

/** How long to work before others get a turn, milliseconds. */
const SLICE = 8;

export class Arming {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly pagemap: Pagemap;
  private readonly userfaultfd: Userfaultfd;
  private readonly vector: RegionVector;
  private readonly options: ArmOptions;

  /** All pages of armed mappings, holes included. */
  armed = PageSet.EMPTY;
  armedMappings: readonly ArmedMapping[] = [];
  notArmed: readonly NotArmed[] = [];
  sparse: readonly SparseMapping[] = [];

  constructor(
    kernel: Kernel,
    pid: number,
    pagemap: Pagemap,
    userfaultfd: Userfaultfd,
    vector: RegionVector,
    options: ArmOptions,
  ) {
    this.kernel = kernel;
    this.pid = pid;
    this.pagemap = pagemap;
    this.userfaultfd = userfaultfd;
    this.vector = vector;
    this.options = options;
  }

  /** Arms all mappings that should be. `pause` is awaited every few milliseconds and may throw to cancel. */
  async armAll(mappings: readonly Mapping[], pause: () => Promise<void>): Promise<void> {
    let turn = performance.now();
    this.begin();
    for (const mapping of mappings) {
      this.armMapping(mapping, PageSet.EMPTY);
      if (performance.now() - turn < SLICE) continue;
      await pause();
      turn = performance.now();
    }
    this.finish();
  }

  /**
   * Arms what is not registered of the mappings that should be, and forgets what is gone.
   * @param registered what the kernel says is registered now.
   */
  armNew(mappings: readonly Mapping[], registered: PageSet): { gaps: readonly NewlyArmed[] } {
    this.begin();
    const gaps = mappings.flatMap(mapping => this.armMapping(mapping, registered));
    this.finish();
    return { gaps };
  }

  /** Pages under watch: all of a completely armed mapping, the populated ones of a sparse one. */
  armedPages(): number {
    return this.armedMappings.reduce(
      (pages, { start, end, way }) => pages + (way === "complete" ? end - start : this.populated(start, end)),
      0,
    );
  }

  private readonly draft: { armed: ArmedMapping[]; not: NotArmed[]; sparse: SparseMapping[] } = {
    armed: [],
    not: [],
    sparse: [],
  };

  private begin(): void {
    this.draft.armed = [];
    this.draft.not = [];
    this.draft.sparse = [];
  }

  private finish(): void {
    this.armedMappings = this.draft.armed;
    this.notArmed = this.draft.not;
    this.sparse = this.draft.sparse;
    this.armed = PageSet.from(this.armedMappings.map(({ start, end }) => [start, end]));
  }

  private armMapping(mapping: Mapping, registered: PageSet): NewlyArmed[] {
    const { start, end } = mapping;
    const there = registered.clip(start, end);
    const missing = PageSet.of(start, end).subtract(there);
    const decision = decide(mapping, this.options, candidate => this.isHugetlb(candidate));
    // What was armed once stays so, whatever its protection is now: a page written before mprotect is still told.
    for (const [first, last] of there.pairs()) this.enter(mapping, first, last);
    if (missing.isEmpty) return [];
    if (decision.arm === false || (decision.arm === "sealed" && !this.isWorthWatching(mapping))) {
      if (decision.arm === false && decision.reason) this.leaveOut(mapping, decision.reason);
      return [];
    }
    const gaps: NewlyArmed[] = [];
    for (const [first, last] of missing.pairs()) {
      try {
        this.armRange(mapping, first, last);
        gaps.push({ start: first, end: last, mapping });
      } catch (error) {
        if (!(error instanceof KernelError) || error.code === "ESRCH" || error.code === "ENOMEM") throw error;
        // Shared with a file that is open for reading only: it never becomes writable.
        if (decision.arm === "sealed" && error.code === "EPERM") continue;
        this.leaveOut({ ...mapping, start: first, end: last }, refusal(error));
      }
    }
    return gaps;
  }

  /**
   * Memory that can't be written now may be opened, written and sealed again before the next stop. Of private memory that shows
   * in its pages, if only the first time; of shared memory never, and a giant of it, armed by what is populated, would tell reads.
   */
  private isWorthWatching(mapping: Mapping): boolean {
    const { start, end } = mapping;
    if (isShared(mapping)) return this.way(start, end) === "complete";
    return !Scans.scanSet(this.pagemap, Scans.POPULATED_PRIVATE, this.vector, start, end).isEmpty;
  }

  private armRange(mapping: Mapping, start: number, end: number): void {
    this.userfaultfd.register(start, end);
    if (this.way(start, end) === "complete") {
      this.userfaultfd.writeProtect(start, end);
    } else {
      Scans.scanRegions(this.pagemap, sparseMasks(mapping), start, end, this.vector, () => {});
    }
    this.enter(mapping, start, end);
  }

  private enter(mapping: Mapping, start: number, end: number): void {
    const way = this.wasSparse(start, end) ? "populated" : this.way(start, end);
    this.draft.armed.push({ start, end, way });
    if (way === "populated") this.draft.sparse.push({ start, end, masks: sparseMasks(mapping) });
  }

  /** A sparse mapping stays sparse however much of it is populated by now: its holes have no markers. */
  private wasSparse(start: number, end: number): boolean {
    return this.sparse.some(sparse => sparse.start < end && start < sparse.end);
  }

  private way(start: number, end: number): ArmedMapping["way"] {
    if (end - start <= this.options.sparsePages) return "complete";
    return wayFor(end - start, this.populated(start, end), this.options);
  }

  private populated(start: number, end: number): number {
    return Scans.scanSet(this.pagemap, Scans.POPULATED, this.vector, start, end).pageCount;
  }

  private leaveOut(mapping: Mapping, reason: string): void {
    this.draft.not.push({ start: mapping.start, end: mapping.end, name: shortName(mapping), reason });
  }

  private isHugetlb(mapping: Mapping): boolean {
    const size = this.kernel.mappingPageSize(this.pid, mapping.start);
    return size === undefined ? mapping.name.startsWith("/anon_hugepage") : size > 4096;
  }
}

function sparseMasks(mapping: Mapping): SparseMapping["masks"] {
  return kindOf(mapping) === "file" && !isShared(mapping)
    ? Scans.POPULATED_PRIVATE_FILE_WRITTEN_AND_REARM
    : Scans.POPULATED_WRITTEN_AND_REARM;
}

function refusal(error: KernelError): string {
  const where = `${error.call} of ${error.target}: ${error.code}`;
  if (error.code === "EBUSY") return `another userfaultfd (the program's own) watches it already (${where})`;
  if (error.code === "EPERM") return `shared with a file that the program opened for reading only (${where})`;
  if (error.code === "EINVAL") return `the kernel does not protect memory of this kind, such as a device's (${where})`;
  return `the kernel refused (${where})`;
}
