// The steps that wrote a range, in words: a row of a list each.
import { t } from "../common/l10n.ts";
import { hexWords } from "../memory/contents/byte-words.ts";
import { wayOf } from "./summary.ts";
import type { RangeChange, Writer } from "./writers.ts";

/** Bytes: the first one's address, and how many. */
export interface ByteRange {
  readonly address: number;
  readonly size: number;
}

/** Bytes of one change that are told one by one. */
const MOST_BYTES = 16;
/** Changes of one step that are told; the rest is counted. */
const MOST_CHANGES = 3;

/** "0x7ffd1000", "0x7ffd1000+64" as a range of bytes; undefined: it is no address. @throws {Error} of a length that is none. */
export function parseRange(text: string): ByteRange | undefined {
  const found = /^\s*(0x[0-9a-f]{1,13})\s*(?:\+\s*(0x[0-9a-f]{1,11}|\d{1,13}))?\s*$/i.exec(text);
  if (!found) return undefined;
  const size = found[2] === undefined ? 1 : Number(found[2]);
  if (size === 0) throw new Error(t("'{0}' is a range of no bytes.", text.trim()));
  return { address: Number(found[1]), size };
}

export interface WriterWords {
  /** The place: "main.c:13". */
  readonly label: string;
  /** Function, thread and step. */
  readonly description: string;
  /** What it changed. */
  readonly detail: string;
}

export function writerWords({ step, changes, isShared }: Writer, range: ByteRange): WriterWords {
  const { from, thread, number } = step;
  const file = from?.source?.slice(from.source.lastIndexOf("/") + 1);
  const label = from && file && from.line > 0 ? `${file}:${from.line}` : (from?.function ?? t("place unknown"));
  const who = thread && (thread.name ?? t("thread {0}", thread.id));
  const way = wayOf(step);
  const description = [from?.function, who, t("step {0}", number), way].filter(Boolean).join(" · ");
  const shared = isShared ? t(" (some of it may be the debugger's doing, or an earlier step's)") : "";
  const detail = changes
    ? `${changesWords(changes, range)}${shared}`
    : t("Wrote the page that it lies in; which bytes is not known");
  return { label, description, detail };
}

function changesWords(changes: readonly RangeChange[], range: ByteRange): string {
  const told = changes.slice(0, MOST_CHANGES).map(change => {
    const at = change.address - range.address;
    const where = at === 0 && change.after.length === range.size ? "" : t("byte {0}: ", at);
    return `${where}${hexWords(change.before, MOST_BYTES)} → ${hexWords(change.after, MOST_BYTES)}`;
  });
  const rest = changes.length - told.length;
  return [...told, ...(rest > 0 ? [t("{0} more", rest)] : [])].join(", ");
}
