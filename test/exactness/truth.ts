// Reads what a program said about itself: the truth protocol of test/programs/say.h.
import { PAGE_SIZE } from "../../src/memory/page.ts";

/** Pages [start, end) that hold at least one byte of what was said. */
export interface PageRange {
  readonly start: number;
  readonly end: number;
}

/** Pages that may be written without being the line's own stores, and why. */
export interface Allowance extends PageRange {
  readonly why: string;
}

/** What one execution of one line did. */
export interface LineTruth {
  readonly line: number;
  readonly wrote: PageRange[];
  /** The same as addresses of bytes. */
  readonly bytes: { readonly start: number; readonly end: number }[];
  readonly may: Allowance[];
  readonly created: PageRange[];
  readonly removed: PageRange[];
}

export interface Truth {
  /** In the order the lines ran. */
  readonly lines: readonly LineTruth[];
  /** May be written in any step. */
  readonly own: readonly Allowance[];
}

/**
 * @param output the program's standard output; what is not of the protocol is passed over.
 * @throws {Error} for a line of the protocol that can't be read: a program that was cut off must not pass.
 */
export function parseTruth(output: string): Truth {
  const lines: LineTruth[] = [];
  const own: Allowance[] = [];
  for (const text of output.split("\n")) {
    const words = text.trim().split(" ");
    if (words[0] !== "ran" && words[0] !== "own") continue;
    const truth: LineTruth = { line: Number(words[1]), wrote: [], bytes: [], may: [], created: [], removed: [] };
    let i = words[0] === "ran" ? 2 : 0;
    while (i < words.length) {
      const kind = words[i];
      const range = pagesOf(words[i + 1], words[i + 2], text);
      if (kind === "wrote") truth.bytes.push({ start: Number(words[i + 1]), end: Number(words[i + 2]) });
      i += 3;
      if (kind === "wrote" || kind === "created" || kind === "removed") {
        truth[kind].push(range);
      } else if (kind === "may" || kind === "own") {
        (kind === "may" ? truth.may : own).push({ ...range, why: words[i] ?? "" });
        i += 1;
      } else {
        throw new Error(`"${kind}" is no word of the truth protocol: ${text.slice(0, 200)}`);
      }
    }
    if (words[0] === "ran") lines.push(truth);
  }
  return { lines, own };
}

function pagesOf(start: string | undefined, end: string | undefined, text: string): PageRange {
  const first = Number(start);
  const last = Number(end);
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) {
    throw new Error(`not a range of the truth protocol: ${text.slice(0, 200)}`);
  }
  return { start: Math.floor(first / PAGE_SIZE), end: Math.ceil(last / PAGE_SIZE) };
}
