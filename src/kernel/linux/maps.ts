// /proc/PID/maps: reading and parsing it (fs/proc/task_mmu.c, show_map_vma), fast where most lines are those of the time before.
import { closeSync, openSync, readSync } from "node:fs";
import type { Mapping } from "../../memory/mapping.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import { KernelError } from "../kernel-error.ts";

/** The text that a list was parsed from, and where line i of it, which is mapping i, begins. */
interface Source {
  readonly text: Uint8Array;
  readonly begins: Uint32Array;
}

/** Kept beside the lists, so that it goes when they go. */
const sources = new WeakMap<readonly Mapping[], Source>();

/** The shortest line there can be, with addresses of 8 digits: it bounds how many lines a text holds. */
const SHORTEST_LINE = 41;
const CHUNK = 1 << 16;
/** Lines that are compared at once. */
const BLOCK = 64;
const NEWLINE = 10;
const SPACE = 32;
const DASH = 45;
/** Grows with the longest text read, and is kept: most of the time goes into touching fresh memory otherwise. */
let scratch = Buffer.allocUnsafeSlow(1 << 18);

/**
 * All mappings of a process in address order.
 * @param before a list that this function gave earlier: what is the same in both comes as the same objects, and the same list
 *   comes back where nothing changed.
 * @throws {KernelError} ENOENT or ESRCH when the process is gone; EACCES for another user's.
 */
export function readMappings(pid: number, before?: readonly Mapping[]): readonly Mapping[] {
  return parseMaps(readMaps(pid), before);
}

/** The text of maps, in memory that the next call reuses; it is only consistent while the process is stopped. */
function readMaps(pid: number): Uint8Array {
  const path = `/proc/${pid}/maps`;
  try {
    const descriptor = openSync(path, "r");
    try {
      // The kernel writes about a page at a time, whatever the size asked for.
      for (let used = 0; ; ) {
        if (scratch.length - used < CHUNK) {
          const larger = Buffer.allocUnsafeSlow(scratch.length * 2);
          larger.set(scratch.subarray(0, used));
          scratch = larger;
        }
        const read = readSync(descriptor, scratch, used, CHUNK, null);
        if (read === 0) return scratch.subarray(0, used);
        used += read;
      }
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new KernelError("read", path, -((error as NodeJS.ErrnoException).errno ?? 0));
  }
}

/**
 * Parses the lines of a maps file; lines that are none are left out. Names stay as the kernel prints them: a line break in a
 * file's name is `\012` there, every other byte is itself.
 * @param before see {@link readMappings}.
 */
export function parseMaps(text: Uint8Array, before: readonly Mapping[] = []): readonly Mapping[] {
  const old = sources.get(before);
  if (old && Buffer.compare(old.text, text) === 0) return before;
  const mappings: Mapping[] = [];
  const begins = new Uint32Array(Math.ceil(text.length / SHORTEST_LINE) + 1);
  const line = new LineParser(text);
  let candidate = 0;
  for (let at = 0; at < text.length; ) {
    if (old) {
      const start = line.pageAt(at);
      while (candidate < before.length && before[candidate].start < start) candidate += 1;
      for (let same = sameLines(text, at, old, candidate); same > 0; same = sameLines(text, at, old, candidate)) {
        const shift = at - old.begins[candidate];
        for (const last = candidate + same; candidate < last; candidate += 1) {
          begins[mappings.length] = old.begins[candidate] + shift;
          mappings.push(before[candidate]);
        }
        at = endOf(old, candidate - 1) + shift;
      }
      if (at >= text.length) break;
    }
    const mapping = line.parse(at);
    if (mapping) {
      begins[mappings.length] = at;
      mappings.push(mapping);
    }
    at = line.next();
  }
  // A copy: a Buffer's own slice() would be a view of memory that the next call overwrites.
  sources.set(mappings, { text: new Uint8Array(text), begins: begins.slice(0, mappings.length) });
  return mappings;
}

/** How many lines of the text from `at` are those of the old text from line `from`: none, one, or a block at a time. */
function sameLines(text: Uint8Array, at: number, old: Source, from: number): number {
  for (const lines of [BLOCK, 1]) {
    const last = from + lines - 1;
    if (last >= old.begins.length) continue;
    const [begin, end] = [old.begins[from], endOf(old, last)];
    if (Buffer.compare(old.text.subarray(begin, end), text.subarray(at, at + end - begin)) === 0) return lines;
  }
  return 0;
}

function endOf({ text, begins }: Source, line: number): number {
  return line + 1 < begins.length ? begins[line + 1] : text.length;
}

/** What each byte counts as a digit; 16 for what is none. */
const DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? 16 : digit;
});
/** "rwxp" in the low bits: which of the four letters are set. */
const PERMISSIONS = Array.from({ length: 16 }, (_, bits) =>
  [..."rwxs"].map((letter, i) => (bits & (1 << i) ? letter : i === 3 ? "p" : "-")).join(""),
);

