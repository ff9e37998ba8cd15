// Writes the changed bytes of pages, page after page, into one growing array.
import { PAGE_SIZE } from "../page.ts";
import { COUNT_SHIFT, Kind, REASONS, type Reason } from "./form.ts";

/** The most that one page's entry takes: every second byte changed, and its numbers. */
const MOST_ENTRY = PAGE_SIZE * 4 + 64;

export class ChangesWriter {
  private bytes: Uint8Array;
  private used = 0;
  private last = 0;

  constructor(expected = 1024) {
    this.bytes = new Uint8Array(expected);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.used;
  }

  /**
   * A page whose bytes before and after are known, or, where the kind says so, only those after.
   * @param page above all pages added before.
   * @param spans [start, end) offsets of the changed runs, `runs` of them, ascending.
   * @param before not read where the kind is another than CHANGED. @param after both are arrays that hold the page from `at` on.
   */
  addRuns(page: number, head: number, spans: Uint16Array, runs: number, before: Span, after: Span): void {
    this.begin(page, head | (runs << COUNT_SHIFT));
    let end = 0;
    const both = (head & 3) === Kind.CHANGED;
    for (let run = 0; run < runs; run += 1) {
      const from = spans[run * 2];
      const to = spans[run * 2 + 1];
      this.place(from - end, to - from);
      if (both) this.copy(before, from, to);
      this.copy(after, from, to);
      end = to;
    }
  }

  /** The same where only what is there now is known. */
  addNow(page: number, reason: Reason, flags: number, spans: Uint16Array, runs: number, now: Span): void {
    this.begin(page, Kind.NOW_ONLY | flags | (runs << COUNT_SHIFT));
    this.number(REASONS.indexOf(reason));
    let end = 0;
    for (let run = 0; run < runs; run += 1) {
      this.place(spans[run * 2] - end, spans[run * 2 + 1] - spans[run * 2]);
      this.copy(now, spans[run * 2], spans[run * 2 + 1]);
      end = spans[run * 2 + 1];
    }
  }

  /** A page of which nothing is known. */
  addUnknown(page: number, reason: Reason, flags = 0): void {
    this.begin(page, Kind.UNKNOWN | flags | (REASONS.indexOf(reason) << COUNT_SHIFT));
  }

  /** Another array's entry as it stands there, with more flags. @param body what follows its head. */
  addEntry(page: number, head: number, body: Uint8Array): void {
    this.begin(page, head, body.length);
    this.bytes.set(body, this.used);
    this.used += body.length;
  }

  /** What was added, in memory of its own. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.used);
  }

  private begin(page: number, head: number, room = MOST_ENTRY): void {
    const needed = this.used + room + 20;
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      larger.set(this.bytes.subarray(0, this.used));
      this.bytes = larger;
    }
    this.number(page - this.last);
    this.number(head);
    this.last = page;
  }

  /** Most runs are one byte long, which takes no number of its own. */
  private place(gap: number, length: number): void {
    this.number(gap * 2 + (length > 1 ? 1 : 0));
    if (length > 1) this.number(length - 2);
  }

  private number(value: number): void {
    let rest = value;
    // Page numbers have more bits than the bit operators look at.
    while (rest >= 0x80) {
      this.bytes[this.used] = (rest % 0x80) | 0x80;
      this.used += 1;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.used] = rest;
    this.used += 1;
  }

  private copy({ bytes, at }: Span, from: number, to: number): void {
    // A loop beats the call for the few bytes that most runs have.
    if (to - from < 32) for (let i = from; i < to; i += 1) this.bytes[this.used + i - from] = bytes[at + i];
    else this.bytes.set(bytes.subarray(at + from, at + to), this.used);
    this.used += to - from;
  }
}

/** A page within an array. */
export interface Span {
  readonly bytes: Uint8Array;
  /** Where the page begins. */
  readonly at: number;
}
