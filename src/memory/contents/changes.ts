// The changed bytes of a step's pages, read from the form in which they are kept.
import { BadShape } from "../../common/shape.ts";
import { PAGE_SIZE, USER_PAGES_END } from "../page.ts";
import { type PageSet, RunBuilder } from "../page-set.ts";
import { ChangesWriter } from "./changes-writer.ts";
import { COUNT_SHIFT, GONE, JOINED, Kind, MIXED, REASONS, type Reason } from "./form.ts";

/** A run of changed bytes. */
export interface ChangedRun {
  /** Of its first byte in the page. */
  readonly offset: number;
  /** Undefined where that is not known; then the run is the whole page. */
  readonly before: Uint8Array | undefined;
  /** Undefined where that is not known either. */
  readonly after: Uint8Array | undefined;
}

/** Entries between two places that are remembered, so that a page is found without reading all before it. */
const STRIDE = 128;
/** The head of a page of which every second byte changed, with all flags. */
const MOST_HEAD = (PAGE_SIZE / 2 + 1) << COUNT_SHIFT;

/** Numbers of one such place: its page, where its entry begins, and the page of the entry before it. */
const PLACE = 3;

/** Nothing is kept in it from call to call but its memory: a long file has thousands of these, of thousands of pages each. */
const builder = new RunBuilder(1024);

/** Immutable; see form.ts for what is in the bytes. */
export class Changes {
  static readonly NONE = new Changes(new Uint8Array(0));

  private readonly bytes: Uint8Array;
  /** {@link PLACE} numbers for every {@link STRIDE}th entry; made when first asked for. */
  private index: Float64Array | undefined;
  /** The pages, as long as somebody has them. */
  private told: WeakRef<PageSet> | undefined;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** @param bytes as a {@link ChangesWriter} has written them; they must not change any more. */
  static over(bytes: Uint8Array): Changes {
    return bytes.length === 0 ? Changes.NONE : new Changes(bytes);
  }

  /**
   * The same of bytes that come from elsewhere. What finds pages in them is made on the way.
   * @throws {BadShape} they are none, and what is wrong with them.
   */
  static checked(bytes: Uint8Array): Changes {
    if (bytes.length === 0) return Changes.NONE;
    const cursor = new ChangesCursor(bytes);
    const places: number[] = [];
    let last = -1;
    builder.reset();
    for (let entry = 0; cursor.next(); entry += 1) {
      const { page } = cursor;
      if (page <= last || page >= USER_PAGES_END) damaged(`entry ${entry} is of page ${page}`);
      if (entry % STRIDE === 0) places.push(page, cursor.start, Math.max(0, last));
      builder.add(page, page + 1);
      last = page;
    }
    const changes = new Changes(bytes);
    changes.index = Float64Array.from(places);
    changes.told = new WeakRef(builder.finish());
    return changes;
  }

  /** For another process, or a file; for reading only. */
  toBytes(): Uint8Array {
    return this.bytes;
  }

  get byteLength(): number {
    return this.bytes.byteLength;
  }

  get isEmpty(): boolean {
    return this.bytes.length === 0;
  }

  /** Reads the entries from the first on, or from that of `page` or the first behind it. */
  cursor(page = 0): ChangesCursor {
    if (page === 0) return new ChangesCursor(this.bytes);
    const { at, before } = this.entryBefore(page);
    return new ChangesCursor(this.bytes, at, before).skipTo(page);
  }

  /** The entry of a page. */
  find(page: number): ChangesCursor | undefined {
    const cursor = this.cursor(page);
    return cursor.next() && cursor.page === page ? cursor : undefined;
  }

  /** Whether a page has an entry; the same as {@link find} in a fifth of the time. */
  has(page: number): boolean {
    const { bytes } = this;
    let { at, before } = this.entryBefore(page);
    const number = (): number => {
      let byte = bytes[at];
      at += 1;
      let value = byte & 0x7f;
      for (let scale = 0x80; byte >= 0x80; scale *= 0x80) {
        byte = bytes[at];
        at += 1;
        value += (byte & 0x7f) * scale;
      }
      return value;
    };
    while (at < bytes.length) {
      before += number();
      if (before >= page) return before === page;
      const head = number();
      const kind = head & 3;
      if (kind === Kind.UNKNOWN) continue;
      if (kind === Kind.NOW_ONLY) number();
      const copies = kind === Kind.CHANGED ? 2 : 1;
      for (let run = head >>> COUNT_SHIFT; run > 0; run -= 1) {
        const length = (number() & 1) === 0 ? 1 : number() + 2;
        at += length * copies;
      }
    }
    return false;
  }

  /** The pages that have an entry. */
  pages(): PageSet {
    const known = this.told?.deref();
    if (known) return known;
    builder.reset();
    const cursor = this.cursor();
    while (cursor.next()) builder.add(cursor.page, cursor.page + 1);
    const pages = builder.finish();
    this.told = new WeakRef(pages);
    return pages;
  }

