// Reads a recording's file back, record by record; what comes from anyone is checked before it is believed.
import { grouped } from "../../common/counted.ts";
import { BadShape } from "../../common/shape.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import { PAGES_END } from "../../memory/page-set-chunks.ts";
import { PageUnion } from "../../memory/page-union.ts";
import { applyPatch, type Splice } from "../../tracker/layout-patch.ts";
import { type ArmReport, EMPTY_LAYOUT, type Layout } from "../../tracker/reports.ts";
import { type StepBudget, StepStore } from "../step-store.ts";
import { joined, readBlocks } from "./blocks.ts";
import { pages } from "./form.ts";
import { ARMED, COPIES, FORGOTTEN, HEAD, type Head, Kind, LAYOUT, type LayoutRecord } from "./records.ts";
import { ReadBefore, Source } from "./source.ts";
import { STEP, withLayout } from "./step-record.ts";

/** Records of one file: each is handled in some microseconds. */
const MOST_RECORDS = 4_000_000;
/** Bytes of one record: a step that changed the whole budget for differences has so many. */
const MOST_RECORD_BYTES = 256 * 1024 * 1024;
/** Bytes of copies of pages that are kept. */
const MOST_COPIES = 256 * 1024 * 1024;

/** One page as it was after a step. */
export interface PageCopy {
  readonly after: number;
  readonly bytes: Uint8Array;
}

export interface FileContents {
  readonly head: Head;
  readonly pid: number | undefined;
  readonly arming: ArmReport | undefined;
  readonly layout: Layout | undefined;
  readonly resident: PageSet;
  readonly steps: StepStore;
  readonly everWritten: PageSet;
  /** Of each page its newest copy. */
  readonly copies: ReadonlyMap<number, PageCopy>;
  /** What the file lacks, in a sentence; undefined where it is whole. */
  readonly lack: string | undefined;
}

/** @throws {BadShape} it is no recording, or not one that can be read, and why; a clause without a full stop. */
export async function readFile(file: Uint8Array, budget?: StepBudget): Promise<FileContents> {
  const records = new Records(budget);
  const end = await readBlocks(file, bytes => records.take(bytes));
  return records.finish(end.whole ? undefined : `${end.why} after byte ${grouped(end.at)}`);
}

class Records {
  private readonly before = new ReadBefore();
  private readonly steps: StepStore;
  /** The part of a record whose end is in a later block. */
  private carried: Uint8Array[] = [];
  private carriedBytes = 0;
  /** Bytes that the carried record has in all, so far as its head has told. */
  private awaited = 0;
  private count = 0;
  private head: Head | undefined;
  private pid: number | undefined;
  private arming: ArmReport | undefined;
  private layout: Layout = EMPTY_LAYOUT;
  private resident = PageSet.EMPTY;
  private readonly written = new PageUnion();
  private readonly copies = new Map<number, PageCopy>();
  private lastStep = 0;
  private forgotten = 0;
  private isEnded = false;

  constructor(budget: StepBudget | undefined) {
    this.steps = new StepStore(budget);
  }

  take(block: Uint8Array): void {
    this.carried.push(block);
    this.carriedBytes += block.length;
    // A record may lie in hundreds of blocks: they are joined once, when it is whole.
    if (this.carriedBytes < this.awaited) return;
    const source = new Source(joined(this.carried, this.carriedBytes), this.before);
    this.awaited = 0;
    let at = 0;
    while (source.left > 0) {
      at = source.at;
      const head = recordHead(source);
      if (head === undefined || head.length > source.left) {
        this.awaited = head === undefined ? 0 : source.at - at + head.length;
        source.at = at;
        break;
      }
      this.record(head.kind, new Source(source.raw(head.length), this.before));
      at = source.at;
    }
    const rest = source.raw(source.left);
    this.carried = rest.length > 0 ? [rest.slice()] : [];
    this.carriedBytes = rest.length;
  }

  finish(damage: string | undefined): FileContents {
    const { head, pid, arming, layout, resident, steps } = this;
    if (!head) throw new BadShape(damage ?? "it holds no whole record");
    steps.forgotten += this.forgotten;
    const last = steps.last?.number;
    const after = last === undefined ? "no step is in it" : `its last step is ${last}`;
    const why = damage ?? (this.isEnded ? undefined : "whoever wrote it was ended before it was complete");
    return {
      head,
      pid,
      arming,
      layout: layout === EMPTY_LAYOUT ? undefined : layout,
      resident,
      steps,
      everWritten: this.written.all(),
      copies: this.copies,
      lack: why && `The recording is not whole, ${why}: ${after}.`,
    };
  }

