// Has the bytes of each step's pages read after the step was told, and says whose changes they are.
import type { ContentsHandle, NewestPages } from "../agent/contents.ts";
import { Cancelled } from "../common/deadline.ts";
import { Changes } from "../memory/contents/changes.ts";
import { compose } from "../memory/contents/compose.ts";
import { JOINED, MIXED } from "../memory/contents/form.ts";
import { PageSet } from "../memory/page-set.ts";
import { type Missing, touchedPages } from "../recording/contents/step-contents.ts";
import type { Step } from "../recording/step.ts";
import type { Phase } from "./phase.ts";

/** How often copies are asked for that are as of the last capture. */
const MOST_ATTEMPTS = 3;

/** What the steps give. */
export interface ContentsSurroundings {
  readonly handle: ContentsHandle;
  phase(): Phase;
  /** Whether the program stands at a halt whose scan is in. */
  stands(): boolean;
  /** Counts requests that may write, answered or not; undefined while one is on its way. */
  asked(): number | undefined;
  step(number: number): Step | undefined;
  update(step: Step): void;
}

/**
 * What a capture reads is the step's while the program stands. Where it was let go before the capture was over, the capture is
 * taken back: the pages stay to be read, and what the next capture finds of them is told with the last step that wrote them, as
 * joined with the earlier ones' changes where there are several.
 */
export class StepContentsReader {
  private readonly s: ContentsSurroundings;
  private controller: AbortController | undefined;
  /** Steps whose capture was overtaken, the oldest first. */
  private overtaken: number[] = [];
  /** Booked to the debugger, and not read before the program was let go. */
  private debuggerPages = PageSet.EMPTY;
  /** Whether something of the debugger's was not read in time. */
  private debuggerWaits = false;
  /** What the debugger changed since the last step that was told. */
  byDebugger = Changes.NONE;
  /** The last step, where the debugger may have written before its pages were read. */
  private doubted: number | undefined;
  /** Of the last capture that was in time. */
  private version = 0;
  private copying: Promise<void> | undefined;
  private ended = false;

  constructor(surroundings: ContentsSurroundings) {
    this.s = surroundings;
  }

  /** Reads the pages of a step that is told and settled. @param asked what was asked before its scan. */
  async ofStep(number: number, runs: number, asked: number | undefined): Promise<void> {
    const changes = await this.capture(runs);
    const step = this.s.step(number);
    if (!step || this.ended) return;
    if (changes === undefined) {
      this.give(step, Changes.NONE, "overtaken");
      if (this.overtaken.at(-1) !== number) this.overtaken.push(number);
      return;
    }
    this.doubted = asked === undefined || asked !== this.s.asked() ? number : undefined;
    this.attribute(number, changes);
    this.copyAhead();
  }

  /** Reads the pages that were booked to the debugger. */
  async ofDebugger(pages: PageSet, runs: number): Promise<void> {
    const step = this.doubted === undefined ? undefined : this.s.step(this.doubted);
    if (step?.contents) {
      const changes = step.contents.changes.flagged(pages, MIXED);
      this.s.update({ ...step, contents: { ...step.contents, changes } });
    }
    if (this.s.asked() !== undefined) this.doubted = undefined;
    const changes = await this.capture(runs);
    if (changes === undefined) {
      this.debuggerPages = this.debuggerPages.union(pages);
      this.debuggerWaits = true;
    } else this.byDebugger = compose(this.byDebugger, changes);
  }

  /** The program is being let go: what is not read yet can't be told from what it does next. */
  letGo(): void {
    this.controller?.abort();
  }

  /** Settles when every page that can be has been copied. */
  async ready(): Promise<void> {
    this.copyAhead();
    await this.copying;
  }

  /**
   * Newest copies of pages, and what the debugger changed since the last step that was told.
   * @returns undefined where what they are of can't be told: the last captures were overtaken.
   */
  async newest(pages: Float64Array): Promise<{ readonly copies: NewestPages; readonly since: Changes } | undefined> {
    // A capture whose answer is on its way is told before the copies that follow it.
    for (let attempt = 0; attempt < MOST_ATTEMPTS && !this.ended; attempt += 1) {
      const copies = await this.s.handle.newest(pages);
      if (copies.version === this.version) return { copies, since: this.byDebugger };
    }
    return undefined;
  }

  /** Copies pages before they are written, little by little; does not wait for it. */
  copyAhead(): void {
    this.copying ??= this.copy().finally(() => {
      this.copying = undefined;
    });
  }

  end(): void {
    this.ended = true;
    this.controller?.abort();
  }

  /** Steps are numbered from 1 again. */
  reset(): void {
    this.overtaken = [];
    this.doubted = undefined;
  }

  /** @param runs as it was at the scan. @returns undefined where it was overtaken, and taken back. */
  private async capture(runs: number): Promise<Changes | undefined> {
    const { handle, phase } = this.s;
    if (phase().runs !== runs) return undefined;
    const controller = new AbortController();
    this.controller = controller;
    try {
      const { changes, version } = await handle.capture(controller.signal);
      if (phase().runs === runs) {
        this.version = version;
        return changes;
      }
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
    } finally {
      this.controller = undefined;
    }
    if (!this.ended) await handle.uncapture(this.version);
    return undefined;
  }

  /** Gives each change to the last of the steps that wrote its page and have not been told it. */
  private attribute(number: number, changes: Changes): void {
    const { overtaken, debuggerPages } = this;
    this.overtaken = [];
    this.debuggerPages = PageSet.EMPTY;
    const owners = [...overtaken.filter(other => other !== number), number].flatMap(other => this.s.step(other) ?? []);
    const { debuggerWaits } = this;
    this.debuggerWaits = false;
    if (owners.length === 1 && !debuggerWaits) {
      this.give(owners[0], changes);
      return;
    }
    let rest = changes;
    const told: [Step, Changes][] = [];
    for (let i = owners.length - 1; i >= 0; i -= 1) {
      const earlier = owners.slice(0, i).reduce((all, step) => all.union(touchedPages(step)), PageSet.EMPTY);
      const { inside, outside } = rest.split(touchedPages(owners[i]));
      told.unshift([owners[i], inside.flagged(earlier, JOINED).flagged(debuggerPages, MIXED)]);
      rest = outside;
    }
    // What no step reported is the debugger's.
    this.byDebugger = compose(this.byDebugger, rest);
    for (const [step, mine] of told) {
      const isWhole = step.number === number || touchedPages(step).isWithin(mine.pages());
      this.give(step, mine, isWhole ? undefined : "overtaken");
    }
  }

  private give(step: Step, changes: Changes, missing?: Missing): void {
    const { contents } = step;
    // A step that spans several stops was told some of it before; and the debugger's part belongs to where it begins.
    const byDebugger = contents ? contents.byDebugger : this.byDebugger;
    if (!contents) this.byDebugger = Changes.NONE;
    const all = contents ? compose(contents.changes, changes) : changes;
    this.s.update({ ...step, contents: { changes: all, byDebugger, ...(missing ? { missing } : {}) } });
  }

  private async copy(): Promise<void> {
    const { handle, phase, stands } = this.s;
    let stood = false;
    for (let more = true; more || stood; ) {
      const isLast = !more;
      const { runs } = phase();
      const stoodBefore = stands();
      try {
        more = await handle.copyAhead(stood);
      } catch {
        // The next scan tells that the memory is gone.
        return;
      }
      if (this.ended || isLast) return;
      stood = stoodBefore && stands() && phase().runs === runs;
    }
  }
}
