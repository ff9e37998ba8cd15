// The bytes of a watched page before and after a store was let through, and what differs.
import type { Kernel } from "../../kernel/kernel.ts";
import { KernelError } from "../../kernel/kernel-error.ts";
import { addressOf, PAGE_SIZE, pageOf } from "../../memory/page.ts";
import type { ByteRange } from "./reports.ts";

/** Of a change, and of what a hit shows, so many bytes at most. */
export const MOST_BYTES = 64;
const WORDS = PAGE_SIZE / 4;

/** @returns undefined where it can't be read: the program may have unmapped it. */
export function readPage(kernel: Kernel, pid: number, page: number): Uint8Array | undefined {
  const bytes = new Uint8Array(PAGE_SIZE);
  try {
    return kernel.readPages(pid, Float64Array.of(page, page + 1), bytes) === PAGE_SIZE ? bytes : undefined;
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}

/**
 * What a hit shows of its range: the whole of a small one, else from the address on.
 * @returns none where the page can't be read.
 */
export function bytesAt(
  kernel: Kernel,
  pid: number,
  address: number,
  range: ByteRange,
): ByteRange & { bytes: Uint8Array } {
  const isSmall = range.end - range.start <= MOST_BYTES;
  const start = isSmall ? range.start : address;
  const end = Math.min(range.end, start + MOST_BYTES);
  const parts: Uint8Array[] = [];
  for (let page = pageOf(start); addressOf(page) < end; page += 1) {
    const bytes = readPage(kernel, pid, page);
    if (!bytes) return { start, end: start, bytes: new Uint8Array(0) };
    parts.push(bytes.subarray(Math.max(0, start - addressOf(page)), Math.min(PAGE_SIZE, end - addressOf(page))));
  }
  const bytes = new Uint8Array(end - start);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { start, end, bytes };
}

/** The runs of bytes that differ within the given parts of a page, in order. */
export function changesIn(
  before: Uint8Array,
  after: Uint8Array,
  page: number,
  within: Iterable<ByteRange>,
): ByteRange[] {
  const changes: ByteRange[] = [];
  if (sameWords(before, after)) return changes;
  const base = addressOf(page);
  for (const { start, end } of within) {
    let from = -1;
    for (let at = start; at <= end; at += 1) {
      const differs = at < end && before[at - base] !== after[at - base];
      if (differs && from < 0) from = at;
      else if (!differs && from >= 0) {
        changes.push({ start: from, end: at });
        from = -1;
      }
    }
  }
  return changes;
}

/** Both are whole pages with memory of their own. */
function sameWords(a: Uint8Array, b: Uint8Array): boolean {
  const [words, others] = [new Int32Array(a.buffer), new Int32Array(b.buffer)];
  for (let i = 0; i < WORDS; i += 1) if (words[i] !== others[i]) return false;
  return true;
}
