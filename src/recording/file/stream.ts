// Writes a recording down while its session runs: what is told of a step goes to the file when the next one comes, or after a while.
import type { Disposable } from "../../common/disposable.ts";
import type { PageSet } from "../../memory/page-set.ts";
import type { Recording } from "../recording.ts";
import type { Step } from "../step.ts";
import { MOST_FILE_BYTES } from "./blocks.ts";
import { CopyList, withoutTold } from "./copies.ts";
import type { CopiesRecord, Head } from "./records.ts";
import { RecordingWriter } from "./writer.ts";

/** How long the newest step may yet be told more fully before it is written, milliseconds: its bytes and names follow it. */
const PATIENCE = 1000;
/** Room for what is written last. */
const RESERVE = 8 * 1024 * 1024;

export interface StreamOptions {
  readonly head: Head;
  /** Takes the file's next bytes; calls come one after another. */
  write(bytes: Uint8Array): Promise<void>;
  /** Copies of pages as they are after the newest step; undefined where there are none to be had now. */
  readonly copies?: ((pages: PageSet) => Promise<CopiesRecord | undefined>) | undefined;
  /** Told at once when nothing more can be written, with why; {@link RecordingStream.close} throws it, too. */
  failed?(why: string): void;
}

export class RecordingStream {
  private readonly recording: Recording;
  private readonly options: StreamOptions;
  private readonly writer: RecordingWriter;
  private readonly subscription: Disposable;
  /** Numbers of steps of which something is to be written. */
  private readonly due = new Set<number>();
  private readonly copyList = new CopyList();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private queue: Promise<void> = Promise.resolve();
  private bytes = 0;
  private changedAt = 0;
  private ended = false;
  private failure: unknown;

  /** Begins with what the recording holds already. */
  constructor(recording: Recording, options: StreamOptions) {
    this.recording = recording;
    this.options = options;
    this.writer = new RecordingWriter(options.head);
    this.writeArming();
    if (recording.steps.forgotten > 0) this.writer.forgotten(recording.steps.forgotten, recording.everWritten);
    for (const { number } of recording.steps) this.due.add(number);
    this.subscription = recording.onChange(change => {
      this.changedAt = performance.now();
      if (change.what === "step") this.due.add(change.number);
      if (change.what === "arming") this.writeArming();
      if (change.what === "cleared") {
        this.due.clear();
        this.copyList.clear();
        this.writer.cleared();
      }
      this.later();
    });
    this.later();
  }

  /** Writes down all that is told so far, the newest step too, with copies of the pages that it was the first to change. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.enqueue(async () => {
      const { last } = this.recording.steps;
      this.writeSteps(last?.number ?? 0);
      if (last) await this.writeCopies(last);
      await this.put();
    });
  }

  /** The program stands at the end of a whole step: the pages it was the first to change are copied now, and later written. */
  async flushStep(): Promise<void> {
    await this.enqueue(async () => {
      const { last } = this.recording.steps;
      if (!last) return;
      this.writeSteps(last.number);
      await this.writeCopies(last);
    });
  }

  /** The file is complete, and nothing more is written. @throws {Error} the last of it could not be written. */
  async close(): Promise<void> {
    this.subscription.dispose();
    await this.flush();
    await this.enqueue(async () => {
      const { layout, resident } = this.recording;
      if (layout) this.writer.setLayout(layout);
      if (!resident.isEmpty) this.writer.resident(resident);
      this.writer.end();
      await this.put();
      this.ended = true;
    });
    if (this.failure !== undefined) throw this.failure;
  }

  private later(): void {
    if (this.ended) return;
    this.timer ??= setTimeout(() => void this.flushPast(), PATIENCE);
  }

  /** The same without the newest step, where it has changed just now: it would be written twice. */
  private async flushPast(): Promise<void> {
    if (performance.now() - this.changedAt >= PATIENCE) return this.flush();
    this.timer = undefined;
    this.later();
    await this.enqueue(async () => {
      this.writeSteps((this.recording.steps.last?.number ?? 0) - 1);
      await this.put();
    });
  }

  private writeArming(): void {
    const { arming, pid } = this.recording;
    if (arming && pid !== undefined) this.writer.armed(pid, arming);
  }

  private writeSteps(upTo: number): void {
    for (const number of [...this.due].sort((a, b) => a - b)) {
      if (number > upTo) break;
      this.due.delete(number);
      const step = this.recording.steps.byNumber(number);
      if (step) this.writer.step(step);
    }
  }

  private async writeCopies(last: Step): Promise<void> {
    const wanted = this.options.copies && this.copyList.wantedOf(last);
    if (!wanted || wanted.isEmpty) return;
    const copies = await this.options.copies?.(wanted).catch(() => undefined);
    if (!copies || copies.after !== last.number) return;
    this.copyList.have(copies.pages);
    this.writer.copies(withoutTold(copies, last));
  }

  private async put(): Promise<void> {
    this.writer.flush();
    const bytes = await this.writer.take();
    if (bytes.length === 0) return;
    await this.options.write(bytes);
    this.bytes += bytes.length;
    if (this.bytes > MOST_FILE_BYTES - RESERVE)
      throw new Error(`The recording has ${Math.round(this.bytes / 1024 / 1024)} MiB, as many as can be opened again.`);
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    const run = this.queue.then(async () => {
      if (this.ended) return;
      try {
        await work();
      } catch (error) {
        this.ended = true;
        this.failure = error;
        this.subscription.dispose();
        clearTimeout(this.timer);
        this.options.failed?.(error instanceof Error ? error.message : String(error));
      }
    });
    this.queue = run;
    return run;
  }
}
