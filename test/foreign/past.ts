// Pages as they really were at some stops, and what the recording says they were: any page, after any step that is remembered.

import { PAGE_SIZE } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { pageAfter } from "../../src/recording/contents/history.ts";
import { addressText } from "../../src/recording/contents/json.ts";
import type { Recording } from "../../src/recording/recording.ts";
import { isProgramText } from "../../src/tracker/account.ts";
import type { Layout } from "../../src/tracker/reports.ts";
import type { Random } from "../programs/random.ts";
import type { StandingMemory } from "./mirror.ts";
import type { Told } from "./watched.ts";

/** Pages that are kept of each stop: some that it wrote, and some that are only watched. */
const EACH = 6;
/** Sentences on one program: of more, nobody learns more. */
const MOST_PROBLEMS = 5;

interface Kept {
  readonly step: number;
  readonly page: number;
  readonly bytes: Uint8Array;
}

export class Past {
  private readonly memory: StandingMemory;
  private readonly random: Random;
  private readonly kept: Kept[] = [];

  constructor(memory: StandingMemory, random: Random) {
    this.memory = memory;
    this.random = random;
  }

  /** Keeps some pages of the stop that is told. */
  keep({ step, armed, mappings, byProgram }: Pick<Told, "step" | "armed" | "mappings" | "byProgram">): void {
    const data = armed.subtract(textIn(mappings));
    for (const pages of [byProgram.intersect(data), data]) {
      for (let i = 0; i < EACH && !pages.isEmpty; i += 1) {
        const at = pages.next(this.pageIn(pages));
        if (at === undefined || this.memory.states(at, at + 1)[0] === "absent") continue;
        const bytes = new Uint8Array(PAGE_SIZE);
        if (this.memory.read(at, at + 1, bytes) === 1) this.kept.push({ step, page: at, bytes });
      }
    }
  }

  /** @returns how many pages the recording knew of those that were kept, and a sentence on each that it tells wrong. */
  async check(
    recording: Recording,
  ): Promise<{ readonly known: number; readonly of: number; readonly wrong: string[] }> {
    const wrong: string[] = [];
    let known = 0;
    const pages = [...new Set(this.kept.map(({ page }) => page))];
    const newest = await recording.memory?.newest(pages);
    if (!newest) throw new Error("no copies of pages can be had");
    for (const { step, page, bytes } of this.kept) {
      const after = pageAfter(recording.steps, page, step, newest.pages[pages.indexOf(page)], newest.since);
      // What the debugger changed while the program stood there is in the page that was read, and not in the step.
      const next = recording.steps.byNumber(step + 1);
      if (!("bytes" in after) || after.isMixed || (next?.contents?.byDebugger ?? newest.since).find(page)) continue;
      known += 1;
      const at = bytes.findIndex((byte, i) => byte !== after.bytes[i]);
      if (at >= 0 && wrong.length < MOST_PROBLEMS)
        wrong.push(`after step ${step}, ${addressText(page, at)} was ${bytes[at]}, told is ${after.bytes[at]}`);
    }
    return { known, of: this.kept.length, wrong };
  }

  private pageIn(pages: PageSet): number {
    const runs = [...pages.pairs()];
    const [start, end] = runs[this.random.between(0, runs.length - 1)];
    return this.random.between(start, end - 1);
  }
}

function textIn(mappings: Layout["mappings"]): PageSet {
  return PageSet.from(mappings.filter(isProgramText).map(({ start, end }): [number, number] => [start, end]));
}
