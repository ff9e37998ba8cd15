// Arming: registers mappings with the userfaultfd and write-protects them. What it did comes back as an account, a value.

import { Errno } from "../kernel/errno.ts";
import type { Kernel, Pagemap, Userfaultfd } from "../kernel/kernel.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import type { RegionVector } from "../kernel/region-vector.ts";
import { isShared, type Mapping, sameMapping, sameOrigin, shortName } from "../memory/mapping.ts";
import { PageSet } from "../memory/page-set.ts";
import { type Account, accountOf, type Entry, isProgramText, NOTHING, type Range, sparseMasks } from "./account.ts";
import { type MemoryChoice, whyNotChosen } from "./choice.ts";
import { isOurs } from "./foreign.ts";
import { type Decision, decide, wayFor } from "./policy.ts";
import type { ArmedMapping, ArmOptions, NotArmed } from "./reports.ts";
import * as Scans from "./scans.ts";

/** A part of a mapping that was armed just now. */
export interface NewlyArmed extends Range {
  readonly mapping: Mapping;
  /** The pages of it that lay in the same mapping before: it was known then, and not armed. */
  readonly continued: PageSet;
}

/** What the kernel tells of the address space now. */
export interface Registration {
  /** Pages of mappings that no userfaultfd watches. */
  readonly unregistered: PageSet;
  /** Pages that the program watches itself. */
  readonly foreign: PageSet;
  /** Pages that watches have of it, by another userfaultfd of ours. */
  readonly lent: PageSet;
  /** Pages where something changed though the list of mappings may be the same. */
  readonly touched: PageSet;
}

/** How long to work before others get a turn, milliseconds. */
const SLICE = 8;
/** Pages and mappings that are protected by one call, at most: it lets nobody else in. */
const BATCH_PAGES = 1 << 16;
const BATCH_MAPPINGS = 256;
/** Written places in one mapping's text that are watched one by one; each splits the mapping. With more, all of it is watched. */
const MOST_PATCHES = 16;

export class Arming {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly pagemap: Pagemap;
  private readonly userfaultfd: Userfaultfd;
  private readonly vector: RegionVector;
  private options: ArmOptions;
  /** Where mappings begin that are locked in memory. */
  private locked: ReadonlySet<number> = new Set();

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

  /**
   * Arms all mappings that should be. `pause` is awaited every few milliseconds, or some hundred mappings, and may throw to cancel.
   * @throws {KernelError} ESRCH when the process has ended.
   */
  async armAll(mappings: readonly Mapping[], pause: () => Promise<void>): Promise<Account> {
    this.lookForLocked();
    let turn = performance.now();
    const entries: Entry[] = [];
    for (const batch of this.batches(mappings)) {
      for (const entry of this.armBatch(batch)) entries.push(entry);
      if (batch.length < BATCH_MAPPINGS && performance.now() - turn < SLICE) continue;
      await pause();
      turn = performance.now();
    }
    return accountOf(mappings, entries);
  }

  /** Neighbours that are armed in the same way, without a question, go together: two calls for all of them. */
  private *batches(mappings: readonly Mapping[]): Generator<Mapping[]> {
    let batch: Mapping[] = [];
    let pages = 0;
    for (const mapping of mappings) {
      const size = mapping.end - mapping.start;
      const isPlain =
        size <= Math.min(BATCH_PAGES, this.options.sparsePages) &&
        this.isWhole(mapping) &&
        !this.mayBearNoMarkers(mapping);
      if (batch.length > 0 && (!isPlain || pages + size > BATCH_PAGES || batch.length === BATCH_MAPPINGS)) {
        yield batch;
        batch = [];
        pages = 0;
      }
      if (isPlain) {
        batch.push(mapping);
        pages += size;
      } else {
        yield [mapping];
      }
    }
    if (batch.length > 0) yield batch;
  }

  private armBatch(batch: readonly Mapping[]): Entry[] {
    if (batch.length > 1) {
      const [{ start }, { end }] = [batch[0], batch[batch.length - 1]];
      try {
        this.protect(start, end, () => this.userfaultfd.writeProtect(start, end));
        return batch.map(({ start, end }) => ({ ...NOTHING, armed: [{ start, end, way: "complete" }] }));
      } catch (error) {
        // One of them is refused: which one shows when each is tried.
        this.rethrowUnlessRefused(error);
      }
    }
    return batch.map(mapping => this.armMapping(mapping, PageSet.EMPTY, PageSet.of(mapping.start, mapping.end)));
  }