/** Parses "55554000-55556000 r-xp 00001000 fe:00 1835049      /opt/my program" byte by byte: a pattern takes several times as long. */
class LineParser {
  private readonly text: Uint8Array;
  private at = 0;
  private device = { begin: 0, end: 0, text: "" };
  private readonly names = new Map<number, { readonly begin: number; readonly end: number; readonly text: string }>();

  constructor(text: Uint8Array) {
    this.text = text;
  }

  /** The page that a line starts with. */
  pageAt(at: number): number {
    this.at = at;
    return this.hexadecimal() / PAGE_SIZE;
  }

  /** Where the line after the one parsed last begins. */
  next(): number {
    const end = this.text.indexOf(NEWLINE, this.at);
    return end < 0 ? this.text.length : end + 1;
  }

  /** @returns undefined where the line is none of maps. */
  parse(at: number): Mapping | undefined {
    const { text } = this;
    const start = this.pageAt(at);
    if (this.at === at || text[this.at++] !== DASH) return undefined;
    const end = this.hexadecimal() / PAGE_SIZE;
    if (text[this.at++] !== SPACE) return undefined;
    let bits = 0;
    for (let i = 0; i < 4; i += 1) if (text[this.at + i] === "rwxs".charCodeAt(i)) bits |= 1 << i;
    this.at += 4;
    if (text[this.at++] !== SPACE) return undefined;
    const offset = this.hexadecimal();
    if (text[this.at++] !== SPACE) return undefined;
    const device = this.deviceName();
    if (text[this.at++] !== SPACE) return undefined;
    return { start, end, permissions: PERMISSIONS[bits], offset, device, inode: this.decimal(), name: this.name() };
  }

  /** What is printed has its lowest twelve bits 0, so that a double holds it exactly. */
  private hexadecimal(): number {
    const { text } = this;
    let at = this.at;
    let value = 0;
    for (let digit = DIGIT[text[at]]; digit < 16; digit = DIGIT[text[at]]) {
      value = value * 16 + digit;
      at += 1;
    }
    this.at = at;
    return value;
  }

  private decimal(): number {
    const { text } = this;
    let at = this.at;
    let value = 0;
    for (let digit = DIGIT[text[at]]; digit < 10; digit = DIGIT[text[at]]) {
      value = value * 10 + digit;
      at += 1;
    }
    this.at = at;
    return value;
  }

  /** Neighbours are mostly of one device. */
  private deviceName(): string {
    const begin = this.at;
    let end = begin;
    while (this.text[end] > SPACE) end += 1;
    this.at = end;
    if (!sameBytes(this.text, this.device.begin, this.device.end, begin, end)) {
      this.device = { begin, end, text: bufferOf(this.text, begin, end).toString("latin1") };
    }
    return this.device.text;
  }

  /** The same string for the same bytes: most names stand in several lines. */
  private name(): string {
    const { text } = this;
    let at = this.at;
    while (text[at] === SPACE) at += 1;
    const begin = at;
    let hash = 0;
    for (; at < text.length && text[at] !== NEWLINE; at += 1) hash = (hash * 31 + text[at]) | 0;
    this.at = at;
    if (begin === at) return "";
    const known = this.names.get(hash);
    if (known && sameBytes(text, known.begin, known.end, begin, at)) return known.text;
    const name = bufferOf(text, begin, at).toString("utf8");
    this.names.set(hash, { begin, end: at, text: name });
    return name;
  }
}

function sameBytes(text: Uint8Array, begin: number, end: number, otherBegin: number, otherEnd: number): boolean {
  if (end - begin !== otherEnd - otherBegin) return false;
  for (let i = 0; begin + i < end; i += 1) if (text[begin + i] !== text[otherBegin + i]) return false;
  return true;
}

function bufferOf(bytes: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
}
