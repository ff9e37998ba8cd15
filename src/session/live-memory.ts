// The memory of an armed program, as whoever shows its recording asks of it: copies from the agent, and names of the present halt.
import type { TrackerHandle } from "../agent/tracking.ts";
import { Changes } from "../memory/contents/changes.ts";
import { PAGE_SIZE } from "../memory/page.ts";
import type { NewestBytes, RangeNames, RecordedMemory } from "../recording/memory.ts";
import type { Phase } from "./phase.ts";
import type { StepContentsReader } from "./step-contents.ts";

export interface LiveSurroundings {
  readonly tracker: Pick<TrackerHandle, "names" | "read">;
  readonly pid: number;
  readonly contents: StepContentsReader | undefined;
  phase(): Phase;
  /** Whether the program stands at a halt whose scan is in. */
  stands(): boolean;
}

export class LiveMemory implements RecordedMemory {
  private readonly s: LiveSurroundings;

  constructor(surroundings: LiveSurroundings) {
    this.s = surroundings;
  }

  async newest(pages: readonly number[]): Promise<NewestBytes | undefined> {
    const { contents } = this.s;
    const told = await contents?.newest(Float64Array.from(pages));
    const copies = pages.map((_, i) =>
      told?.copies.known[i] === 1 ? told.copies.bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE) : undefined,
    );
    const missing = pages.filter((_, i) => !copies[i]);
    const read = await this.present(missing);
    if (!told && !read) return undefined;
    return {
      pages: copies,
      present: pages.map((page, i) => (copies[i] ? undefined : read?.get(page))),
      since: told?.since ?? Changes.NONE,
    };
  }

  async names(start: number, end: number, most: number): Promise<RangeNames | undefined> {
    const { tracker, pid } = this.s;
    const answer = await this.whileItStands(() => tracker.names(pid, Float64Array.of(start, end), most));
    return answer && { pieces: answer.named[0] ?? [], types: answer.types };
  }

  /** Pages as the program holds them at the present halt. */
  private async present(pages: readonly number[]): Promise<Map<number, Uint8Array> | undefined> {
    const { tracker, pid } = this.s;
    if (pages.length === 0) return new Map();
    const read = await this.whileItStands(() => tracker.read(pid, Float64Array.from(pages)));
    if (!read) return undefined;
    const found = new Map<number, Uint8Array>();
    for (const [i, page] of pages.entries())
      if (read.known[i] === 1) found.set(page, read.bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE));
    return found;
  }

  /** @returns undefined where the program did not stand all the while, or has no such memory any more. */
  private async whileItStands<T>(ask: () => Promise<T>): Promise<T | undefined> {
    const { phase, stands } = this.s;
    const { runs } = phase();
    if (!stands()) return undefined;
    // Who asks is told so by what is missing; that the memory is gone, the next scan tells.
    const answer = await ask().catch(() => undefined);
    return phase().runs === runs ? answer : undefined;
  }
}