  private record(kind: number, source: Source): void {
    this.count += 1;
    if (this.count > MOST_RECORDS) throw new BadShape(`it has more than ${grouped(MOST_RECORDS)} records`);
    try {
      this.read(kind, source);
    } catch (error) {
      if (!(error instanceof BadShape)) throw error;
      throw new BadShape(`record ${this.count} can't be read: ${error.message}`);
    }
  }

  private read(kind: number, source: Source): void {
    if (!this.head && kind !== Kind.HEAD) throw new BadShape("it comes before the file's head");
    switch (kind) {
      case Kind.HEAD:
        this.head = HEAD.read(source);
        break;
      case Kind.ARMED: {
        const { pid, ...arming } = ARMED.read(source);
        this.pid = pid;
        this.arming = arming;
        break;
      }
      case Kind.LAYOUT:
        this.layout = this.nextLayout(LAYOUT.read(source));
        break;
      case Kind.STEP:
        this.step(source);
        break;
      case Kind.COPIES:
        this.copied(source);
        break;
      case Kind.RESIDENT:
        this.resident = pages.read(source);
        break;
      case Kind.FORGOTTEN: {
        const { steps, everWritten } = FORGOTTEN.read(source);
        this.forgotten = steps;
        this.written.add(everWritten);
        break;
      }
      case Kind.CLEARED:
        this.steps.clear();
        this.written.clear();
        this.copies.clear();
        this.lastStep = 0;
        break;
      case Kind.END:
        this.isEnded = true;
        break;
    }
  }

  private step(source: Source): void {
    const step = withLayout(STEP.read(source), this.layout);
    this.written.add(step.written);
    if (step.number > this.lastStep) this.steps.add(step);
    else this.steps.replace(step);
    this.lastStep = Math.max(this.lastStep, step.number);
  }

  private copied(source: Source): void {
    const { after, pages: copied, bytes } = COPIES.read(source);
    let at = 0;
    for (const [start, end] of copied.pairs()) {
      for (let page = start; page < end; page += 1, at += PAGE_SIZE) {
        this.copies.set(page, { after, bytes: bytes.subarray(at, at + PAGE_SIZE) });
        if (this.copies.size * PAGE_SIZE > MOST_COPIES)
          throw new BadShape(`it has more than ${MOST_COPIES / 1024 / 1024} MiB of pages`);
      }
    }
  }

  private nextLayout(told: LayoutRecord): Layout {
    const { layout } = this;
    this.before.spend(layout.mappings.length + layout.armed.length + layout.notArmed.length + layout.unseen.length);
    checkSplices(layout.mappings, told.mappings);
    checkSplices(layout.armed, told.armed);
    checkSplices(layout.notArmed, told.notArmed);
    checkSplices(layout.unseen, told.unseen);
    const next = applyPatch(layout, { ...told, from: layout.revision, revision: layout.revision + 1 });
    inOrder(next.mappings, "mappings");
    inOrder(next.armed, "armed mappings");
    return next;
  }
}

/** @returns undefined where the bytes end within it. */
function recordHead(source: Source): { readonly kind: number; readonly length: number } | undefined {
  if (!source.holdsWhole()) return undefined;
  const kind = source.whole();
  if (!source.holdsWhole()) return undefined;
  const length = source.whole();
  if (length > MOST_RECORD_BYTES) throw new BadShape(`a record says that it has ${length} bytes`);
  return { kind, length };
}

function checkSplices<T>(before: readonly T[], splices: readonly Splice<T>[]): void {
  let past = 0;
  for (const { at, remove } of splices) {
    if (at < past || at + remove > before.length) throw new BadShape(`a list has no items ${at} to ${at + remove}`);
    past = at + remove;
  }
}

function inOrder(extents: readonly { readonly start: number; readonly end: number }[], what: string): void {
  let past = 0;
  for (const { start, end } of extents) {
    if (start < past || end > PAGES_END) throw new BadShape(`its ${what} overlap, or are in no order`);
    past = end;
  }
}
