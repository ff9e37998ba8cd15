// A copy of a process's armed memory, kept up by reported pages alone: whatever else changes in the memory is a lost write.
import { findMapping, isShared, type Mapping, shortName } from "../../src/memory/mapping.ts";
import { formatAddress, PAGE_SIZE } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import type { PageState } from "./process-files.ts";
import type { Told } from "./watched.ts";

/** What a mirror needs of a process: its memory, while it stands. */
export interface StandingMemory {
  states(start: number, end: number): PageState[];
  read(start: number, end: number, into: Uint8Array): number;
}

/** Pages read at once. */
const PIECE = 256;
const ZEROES = new Uint8Array(PAGE_SIZE);

/** A page's bytes; null where nothing is behind it, so that it would read as zeroes, or as its file. */
type Copy = Uint8Array | null;

export class Mirror {
  private readonly memory: StandingMemory;
  private readonly pages = new Map<number, Copy>();
  private armed = PageSet.EMPTY;
  private readonly scratch = new Uint8Array(PIECE * PAGE_SIZE);
  /** Changed at the last stop and not reported then: the debugger's, to be told with the next step, or lost. */
  private open = new Map<number, string>();
  /** Pages compared so far. */
  compared = 0;

  constructor(memory: StandingMemory) {
    this.memory = memory;
  }

  /** The first full copy, of a process just armed. */
  copy({ armed, mappings }: Pick<Told, "armed" | "mappings">): void {
    this.visit(armed, mappings, (page, _state, bytes) => this.pages.set(page, bytes?.slice() ?? null));
    this.armed = armed;
  }

  /**
   * Compares all armed memory with the copy, but for what was told since the stop before, and takes that over.
   * @returns a sentence on each write that was lost: its page differs and nobody reported it.
   */
  check(told: Told): string[] {
    const { armed, mappings, byProgram, byDebugger, isDoubted } = told;
    const lost: string[] = [];
    const belated = isDoubted ? byDebugger.union(byProgram) : byDebugger;
    for (const [page, what] of this.open) {
      if (!belated.has(page) && armed.has(page) && this.armed.has(page)) lost.push(what);
    }
    this.open = new Map();
    for (const [start, end] of this.armed.subtract(armed).pairs()) {
      for (let page = start; page < end; page += 1) this.pages.delete(page);
    }
    const reported = byProgram.union(byDebugger);
    this.visit(armed, mappings, (page, state, bytes) => {
      this.compared += 1;
      const difference = this.differenceOf(page, state, bytes);
      if (difference !== "same") this.pages.set(page, bytes?.slice() ?? null);
      if (difference === "same" || difference === "" || reported.has(page)) return;
      this.open.set(page, `step ${told.step}: ${nameOf(page, mappings)}: ${difference}`);
    });
    this.armed = armed;
    return lost;
  }

  /** What changed at the last stop and was not told by then. Of no more stops to come, it is lost. */
  get unreported(): string[] {
    return [...this.open.values()];
  }

  /** @returns "same", what differs, or "" where the page is another than before without any write. */
  private differenceOf(page: number, state: PageState, bytes: Copy): string {
    const before = this.pages.get(page);
    if (bytes === null) return before === null ? "same" : before === undefined ? "" : gone(before);
    if (before === undefined || before === null) {
      // Read for the first time: a page of its file, or of zeroes.
      if (state === "file" || isZero(bytes)) return "";
      return before === null ? "it was never there, and holds bytes" : "it came with a mapping, and holds bytes";
    }
    const at = firstDifference(before, bytes);
    return at < 0 ? "same" : `byte ${at} was ${before[at]}, is ${bytes[at]}`;
  }

  private visit(
    armed: PageSet,
    mappings: readonly Mapping[],
    look: (page: number, state: PageState, bytes: Copy) => void,
  ): void {
    const shared = PageSet.from(mappings.filter(isShared).map(({ start, end }): [number, number] => [start, end]));
    for (const [start, end] of armed.pairs()) {
      for (let first = start; first < end; first += PIECE) {
        this.visitPiece(first, Math.min(first + PIECE, end), shared, look);
      }
    }
  }

  private visitPiece(
    start: number,
    end: number,
    shared: PageSet,
    look: (page: number, state: PageState, bytes: Copy) => void,
  ): void {
    const states = this.memory.states(start, end);
    // What is absent would come by being read; but who had bytes before is asked for them, and what others share may hold some.
    const wanted = states.map((state, i) => {
      const page = start + i;
      return state !== "absent" || Boolean(this.pages.get(page)) || shared.has(page);
    });
    for (let from = 0; from < wanted.length; ) {
      let to = from + 1;
      while (to < wanted.length && wanted[to] === wanted[from]) to += 1;
      const count = wanted[from] ? this.memory.read(start + from, start + to, this.scratch) : 0;
      for (let i = from; i < to; i += 1) {
        const at = (i - from) * PAGE_SIZE;
        look(start + i, states[i], i - from < count ? this.scratch.subarray(at, at + PAGE_SIZE) : null);
      }
      from = to;
    }
  }
}

function gone(before: Uint8Array): string {
  return isZero(before) ? "" : "it can't be read any more";
}

function isZero(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, ZEROES) === 0;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b) === 0 ? -1 : a.findIndex((byte, i) => byte !== b[i]);
}

function nameOf(page: number, mappings: readonly Mapping[]): string {
  const mapping = mappings[findMapping(mappings, page)];
  return `page ${formatAddress(page)} of ${mapping ? `${shortName(mapping)} ${mapping.permissions}` : "no mapping"}`;
}
