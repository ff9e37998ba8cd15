// The bytes of one change before and after, as lines of sixteen: what the recording tells, and in words what it doesn't.
import type { ChangesCursor } from "../../memory/contents/changes.ts";
import { Kind, REASON_WORDS, type Reason } from "../../memory/contents/form.ts";
import { addressOf, pageOf } from "../../memory/page.ts";
import { bytesAround, UNTOLD } from "../../recording/contents/surroundings.ts";
import type { StepList } from "../../recording/recording.ts";
import type { Step } from "../../recording/step.ts";
import { type ByteLine, type BytesReply, LINE_BYTES, NOT_KEPT, NOT_KNOWN } from "../protocol.ts";

/**
 * The lines that hold changed bytes of [start, end), at most `count`; of a page that is not known before, each line of it.
 * @param start address of the first byte; `end` of the one behind the last.
 */
export function bytesOf(steps: StepList, step: Step, start: number, end: number, count: number): BytesReply {
  const { contents } = step;
  const lines: ByteLine[] = [];
  const notes = new Set<string>();
  if (!contents) return { lines, hasMore: false, notes: ["The bytes of this step are not known."] };
  const touched = step.written.union(step.discarded);
  let hasMore = false;
  let known = 0;
  const last = pageOf(end - 1) + 1;
  const cursor = contents.changes.cursor(pageOf(start));
  while (!hasMore && cursor.next() && cursor.page < last) {
    if (!touched.has(cursor.page)) continue;
    known += 1;
    for (const note of notesOf(cursor)) notes.add(note);
    const around = isPlain(cursor) ? bytesAround(steps, cursor.page, step.number) : undefined;
    for (const line of linesOf(cursor, around)) {
      if (line.address + LINE_BYTES <= start || line.address >= end) continue;
      hasMore = lines.length === count;
      if (hasMore) break;
      lines.push(line);
    }
  }
  if (!hasMore && known < touched.countIn(pageOf(start), last)) notes.add(untold(contents.missing));
  return { lines, hasMore, notes: [...notes] };
}

function untold(missing: Reason | "forgotten" | undefined): string {
  if (missing !== undefined) return `The bytes are not known: ${REASON_WORDS[missing]}.`;
  return "Written, same bytes: the program stored what was there already.";
}

/** Sentences. */
function notesOf(cursor: ChangesCursor): string[] {
  const { reason, kind } = cursor;
  if (reason !== undefined) {
    const what = kind === Kind.UNKNOWN ? "The bytes" : "The bytes before";
    return [`${what} are not known: ${REASON_WORDS[reason]}.`];
  }
  return [
    ...(cursor.isSame ? ["Written, same bytes: the program stored what was there already."] : []),
    ...(cursor.isGone ? ["Given back to the kernel: it reads as zeroes, or can't be read any more."] : []),
    ...(cursor.isJoined ? ["Changes of earlier steps, which could not be told then, are among these."] : []),
    ...(cursor.isMixed ? ["Some of these bytes may be the debugger's doing."] : []),
  ];
}

/** Whether some of its bytes were left alone. */
function isPlain({ kind }: ChangesCursor): boolean {
  return kind <= Kind.FROM_ZEROES;
}

/** @param around the page as other steps tell it, for the bytes that did not change. */
function* linesOf(cursor: ChangesCursor, around: Int16Array | undefined): Generator<ByteLine> {
  const { page, kind } = cursor;
  if (kind === Kind.UNKNOWN) return;
  const isWhole = kind === Kind.NOW_ONLY;
  let line: { address: number; before: Int16Array; after: Int16Array; changed: number } | undefined;
  for (const { offset, before, after } of cursor.runs()) {
    if (!after) continue;
    for (const [i, byte] of after.entries()) {
      const at = (offset + i) % LINE_BYTES;
      const address = addressOf(page) + offset + i - at;
      if (line?.address !== address) {
        if (line) yield line;
        const from = address - addressOf(page);
        const fill = (): Int16Array =>
          around?.slice(from, from + LINE_BYTES).map(byte => (byte === UNTOLD ? NOT_KEPT : byte)) ??
          new Int16Array(LINE_BYTES).fill(NOT_KNOWN);
        line = { address, before: fill(), after: fill(), changed: 0 };
      }
      line.before[at] = isWhole || !before ? NOT_KNOWN : before[i];
      line.after[at] = byte;
      if (!isWhole) line.changed |= 1 << at;
    }
  }
  if (line) yield line;
}
