// A process's memory rebuilt from a first copy and the bytes that steps told, held against the real one: no byte may be off.

import type { Changes } from "../../src/memory/contents/changes.ts";
import { findMapping, isWritable, type Mapping, shortName } from "../../src/memory/mapping.ts";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { addressText } from "../../src/recording/contents/json.ts";
import type { Step } from "../../src/recording/step.ts";
import { isProgramText } from "../../src/tracker/account.ts";
import type { StandingMemory } from "./mirror.ts";

/** Pages read at once. */
const PIECE = 256;
/** Sentences on one stop: of more, nobody learns more. */
const MOST_PROBLEMS = 5;

interface Armed {
  readonly armed: PageSet;
  readonly mappings: readonly Mapping[];
}

export class Rebuilt {
  private readonly memory: StandingMemory;
  private readonly pages = new Map<number, Uint8Array>();
  private readonly scratch = new Uint8Array(PIECE * PAGE_SIZE);
  /** Pages that are taken over as they are: nobody claims to know what they hold. */
  private adopted = new Set<number>();
  /** Came under watch when the program could not write them: what the debugger stored there may be told later. */
  private readonly sealed = new Set<number>();
  /** Under watch at the last stop. */
  private armed = PageSet.EMPTY;
  /** What differed at the last stop: the debugger's, to be told with the next step. */
  private open = new Map<number, Uint8Array>();
  /** Pages held against the real ones so far. */
  compared = 0;
  /** Bytes that were told to have changed, and pages that were told without their bytes before. */
  readonly told = { bytes: 0, unknown: 0 };

  constructor(memory: StandingMemory) {
    this.memory = memory;
  }

  /** The first copy, of a process just armed. */
  copy(now: Armed): void {
    this.armed = dataIn(now);
    this.visit(this.armed, (page, real) => this.pages.set(page, real.slice()));
  }

  /** @param steps those told since the last stop. @returns a sentence on each page of which a byte is off. */
  check(steps: readonly Step[], now: Armed): string[] {
    const { mappings } = now;
    const armed = dataIn(now);
    const problems: string[] = [];
    this.adopted = new Set();
    for (const { number, contents } of steps) {
      if (!contents) {
        problems.push(`step ${number} tells no bytes`);
        continue;
      }
      if (contents.missing) problems.push(`step ${number} was ${contents.missing}`);
      this.apply(contents.byDebugger, `step ${number}, by the debugger`, problems);
      for (const [page, seen] of this.open) {
        const at = firstDifference(this.pages.get(page), seen);
        if (at >= 0 && armed.has(page) && !this.adopted.has(page)) {
          const where = `${addressText(page, at)} of ${nameOf(page, mappings)}`;
          problems.push(
            `before step ${number}: ${where} is ${seen[at]}, told was ${this.pages.get(page)?.[at] ?? "nothing"}`,
          );
        }
      }
      this.open = new Map();
      this.apply(contents.changes, `step ${number}`, problems);
    }
    for (const page of this.pages.keys()) if (!armed.has(page)) this.pages.delete(page);
    this.visit(armed, (page, real, isFile) => {
      const copy = this.pages.get(page);
      this.compared += 1;
      if (!copy) {
        // Read for the first time, or never known; or lldb's own, which it maps without the right to write and stores to by force.
        const isSealed = !this.armed.has(page) && !isWritableAt(page, mappings);
        if (isSealed) this.sealed.add(page);
        if (isFile || isSealed || this.adopted.has(page) || real.every(byte => byte === 0))
          this.pages.set(page, real.slice());
        else this.open.set(page, real.slice());
      } else if (firstDifference(copy, real) >= 0) {
        if (this.adopted.has(page)) copy.set(real);
        else this.open.set(page, real.slice());
      }
    });
    this.armed = armed;
    return problems.slice(0, MOST_PROBLEMS);
  }

  /** What differed at the last stop and no step is left to tell. */
  get unexplained(): string[] {
    return [...this.open.keys()].slice(0, MOST_PROBLEMS).map(page => `${addressText(page, 0)} differs at the end`);
  }

  private apply(changes: Changes, whose: string, problems: string[]): void {
    const cursor = changes.cursor();
    while (cursor.next()) {
      const { page } = cursor;
      const copy = this.pages.get(page) ?? (cursor.kind === 1 ? new Uint8Array(PAGE_SIZE) : undefined);
      if (cursor.reason !== undefined || !copy) {
        if (cursor.reason !== undefined && !cursor.isGone) this.told.unknown += 1;
        this.pages.delete(page);
        if (!cursor.isGone) this.adopted.add(page);
        continue;
      }
      const isUnsure = this.sealed.delete(page) || this.adopted.has(page);
      for (const { offset, before, after } of cursor.runs()) {
        this.told.bytes += after?.length ?? 0;
        const at = before ? before.findIndex((byte, i) => byte !== copy[offset + i]) : -1;
        if (at < 0 || isUnsure) continue;
        const where = addressText(page, offset + at);
        problems.push(`${whose}: ${where} is said to have been ${before?.[at]}, was ${copy[offset + at]}`);
      }
      cursor.redo(copy, 0);
      if (cursor.isGone) this.pages.delete(page);
      else this.pages.set(page, copy);
    }
  }

  private visit(armed: PageSet, look: (page: number, real: Uint8Array, isFile: boolean) => void): void {
    for (const [start, end] of armed.pairs()) {
      for (let first = start; first < end; first += PIECE) this.visitPiece(first, Math.min(first + PIECE, end), look);
    }
  }

  private visitPiece(
    start: number,
    end: number,
    look: (page: number, real: Uint8Array, isFile: boolean) => void,
  ): void {
    const states = this.memory.states(start, end);
    const wanted = states.map((state, i) => state !== "absent" || this.pages.has(start + i));
    for (let from = 0; from < wanted.length; ) {
      let to = from + 1;
      while (to < wanted.length && wanted[to] === wanted[from]) to += 1;
      const count = wanted[from] ? this.memory.read(start + from, start + to, this.scratch) : 0;
      for (let i = 0; i < count; i += 1) {
        const real = this.scratch.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE);
        look(start + from + i, real, states[from + i] === "file");
      }
      from = to;
    }
  }
}

/** Without the program's text: what changes there are breakpoints, whose pages are told, and whose bytes are not. */
function dataIn({ armed, mappings }: Armed): PageSet {
  const text = mappings.filter(isProgramText).map(({ start, end }): [number, number] => [start, end]);
  return armed.subtract(PageSet.from(text));
}

/** -1 where both are the same. */
function firstDifference(a: Uint8Array | undefined, b: Uint8Array): number {
  if (!a) return b.findIndex(byte => byte !== 0);
  return Buffer.compare(a, b) === 0 ? -1 : a.findIndex((byte, i) => byte !== b[i]);
}

function isWritableAt(page: number, mappings: readonly Mapping[]): boolean {
  const mapping = mappings[findMapping(mappings, page)];
  return mapping !== undefined && isWritable(mapping);
}

function nameOf(page: number, mappings: readonly Mapping[]): string {
  const mapping = mappings[findMapping(mappings, page)];
  return mapping ? `${shortName(mapping)} ${mapping.permissions}` : "no mapping";
}
