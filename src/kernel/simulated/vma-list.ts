// The areas of one address space in address order, and how they split and merge (mm/vma.c).
import { findMapping } from "../../memory/mapping.ts";
import { OutOfMemory } from "./out-of-memory.ts";
import type { KernelProfile } from "./profile.ts";
import { ACCESS, AnonVma, Vma, type VmaTraits, VmFlag } from "./vma.ts";

/** Areas a process may have (vm.max_map_count). */
export const MOST_AREAS = 65530;

/** A stretch that wants to become, or to change into, an area with these traits. */
interface Proposal extends VmaTraits {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
  readonly anonVma: AnonVma | undefined;
  readonly hasParents: boolean;
}

/** What kernels do differently here. */
type MergeRule = Pick<KernelProfile, "mergesIntoUnfaulted">;

export class VmaList {
  readonly areas: Vma[] = [];
  private readonly onBoundary: (page: number) => void;
  private readonly rule: MergeRule;

  /** @param onBoundary is told of every page at which an area newly begins or ends: no huge page may lie across it. */
  constructor(onBoundary: (page: number) => void, rule: MergeRule) {
    this.onBoundary = onBoundary;
    this.rule = rule;
  }

  /** Index of the first area that ends after `page` (find_vma); areas.length where there is none. */
  indexAfter(page: number): number {
    let low = 0;
    let high = this.areas.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.areas[middle].end <= page) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The area that holds `page`. */
  at(page: number): Vma | undefined {
    const index = findMapping(this.areas, page);
    return index < 0 ? undefined : this.areas[index];
  }

  /** The areas that overlap [start, end), in a list of its own. */
  overlapping(start: number, end: number): Vma[] {
    if (start >= end) return [];
    const first = this.indexAfter(start);
    let last = first;
    while (last < this.areas.length && this.areas[last].start < end) last += 1;
    return this.areas.slice(first, last);
  }

  insert(vma: Vma): void {
    this.areas.splice(this.indexAfter(vma.start), 0, vma);
  }

  /** Takes away areas that follow one another in the list. */
  removeAll(vmas: readonly Vma[]): void {
    if (vmas.length > 0) this.areas.splice(this.indexOf(vmas[0]), vmas.length);
  }

  /** Where an area of this list is in it. */
  private indexOf(vma: Vma): number {
    return this.indexAfter(vma.start);
  }

  /**
   * Splits an area in two at `page`. `vma` itself stays the lower part.
   * @returns the upper part.
   */
  split(vma: Vma, page: number): Vma {
    this.onBoundary(page);
    const upper = vma.part(page, vma.end);
    vma.end = page;
    this.insert(upper);
    return upper;
  }

  /** As {@link split}, within the limit (split_vma). */
  private splitWithin(vma: Vma, page: number): Vma {
    if (this.areas.length >= MOST_AREAS) throw new OutOfMemory();
    return this.split(vma, page);
  }

  /**
   * Gives a stretch of one area other traits: merges it with a neighbour that is like that already, else splits it off (vma_modify).
   * @returns the area that now holds [start, end) and has these traits.
   * @throws {OutOfMemory} a split would make too many areas; one at `start` may have been made.
   */
  modify(vma: Vma, start: number, end: number, traits: Partial<VmaTraits>): Vma {
    const { flags, file, opening, uffd, anonVma, hasParents } = vma;
    const offset = vma.offset + (start - vma.start);
    const proposal = { flags, file, opening, uffd, ...traits, start, end, offset, anonVma, hasParents };
    const merged = this.mergeExisting(vma, proposal);
    if (merged) {
      // Soft-dirty does not keep areas apart: the stretch's own state becomes that of them all. But for a userfaultfd's doings.
      if (!("uffd" in traits)) merged.flags = proposal.flags;
      return merged;
    }
    let middle = vma;
    if (middle.start < start) middle = this.splitWithin(middle, start);
    if (middle.end > end) this.splitWithin(middle, end);
    Object.assign(middle, traits);
    return middle;
  }

  /**
   * Makes an area where nothing is, or lets a neighbour grow over it (vma_merge_new_range).
   * @param like for a moved area: where its private pages belong.
   * @param apart an area that it does not merge with.
   */
  add(start: number, end: number, offset: number, traits: VmaTraits, like?: Vma, apart?: Vma): Vma {
    const index = this.indexAfter(start);
    const [before, after] = [this.areas[index - 1], this.areas[index]].map(area => (area === apart ? undefined : area));
    const proposal: Proposal = {
      ...traits,
      start,
      end,
      offset,
      anonVma: like?.anonVma,
      hasParents: like?.hasParents ?? false,
    };
    const left = mergesAfter(before, proposal, this.rule);
    const right = mergesBefore(after, proposal, left ? before : undefined, this.rule) && !(left && after.isHugetlb);
    if (left) {
      before.end = right ? after.end : end;
      adopt(before, like);
      if (right) {
        adopt(before, after);
        this.areas.splice(index, 1);
      }
      return before;
    }
    if (right) {
      after.start = start;
      after.offset = offset;
      adopt(after, like);
      return after;
    }
    const vma = new Vma(start, end, offset, traits);
    if (like) {
      vma.anonVma = like.anonVma;
      vma.hasParents = like.hasParents;
      vma.mayHoldGuards = like.mayHoldGuards;
    }
    this.areas.splice(index, 0, vma);
    return vma;
  }