  /**
   * Arms what came since, and forgets what is gone. Mappings that are the same as before, with nothing touched in them, cost one
   * comparison each.
   * @param gaps takes what was armed, so that it is known where the call throws, too.
   * @throws {KernelError} ESRCH when the process has ended or replaced its program.
   */
  follow(
    before: Account,
    mappings: readonly Mapping[],
    { unregistered, foreign, lent, touched }: Registration,
    gaps: NewlyArmed[],
  ): Account {
    this.lookForLocked();
    let first = 0;
    const entries = mappings.map(mapping => {
      const { start, end } = mapping;
      while (first < before.mappings.length && before.mappings[first].end <= start) first += 1;
      const isKnown = first < before.mappings.length && sameMapping(before.mappings[first], mapping);
      if (isKnown && (touched.isEmpty || touched.countIn(start, end) === 0)) return before.entries[first];
      const past = pastOf(before, first, mapping);
      let missing = unregistered.clip(start, end).union(foreign.clip(start, end));
      // The program may have put memory that it watches itself in the place of what was armed.
      const registered = PageSet.of(start, end).subtract(missing);
      if (
        !isKnown &&
        !registered.isEmpty &&
        lent.countIn(start, end) === 0 &&
        !isOurs(this.userfaultfd, registered.first)
      )
        missing = PageSet.of(start, end);
      const there = PageSet.of(start, end).subtract(missing);
      return this.armMapping(mapping, there, missing, past.sparse, (from, to) =>
        gaps.push({ start: from, end: to, mapping, continued: past.pages }),
      );
    });
    return accountOf(mappings, entries);
  }

  /**
   * Arms pages [start, end) whose mapping nobody has looked up, populated ones that a scan found.
   * @returns false where the kernel refuses.
   * @throws {KernelError} ESRCH when the process has ended or replaced its program.
   */
  armAtOnce(start: number, end: number): boolean {
    try {
      this.protect(start, end, () => this.userfaultfd.writeProtect(start, end));
      return true;
    } catch (error) {
      this.rethrowUnlessRefused(error);
      return false;
    }
  }

  /**
   * From now on this memory is chosen. What is armed and chosen no more is to be unregistered by the caller, and what is chosen and
   * not armed comes by {@link follow}.
   * @returns armed pages that are chosen no more, and all that are chosen, so far as they can be armed.
   */
  choose(
    choice: MemoryChoice,
    { mappings, entries }: Account,
  ): { readonly leaving: PageSet; readonly chosen: PageSet } {
    this.options = { ...this.options, watch: choice.watch };
    const leaving: [number, number][] = [];
    const all: (readonly [number, number])[] = [];
    for (const [i, mapping] of mappings.entries()) {
      if (isProgramText(mapping)) continue;
      const decision = this.decide(mapping);
      const chosen = decision.arm === false ? PageSet.EMPTY : (decision.part ?? PageSet.of(mapping.start, mapping.end));
      all.push(...chosen.pairs());
      for (const { start, end } of entries[i].armed) leaving.push(...PageSet.of(start, end).subtract(chosen).pairs());
    }
    return { leaving: PageSet.from(leaving), chosen: PageSet.from(all) };
  }

  /**
   * Arms again what {@link release} let go, as it was armed before.
   * @param sparse the masks of a part that is armed by its populated pages only.
   */
  restore(start: number, end: number, sparse?: typeof Scans.WRITTEN_AND_REARM): void {
    this.protect(start, end, () => {
      if (!sparse) this.userfaultfd.writeProtect(start, end);
      else Scans.scanRegions(this.pagemap, sparse, start, end, this.vector, () => {});
    });
  }

  /**
   * Lets pages go that another userfaultfd is to have.
   * @returns those written since the last scan.
   */
  release(start: number, end: number, sparse?: typeof Scans.WRITTEN_AND_REARM): PageSet {
    const written = Scans.scanSet(this.pagemap, sparse ?? Scans.WRITTEN_AND_REARM, this.vector, start, end);
    this.userfaultfd.unregister(start, end);
    return written;
  }

