// The way to watch memory whose stores can't be made to wait: it is looked at while the program runs, and a change told after the fact.
import type { Disposable } from "../../common/disposable.ts";
import { Emitter } from "../../common/emitter.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { PageSet } from "../../memory/page-set.ts";
import { shown } from "./changes.ts";
import { changesIn, readPage } from "./page-bytes.ts";
import type { WatchHit } from "./reports.ts";
import { WatchMap } from "./watch-map.ts";

/** Between two looks, milliseconds: while the program runs, and while it stands. */
const RUNNING = 1;
const STANDING = 8;
/** Pages that copies are kept of, to tell which bytes changed: 16 MiB. */
const MOST_COPIES = 4096;
/** Runs of changed bytes that are told at once. */
const MOST_CHANGES = 256;

/** What the poller asks of the tracker. */
export interface Peeking {
  /** Which of the armed pages were written since they were last looked at; the next scan tells them, too. */
  peek(pages: PageSet): PageSet;
}

export class Poller {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly tracker: Peeking;
  private readonly inTurn: (work: () => void) => Promise<void>;
  private readonly nextId: () => number;
  private readonly hits = new Emitter<WatchHit>();
  private map = WatchMap.EMPTY;
  private pages = PageSet.EMPTY;
  private readonly copies = new Map<number, Uint8Array>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the program ran when it was last looked at. */
  private ran = false;

  /** @param inTurn works when no scan does. @param nextId numbers for what is told. */
  constructor(
    kernel: Kernel,
    pid: number,
    tracker: Peeking,
    inTurn: (work: () => void) => Promise<void>,
    nextId: () => number,
  ) {
    this.kernel = kernel;
    this.pid = pid;
    this.tracker = tracker;
    this.inTurn = inTurn;
    this.nextId = nextId;
  }

  onHit(listener: (hit: WatchHit) => void): Disposable {
    return this.hits.listen(listener);
  }

  /** @param pages armed ones; the program stands. */
  watch(map: WatchMap, pages: PageSet): void {
    this.map = map;
    this.pages = pages;
    this.copies.clear();
    this.ran = false;
    for (const [start, end] of pages.pairs()) {
      for (let page = start; page < end && this.copies.size < MOST_COPIES; page += 1) this.copy(page);
    }
    this.wait(STANDING);
  }

  get pageCount(): number {
    return this.pages.pageCount;
  }

  /** A scan has told, and taken, what was written before it. */
  scanned(written: PageSet): void {
    if (this.pages.isEmpty) return;
    this.compare(written.intersect(this.pages), this.ran);
    this.ran = false;
  }

  close(): void {
    this.pages = PageSet.EMPTY;
    this.wait(0);
  }

  private wait(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = this.pages.isEmpty ? undefined : setTimeout(() => void this.turn(), milliseconds);
  }

  private async turn(): Promise<void> {
    try {
      await this.inTurn(() => this.look());
    } catch {
      // The process has ended, or replaced its program: the tracker's next answer says so.
      return;
    }
    this.wait(this.ran ? RUNNING : STANDING);
  }

  private look(): void {
    if (this.pages.isEmpty) return;
    const runs = this.kernel.isStopped?.(this.pid, this.pid) !== true;
    // What is written while the program stands is the debugger's.
    if (runs || this.ran) this.compare(this.tracker.peek(this.pages), true);
    this.ran = runs;
  }

  private compare(written: PageSet, isProgram: boolean): void {
    for (const [start, end] of written.pairs()) {
      for (let page = start; page < end; page += 1) {
        const before = this.copies.get(page);
        const after = before && this.copy(page);
        if (!isProgram) continue;
        if (!before) this.tellPage(page);
        else if (after) this.tellChanges(page, before, after);
      }
    }
  }

  private tellChanges(page: number, before: Uint8Array, after: Uint8Array): void {
    const changed = changesIn(before, after, page, this.map.within(page));
    if (changed.length === 0) return;
    const address = changed[0].start;
    this.tell(shown(page, before, after, address, this.map), address, changed.slice(0, MOST_CHANGES), "found changed");
  }

  private tellPage(page: number): void {
    const [first] = this.map.within(page);
    if (!first) return;
    const none = new Uint8Array(0);
    const range = this.map.rangeAt(first.start);
    const words =
      "its page was found written; of so many pages no copies are kept, and which bytes changed is not known";
    this.tell({ range, start: first.start, before: none }, first.start, undefined, words);
  }

  private tell(
    part: Pick<WatchHit, "range" | "start" | "before" | "after">,
    address: number,
    changed: WatchHit["changed"],
    words: string,
  ): void {
    const id = this.nextId();
    this.hits.fire({ ...part, id, address, threadId: 0, by: "unknown", waits: false, changed, words });
  }

  private copy(page: number): Uint8Array | undefined {
    const bytes = readPage(this.kernel, this.pid, page);
    if (bytes) this.copies.set(page, bytes);
    else this.copies.delete(page);
    return bytes;
  }
}