  /** Ties private pages to the area before the first of them comes; takes a neighbour's tie so that they may merge later (__anon_vma_prepare). */
  prepareAnon(vma: Vma): void {
    if (vma.anonVma) return;
    const index = this.indexOf(vma);
    const next = this.areas[index + 1];
    const previous = this.areas[index - 1];
    vma.anonVma =
      (next && isCompatible(vma, next) && reusable(next)) ||
      (previous && isCompatible(previous, vma) && reusable(previous)) ||
      new AnonVma();
  }

  /** vma_merge_existing_range: the stretch lies at an edge of `middle`, or covers it. */
  private mergeExisting(middle: Vma, proposal: Proposal): Vma | undefined {
    const { start, end } = proposal;
    const atLeft = start === middle.start;
    const atRight = end === middle.end;
    if (middle.has(VmFlag.SPECIAL) || (!atLeft && !atRight)) return undefined;
    // An area with a close operation can't be merged away (can_merge_remove_vma).
    if (middle.isHugetlb && atLeft && atRight) return undefined;
    const index = this.indexOf(middle);
    const before = this.areas[index - 1];
    const after = this.areas[index + 1];
    const left = atLeft && mergesAfter(before, proposal, this.rule);
    const right = atRight && mergesBefore(after, proposal, left ? before : undefined, this.rule);
    if (left && right) {
      adopt(before, after.anonVma ? after : middle);
      before.mayHoldGuards ||= middle.mayHoldGuards || after.mayHoldGuards;
      before.end = after.end;
      this.areas.splice(index, 2);
      return before;
    }
    if (left) {
      adopt(before, middle);
      this.onBoundary(end);
      before.end = end;
      if (atRight) this.areas.splice(index, 1);
      else moveStart(middle, end);
      return before;
    }
    if (right) {
      adopt(after, middle);
      this.onBoundary(start);
      moveStart(after, start);
      if (atLeft) this.areas.splice(index, 1);
      else middle.end = start;
      return after;
    }
    return undefined;
  }
}

function moveStart(vma: Vma, start: number): void {
  vma.offset += start - vma.start;
  vma.start = start;
}

/** can_vma_merge_left. */
function mergesAfter(before: Vma | undefined, proposal: Proposal, rule: MergeRule): before is Vma {
  return (
    before !== undefined &&
    before.end === proposal.start &&
    isLike(before, proposal) &&
    allowsAnon(before, proposal, rule) &&
    before.offset + (before.end - before.start) === proposal.offset
  );
}

/** can_vma_merge_right; what fits either neighbour may still not join them with each other. */
function mergesBefore(
  after: Vma | undefined,
  proposal: Proposal,
  joined: Vma | undefined,
  rule: MergeRule,
): after is Vma {
  return (
    after !== undefined &&
    after.start === proposal.end &&
    isLike(after, proposal) &&
    allowsAnon(after, proposal, rule) &&
    after.offset === proposal.offset + (proposal.end - proposal.start) &&
    (!joined?.anonVma || !after.anonVma || joined.anonVma === after.anonVma)
  );
}

/** is_mergeable_vma. */
function isLike(vma: Vma, proposal: Proposal): boolean {
  return (
    ((vma.flags ^ proposal.flags) & ~VmFlag.SOFTDIRTY) === 0 &&
    !vma.has(VmFlag.SPECIAL) &&
    vma.file === proposal.file &&
    vma.opening === proposal.opening &&
    vma.uffd === proposal.uffd
  );
}

/** is_mergeable_anon_vma. */
function allowsAnon(neighbour: Vma, proposal: Proposal, { mergesIntoUnfaulted }: MergeRule): boolean {
  // Older kernels asked the neighbour's chain for the range's tie.
  if (!mergesIntoUnfaulted && !neighbour.anonVma && proposal.anonVma) return false;
  if (!neighbour.anonVma && proposal.anonVma) return !proposal.hasParents;
  if (neighbour.anonVma && !proposal.anonVma) return !neighbour.hasParents;
  return neighbour.anonVma === proposal.anonVma;
}

/** dup_anon_vma. */
function adopt(vma: Vma, from: Vma | undefined): void {
  if (from?.mayHoldGuards) vma.mayHoldGuards = true;
  if (!from?.anonVma || vma.anonVma) return;
  vma.anonVma = from.anonVma;
  vma.hasParents = from.hasParents;
}

/** anon_vma_compatible: alike but for what mprotect can change. */
function isCompatible(lower: Vma, upper: Vma): boolean {
  return (
    lower.end === upper.start &&
    lower.file === upper.file &&
    lower.opening === upper.opening &&
    ((lower.flags ^ upper.flags) & ~(ACCESS | VmFlag.SOFTDIRTY)) === 0 &&
    upper.offset === lower.offset + (upper.start - lower.start)
  );
}

function reusable(neighbour: Vma): AnonVma | undefined {
  return neighbour.hasParents ? undefined : neighbour.anonVma;
}