  /** Pages under watch: all of a completely armed mapping, the populated ones of a sparse one. */
  armedPages({ armedMappings }: Account): number {
    return armedMappings.reduce(
      (pages, { start, end, way }) => pages + (way === "complete" ? end - start : this.populated(start, end)),
      0,
    );
  }

  /**
   * @param there pages of it that are registered already; @param missing those that are not.
   * @param sparse what of it was armed by its populated pages: it stays so however much is populated by now, as its holes have
   *   no markers.
   */
  private armMapping(
    mapping: Mapping,
    there: PageSet,
    missing: PageSet,
    sparse = PageSet.EMPTY,
    onGap: (start: number, end: number) => void = () => {},
  ): Entry {
    const armed: ArmedMapping[] = [];
    const notArmed: NotArmed[] = [];
    const refused: Range[] = [];
    // What was armed once stays so, whatever its protection is now: a page written before mprotect is still told.
    for (const [start, end] of there.pairs()) {
      armed.push({ start, end, way: sparse.countIn(start, end) > 0 ? "populated" : this.way(start, end) });
    }
    const decision = this.decide(mapping);
    const leaveOut = (start: number, end: number, reason: string): void => {
      notArmed.push({ start, end, name: shortName(mapping), reason });
    };
    const part = decision.arm === false ? undefined : decision.part;
    let wanted = part ? missing.intersect(part) : missing;
    if (part && decision.arm === true) {
      for (const [start, end] of missing.subtract(part).pairs())
        leaveOut(start, end, whyNotChosen(mapping, start, end, this.options));
    }
    if (decision.arm === false) {
      if (decision.reason && !missing.isEmpty) leaveOut(mapping.start, mapping.end, decision.reason);
      wanted = isProgramText(mapping) ? this.patchedText(mapping, missing) : PageSet.EMPTY;
    } else if (decision.arm === "sealed" && !missing.isEmpty && !this.isWorthWatching(mapping)) {
      wanted = PageSet.EMPTY;
    }
    for (const [start, end] of wanted.pairs()) {
      try {
        armed.push({ start, end, way: this.armRange(mapping, start, end, sparse) });
        onGap(start, end);
      } catch (error) {
        const refusal = this.rethrowUnlessRefused(error);
        // Shared with a file that is open for reading only: it never becomes writable.
        if (decision.arm === "sealed" && refusal.code === "EPERM") continue;
        leaveOut(start, end, wordsFor(refusal));
        if (refusal.code === "EBUSY" || refusal.code === "ENOMEM") refused.push({ start, end });
      }
    }
    if (armed.length + notArmed.length === 0) return NOTHING;
    return { armed: joined(armed), notArmed, refused };
  }

  /**
   * Memory that can't be written now may be opened, written and sealed again before the next stop. Of private memory that shows
   * in its pages: none of them is the process's own before the first such write, so that the mapping can wait until one is there.
   * Pages of shared memory look the same whoever wrote them, and when; so it is armed from the beginning. Only a giant of it,
   * which would be armed by its populated pages, is left: each page that another process brings in would be told as written.
   */
  private isWorthWatching(mapping: Mapping): boolean {
    const { start, end } = mapping;
    if (isShared(mapping)) return this.way(start, end) === "complete";
    return !Scans.scanSet(this.pagemap, Scans.POPULATED_PRIVATE, this.vector, start, end).isEmpty;
  }

  /** What of a program's text differs from its file: once written, it may be written again. */
  private patchedText({ start, end }: Mapping, missing: PageSet): PageSet {
    const patched = Scans.scanSet(this.pagemap, Scans.POPULATED_PRIVATE, this.vector, start, end).intersect(missing);
    return patched.runCount > MOST_PATCHES ? missing : patched;
  }

  private armRange(mapping: Mapping, start: number, end: number, sparse: PageSet): ArmedMapping["way"] {
    let way: ArmedMapping["way"] = "complete";
    this.protect(start, end, () => {
      const isSparse = sparse.countIn(start, end) > 0 || this.mayBearNoMarkers(mapping);
      way = isSparse ? "populated" : this.way(start, end);
      if (way === "complete") this.userfaultfd.writeProtect(start, end);
      else Scans.scanRegions(this.pagemap, sparseMasks(mapping), start, end, this.vector, () => {});
    });
    return way;
  }