  /** The entries of pages in the set, and the others. */
  split(pages: PageSet): { readonly inside: Changes; readonly outside: Changes } {
    const inside = new ChangesWriter();
    const outside = new ChangesWriter();
    const cursor = this.cursor();
    while (cursor.next()) (pages.has(cursor.page) ? inside : outside).addEntry(cursor.page, cursor.head, cursor.body());
    return { inside: Changes.over(inside.take()), outside: Changes.over(outside.take()) };
  }

  /** With flags (JOINED, MIXED) set at the entries of pages in the set. */
  flagged(pages: PageSet, flags: number): Changes {
    const writer = new ChangesWriter(this.bytes.length);
    const cursor = this.cursor();
    while (cursor.next())
      writer.addEntry(cursor.page, pages.has(cursor.page) ? cursor.head | flags : cursor.head, cursor.body());
    return Changes.over(writer.take());
  }

  /** With another's entries, of other pages; where both have a page, the other's stands. */
  with(other: Changes): Changes {
    if (this.isEmpty) return other;
    if (other.isEmpty) return this;
    const writer = new ChangesWriter(this.bytes.length + other.bytes.length);
    const [a, b] = [this.cursor(), other.cursor()];
    let [hasA, hasB] = [a.next(), b.next()];
    while (hasA || hasB) {
      const isB = hasB && (!hasA || b.page <= a.page);
      const from = isB ? b : a;
      const { page } = from;
      writer.addEntry(page, from.head, from.body());
      if (hasA && a.page === page) hasA = a.next();
      if (hasB && b.page === page) hasB = b.next();
    }
    return Changes.over(writer.take());
  }

  /** Where an entry begins that is not behind the page's, and the page of the one before it. */
  private entryBefore(page: number): { at: number; before: number } {
    const index = this.indexed();
    let low = 0;
    let high = index.length / PLACE;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (index[middle * PLACE] <= page) low = middle + 1;
      else high = middle;
    }
    const place = (low - 1) * PLACE;
    return { at: index[place + 1] ?? 0, before: index[place + 2] ?? 0 };
  }

  /** Makes now what is made when a page is first looked for. */
  prepare(): void {
    this.indexed();
  }

  /** Bytes of memory of what is made to find pages. */
  get indexBytes(): number {
    return this.index?.byteLength ?? 0;
  }

  private indexed(): Float64Array {
    if (this.index) return this.index;
    const places: number[] = [];
    const cursor = this.cursor();
    let last = 0;
    for (let entry = 0; cursor.next(); entry += 1) {
      if (entry % STRIDE === 0) places.push(cursor.page, cursor.start, last);
      last = cursor.page;
    }
    this.index = Float64Array.from(places);
    return this.index;
  }
}

/** Reads entry after entry: `while (cursor.next()) use(cursor.page)`. Never reads outside its bytes: what is cut off is told. */
export class ChangesCursor {
  page = 0;
  head = 0;
  /** Where the entry begins. */
  start = 0;
  private readonly bytes: Uint8Array;
  private place: number;
  private bodyAt = 0;
  private runsAt = 0;
  private reasonCode = 0;
  private waits = false;

  /** @param place where an entry begins. @param before the page of the one before it. */
  constructor(bytes: Uint8Array, place = 0, before = 0) {
    this.bytes = bytes;
    this.place = place;
    this.page = before;
  }

  /** @returns whether there was one more. @throws {BadShape} its bytes are cut off, or no entry. */
  next(): boolean {
    if (this.waits) {
      this.waits = false;
      return true;
    }
    if (this.place >= this.bytes.length) return false;
    this.start = this.place;
    this.page += this.number();
    this.head = this.number();
    if (this.head > MOST_HEAD) damaged("a page has more runs than bytes");
    this.bodyAt = this.place;
    const { kind } = this;
    if (kind === Kind.UNKNOWN) {
      this.reasonCode = this.head >>> COUNT_SHIFT;
      this.runsAt = this.place;
    } else {
      if (kind === Kind.NOW_ONLY) this.reasonCode = this.number();
      this.runsAt = this.place;
      this.skipRuns(kind === Kind.CHANGED ? 2 : 1);
    }
    if (kind >= Kind.NOW_ONLY && this.reasonCode >= REASONS.length) damaged(`reason ${this.reasonCode} is none`);
    return true;
  }

  /** The next call of {@link next} gives the first entry from `page` on. */
  skipTo(page: number): this {
    while (this.next()) {
      if (this.page < page) continue;
      this.waits = true;
      break;
    }
    return this;
  }

  get kind(): Kind {
    return (this.head & 3) as Kind;
  }

