// What of a process's memory goes into a core file: its address space as pieces, each with its bytes, known as zeroes, or left out. Pure.
import { Category } from "../memory/category.ts";
import { isShared, type Mapping } from "../memory/mapping.ts";
import { USER_PAGES_END } from "../memory/page.ts";
import { PageSet } from "../memory/page-set.ts";

/**
 * "bytes": its bytes stand in the file; "zeroes": nobody ever stored to it; "inherited": as in the file before in the chain; "absent":
 * the file does not tell (a file's own pages, which a debugger reads from that file, or memory that may not be read).
 */
export type PieceKind = "bytes" | "zeroes" | "inherited" | "absent";

/** Pages [start, end) of one kind. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  /** As in an ELF program header (p_flags): 4 to read, 2 to write, 1 to execute. */
  readonly flags: number;
  readonly kind: PieceKind;
}

/** Which pages of files go in. "changed": those that differ from the file; "in memory": the file's own ones too, so far as they are in memory. */
export type FilePages = "changed" | "in memory";

/** Regions of equal categories, as PAGEMAP_SCAN tells them: [start, end) pairs in address order, and the bits of each. */
export interface Regions {
  readonly runs: ArrayLike<number>;
  readonly categories: ArrayLike<number>;
}

export interface PlanOptions {
  readonly files: FilePages;
  /** Whether pages may be in swap. Without swap, what reads as swapped in armed memory is the mark of write protection in a hole. */
  readonly hasSwap: boolean;
  /** Pages that hold what the file before in the chain says; those of them that are the process's own are left to that one. */
  readonly unchanged?: PageSet | undefined;
}

const { WPALLOWED, FILE, PRESENT, SWAPPED, PFNZERO, GUARD } = Category;

/** @returns the pieces of all mappings in address order; neighbours differ in kind or flags, so that equal memory gives equal pieces. */
export function planPieces(mappings: readonly Mapping[], regions: Regions, options: PlanOptions): Piece[] {
  const pieces = new PieceList();
  const { runs, categories } = regions;
  let region = 0;
  for (const mapping of mappings) {
    if (mapping.start >= USER_PAGES_END) break;
    const flags = flagsOf(mapping);
    const end = Math.min(mapping.end, USER_PAGES_END);
    const untouched = untouchedKind(mapping);
    if (mapping.name === "[vdso]" || isUnreadable(mapping)) {
      pieces.add({ start: mapping.start, end, flags, kind: mapping.name === "[vdso]" ? "bytes" : "absent" });
      continue;
    }
    let page = mapping.start;
    while (region * 2 < runs.length && runs[region * 2 + 1] <= page) region += 1;
    for (let i = region; i * 2 < runs.length && runs[i * 2] < end; i += 1) {
      const first = Math.max(page, runs[i * 2]);
      const last = Math.min(end, runs[i * 2 + 1]);
      pieces.add({ start: page, end: first, flags, kind: untouched });
      addRegion(pieces, mapping, { start: first, end: last, flags }, categories[i], options);
      page = last;
    }
    pieces.add({ start: page, end, flags, kind: untouched });
  }
  return withoutHuge(pieces.list);
}

/** Untouched runs of more pages than that are not told: 256 GiB of reserved memory, of which a debugger has nothing to show. */
const MOST_UNTOUCHED = 1 << 26;

function withoutHuge(pieces: readonly Piece[]): Piece[] {
  const list = new PieceList();
  for (const piece of pieces) {
    const isHuge = piece.kind === "zeroes" && piece.end - piece.start > MOST_UNTOUCHED;
    list.add(isHuge ? { ...piece, kind: "absent" } : piece);
  }
  return list.list;
}

/** Pages whose bytes are in the file or inherited. */
export function storedPages(pieces: readonly Piece[]): PageSet {
  return PageSet.from(
    pieces.filter(({ kind }) => kind === "bytes" || kind === "inherited").map(({ start, end }) => [start, end]),
  );
}

/** Collects pieces in address order, joining those that continue one another. */
export class PieceList {
  readonly list: Piece[] = [];

  add(piece: Piece): void {
    if (piece.start >= piece.end) return;
    const last = this.list.at(-1);
    if (last && last.end === piece.start && last.kind === piece.kind && last.flags === piece.flags) {
      this.list[this.list.length - 1] = { ...last, end: piece.end };
    } else this.list.push(piece);
  }
}

type Place = Omit<Piece, "kind">;

function addRegion(
  pieces: PieceList,
  mapping: Mapping,
  place: Place,
  bits: number,
  { files, hasSwap, unchanged }: PlanOptions,
): void {
  const isMarker = (bits & PRESENT) === 0 && (bits & WPALLOWED) !== 0 && !hasSwap;
  const isThere = (bits & (PRESENT | SWAPPED)) !== 0 && !isMarker;
  // The page of zeroes stands where a program only read.
  if (!isThere || bits & PFNZERO) pieces.add({ ...place, kind: untouchedKind(mapping) });
  else if (bits & GUARD) pieces.add({ ...place, kind: "absent" });
  else if (bits & FILE && isFilesOwn(mapping) && files === "changed") addFilesOwn(pieces, mapping, place);
  else if (bits & FILE || isShared(mapping)) pieces.add({ ...place, kind: "bytes" });
  else addOwn(pieces, place, unchanged);
}

/** Of a file's own pages the first, where its build-id stands, by which a debugger knows the file again; and data that may yet be written. */
function addFilesOwn(pieces: PieceList, mapping: Mapping, place: Place): void {
  const header = mapping.offset === 0 && place.start === mapping.start && !isShared(mapping) ? 1 : 0;
  const isData = mapping.permissions[1] === "w" && !isShared(mapping);
  const split = isData ? place.end : place.start + header;
  pieces.add({ ...place, end: split, kind: "bytes" });
  pieces.add({ ...place, start: split, kind: "absent" });
}

/** Private memory: what is as the file before tells it is left to that one. */
function addOwn(pieces: PieceList, place: Place, unchanged = PageSet.EMPTY): void {
  let page = place.start;
  for (const [start, end] of unchanged.clip(place.start, place.end).pairs()) {
    pieces.add({ ...place, start: page, end: start, kind: "bytes" });
    pieces.add({ ...place, start, end, kind: "inherited" });
    page = end;
  }
  pieces.add({ ...place, start: page, kind: "bytes" });
}

/** What can be said of pages that are nowhere: private memory of no file begins as zeroes. What may not be read need not be told. */
function untouchedKind(mapping: Mapping): PieceKind {
  return mapping.inode === 0 && !isShared(mapping) && mapping.permissions[0] === "r" ? "zeroes" : "absent";
}

/** The kernel's data pages and devices' memory. */
function isUnreadable({ name }: Mapping): boolean {
  return /^\[v(var|syscall|var_vclock)\]$/.test(name) || /^\/dev\/(?!shm\/|zero\b|hugepages)/.test(name);
}

/** Whether its pages can be had from a file that others can open; memory that processes share has none, or one without a name. */
function isFilesOwn({ inode, name }: Mapping): boolean {
  return inode !== 0 && name.startsWith("/") && !name.endsWith(" (deleted)");
}

function flagsOf({ permissions }: Mapping): number {
  return (permissions[0] === "r" ? 4 : 0) | (permissions[1] === "w" ? 2 : 0) | (permissions[2] === "x" ? 1 : 0);
}