  /** Registers pages and protects them, both or neither: what is registered and bears no markers reads as written for ever. */
  private protect(start: number, end: number, writeProtect: () => void): void {
    this.userfaultfd.register(start, end);
    try {
      writeProtect();
    } catch (error) {
      try {
        this.userfaultfd.unregister(start, end);
      } catch {
        // The first refusal says more.
      }
      throw error;
    }
  }

  /**
   * Linux 6.9 and later never end a fault in locked memory of a file where a marker stands and the file's page is not in memory: it looks for an
   * entry that is none before it waits for the disk (filemap_fault_recheck_pte_none, 58f327f2ce80).
   */
  private mayBearNoMarkers({ start, inode }: Mapping): boolean {
    return inode !== 0 && this.locked.has(start);
  }

  private lookForLocked(): void {
    this.locked = new Set(this.kernel.lockedMappings?.(this.pid) ?? []);
  }

  private way(start: number, end: number): ArmedMapping["way"] {
    if (end - start <= this.options.sparsePages) return "complete";
    return wayFor(end - start, this.populated(start, end), this.options);
  }

  private populated(start: number, end: number): number {
    return Scans.scanSet(this.pagemap, Scans.POPULATED, this.vector, start, end).pageCount;
  }

  private isWhole(mapping: Mapping): boolean {
    const decision = this.decide(mapping);
    return decision.arm === true && !decision.part;
  }

  private decide(mapping: Mapping): Decision {
    return decide(mapping, this.options, candidate => this.isHugetlb(candidate));
  }

  private isHugetlb(mapping: Mapping): boolean {
    const size = this.kernel.mappingPageSize(this.pid, mapping.start);
    return size === undefined ? mapping.name.startsWith("/anon_hugepage") : size > 4096;
  }

  /** @returns the kernel's refusal of one range. @throws what says that the memory is gone, and what is no refusal. */
  private rethrowUnlessRefused(error: unknown): KernelError {
    if (!(error instanceof KernelError) || error.errno === Errno.ESRCH) throw error;
    // ENOMEM means memory that is gone (exec), or no memory for one mapping more; a scan of nothing tells which.
    if (error.errno === Errno.ENOMEM) this.pagemap.scan({ ...Scans.RESIDENT, start: 0, end: 0 }, this.vector);
    return error;
  }
}

/** What was known where a mapping lies now: pages of the same mapping, and which of them were armed by populated pages only. */
function pastOf(before: Account, first: number, mapping: Mapping): { pages: PageSet; sparse: PageSet } {
  const pages: [number, number][] = [];
  const sparse: [number, number][] = [];
  for (let i = first; i < before.mappings.length && before.mappings[i].start < mapping.end; i += 1) {
    if (!sameOrigin(before.mappings[i], mapping)) continue;
    pages.push([before.mappings[i].start, before.mappings[i].end]);
    for (const { start, end, way } of before.entries[i].armed) if (way === "populated") sparse.push([start, end]);
  }
  return { pages: PageSet.from(pages), sparse: PageSet.from(sparse) };
}

/** In address order, neighbours armed in the same way as one. */
function joined(parts: readonly ArmedMapping[]): readonly ArmedMapping[] {
  if (parts.length < 2) return parts;
  const result: ArmedMapping[] = [];
  for (const part of [...parts].sort((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last?.end === part.start && last.way === part.way) result[result.length - 1] = { ...last, end: part.end };
    else result.push(part);
  }
  return result;
}

function wordsFor(error: KernelError): string {
  const where = `${error.call} of ${error.target}: ${error.code}`;
  if (error.code === "EBUSY") return `another userfaultfd (the program's own) watches it already (${where})`;
  if (error.code === "EPERM") return `shared with a file that the program opened for reading only (${where})`;
  if (error.code === "EINVAL") return `the kernel does not protect memory of this kind, such as a device's (${where})`;
  if (error.code === "ENOMEM") {
    return `the kernel has no memory for it, or the program as many mappings as vm.max_map_count allows: raise that by sysctl (${where})`;
  }
  return `the kernel refused (${where})`;
}
