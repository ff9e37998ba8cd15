// Writes a recording's file record by record; what is ready to be written down comes out in blocks.

import type { PageSet } from "../../memory/page-set.ts";
import { patchBetween, sameLayout } from "../../tracker/layout-patch.ts";
import { type ArmReport, EMPTY_LAYOUT, type Layout } from "../../tracker/reports.ts";
import type { Step } from "../step.ts";
import { blockOf, fileHead, MOST_BLOCK_BYTES } from "./blocks.ts";
import { type Form, pages as pagesForm } from "./form.ts";
import { ARMED, COPIES, type CopiesRecord, FORGOTTEN, HEAD, type Head, Kind, LAYOUT } from "./records.ts";
import { Sink, WrittenBefore } from "./sink.ts";
import { STEP } from "./step-record.ts";

/** A block is closed when it holds so many bytes of records: deflate looks back 32 KiB only, so that larger ones save nothing. */
const BLOCK_BYTES = 512 * 1024;

export class RecordingWriter {
  private readonly before = new WrittenBefore();
  private readonly sink = new Sink(this.before);
  private readonly open = new Sink(this.before);
  private layout = EMPTY_LAYOUT;
  /** Blocks that are being compressed, in order. */
  private blocks: Promise<Uint8Array>[];

  constructor(head: Head) {
    this.blocks = [Promise.resolve(fileHead())];
    this.add(Kind.HEAD, HEAD, head);
  }

  armed(pid: number, report: ArmReport): void {
    this.add(Kind.ARMED, ARMED, { ...report, pid });
  }

  /** What the memory looks like from here on. */
  setLayout(layout: Layout): void {
    if (layout === this.layout) return;
    if (!sameLayout(layout, this.layout)) this.add(Kind.LAYOUT, LAYOUT, patchBetween(this.layout, layout));
    this.layout = layout;
  }

  /** A new step, or a fuller account of one that was written before. */
  step(step: Step): void {
    this.setLayout(step.layout);
    this.add(Kind.STEP, STEP, step);
  }

  copies(copies: CopiesRecord): void {
    this.add(Kind.COPIES, COPIES, copies);
  }

  resident(pages: PageSet): void {
    this.add(Kind.RESIDENT, pagesForm, pages);
  }

  forgotten(steps: number, everWritten: PageSet): void {
    this.add(Kind.FORGOTTEN, FORGOTTEN, { steps, everWritten });
  }

  /** All steps so far are forgotten, and numbers begin anew. */
  cleared(): void {
    this.add(Kind.CLEARED, NOTHING, undefined);
  }

  /** The file is complete. */
  end(): void {
    this.add(Kind.END, NOTHING, undefined);
    this.flush();
  }

  /** Closes the open block, so that what was added so far is in the next {@link take}. */
  flush(): void {
    const bytes = this.open.written();
    for (let at = 0; at < bytes.length; at += MOST_BLOCK_BYTES)
      this.blocks.push(blockOf(bytes.slice(at, at + MOST_BLOCK_BYTES)));
    this.open.clear();
  }

  /** The file's next bytes, so far as blocks are closed. */
  async take(): Promise<Uint8Array> {
    const { blocks } = this;
    this.blocks = [];
    const ready = await Promise.all(blocks);
    const bytes = new Uint8Array(ready.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const block of ready) {
      bytes.set(block, at);
      at += block.length;
    }
    return bytes;
  }

  private add<T>(kind: number, form: Form<T>, value: T): void {
    const { sink, open } = this;
    sink.clear();
    form.write(sink, value);
    open.whole(kind);
    open.whole(sink.length);
    open.raw(sink.written());
    if (open.length >= BLOCK_BYTES) this.flush();
  }
}

const NOTHING: Form<undefined> = { write: () => {}, read: () => undefined };