  /** Changes of earlier steps are among these. */
  get isJoined(): boolean {
    return (this.head & JOINED) !== 0;
  }

  /** The page was given back or unmapped: there is nothing now. */
  get isGone(): boolean {
    return (this.head & GONE) !== 0;
  }

  /** Some may be the debugger's. */
  get isMixed(): boolean {
    return (this.head & MIXED) !== 0;
  }

  /** Why the bytes before are not known; undefined where they are. */
  get reason(): Reason | undefined {
    return this.kind >= Kind.NOW_ONLY ? REASONS[this.reasonCode] : undefined;
  }

  /** Written, and every byte is what it was. */
  get isSame(): boolean {
    return this.kind <= Kind.FROM_ZEROES && this.head >>> COUNT_SHIFT === 0;
  }

  /** What stands behind its head. */
  body(): Uint8Array {
    return this.bytes.subarray(this.bodyAt, this.place);
  }

  /** The changed runs; of a page that is not known before, the one that is the whole page. Views of the changes' own bytes. */
  runs(): ChangedRun[] {
    const { kind } = this;
    if (kind === Kind.UNKNOWN) return [{ offset: 0, before: undefined, after: undefined }];
    if (kind === Kind.NOW_ONLY) {
      const after = new Uint8Array(PAGE_SIZE);
      this.redo(after, 0);
      return [{ offset: 0, before: undefined, after }];
    }
    const found: ChangedRun[] = [];
    this.eachRun((offset, length, first, second) => {
      const before = first < 0 ? new Uint8Array(length) : this.bytes.subarray(first, first + length);
      found.push({ offset, before, after: this.bytes.subarray(second, second + length) });
    });
    return found;
  }

  /** How many bytes changed; undefined where that is not known. */
  get changedBytes(): number | undefined {
    if (this.kind >= Kind.NOW_ONLY) return undefined;
    let sum = 0;
    this.eachRun((_offset, length) => {
      sum += length;
    });
    return sum;
  }

  /** Makes of the page as it was after the step, at `at` in `into`, what it was before; only where that is known. */
  undo(into: Uint8Array, at: number): void {
    if (this.kind === Kind.FROM_ZEROES) into.fill(0, at, at + PAGE_SIZE);
    if (this.kind !== Kind.CHANGED) return;
    this.eachRun((offset, length, first) => {
      for (let i = 0; i < length; i += 1) into[at + offset + i] = this.bytes[first + i];
    });
  }

  /** The other way round: of a page as it was before, what it was after. Of one from zeroes, or not known before, the whole. */
  redo(into: Uint8Array, at: number): void {
    if (this.kind === Kind.NOW_ONLY || this.kind === Kind.FROM_ZEROES) into.fill(0, at, at + PAGE_SIZE);
    this.redoRuns(into, at);
  }

  /** The same of the changed bytes alone. */
  redoRuns(into: Uint8Array, at: number): void {
    if (this.kind === Kind.UNKNOWN) return;
    this.eachRun((offset, length, _first, second) => {
      for (let i = 0; i < length; i += 1) into[at + offset + i] = this.bytes[second + i];
    });
  }

  /** @param found gets where the bytes before (-1: zeroes) and after stand. */
  private eachRun(found: (offset: number, length: number, before: number, after: number) => void): void {
    const end = this.place;
    const both = this.kind === Kind.CHANGED;
    this.place = this.runsAt;
    let offset = 0;
    for (let run = this.head >>> COUNT_SHIFT; run > 0; run -= 1) {
      const gap = this.number();
      offset += gap >>> 1;
      const length = (gap & 1) === 0 ? 1 : this.number() + 2;
      const first = this.place;
      this.place += both ? length * 2 : length;
      found(offset, length, both ? first : -1, both ? first + length : first);
      offset += length;
    }
    this.place = end;
  }

  private skipRuns(copies: number): void {
    let offset = 0;
    for (let run = this.head >>> COUNT_SHIFT; run > 0; run -= 1) {
      const gap = this.number();
      if (gap >= 2 * PAGE_SIZE) damaged("a run of bytes begins outside its page");
      const length = (gap & 1) === 0 ? 1 : this.number() + 2;
      offset += (gap >>> 1) + length;
      if (offset > PAGE_SIZE) damaged("a run of bytes ends outside its page");
      this.place += length * copies;
    }
    if (this.place > this.bytes.length) damaged("they are cut off");
  }

  private number(): number {
    // Most have one byte.
    const first = this.bytes[this.place];
    if (first < 0x80) {
      this.place += 1;
      return first;
    }
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      if (this.place >= this.bytes.length) damaged("they are cut off");
      if (scale > 2 ** 49) damaged("a number is too large");
      const byte = this.bytes[this.place];
      this.place += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
}

function damaged(how: string): never {
  throw new BadShape(`changed bytes arrived damaged: ${how}`);
}
