// The records of a recording's file, each with its form; format.md tells them in words.
import { BadShape } from "../../common/shape.ts";
import type { Mapping } from "../../memory/mapping.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { PageNote, PageNoteKind } from "../../memory/page-note.ts";
import type { PageSet } from "../../memory/page-set.ts";
import type { Splice } from "../../tracker/layout-patch.ts";
import type { ArmedMapping, ArmReport, NotArmed } from "../../tracker/reports.ts";
import {
  extent,
  type Form,
  flag,
  list,
  oneOf,
  optional,
  pages,
  quantity,
  record,
  sharedText,
  text,
  whole,
} from "./form.ts";

/** The first number of a record. Those that a reader does not know it passes over. */
export const Kind = {
  HEAD: 1,
  ARMED: 2,
  LAYOUT: 3,
  STEP: 4,
  COPIES: 5,
  RESIDENT: 6,
  FORGOTTEN: 7,
  CLEARED: 8,
  END: 9,
} as const;

const MOST_MAPPINGS = 1_000_000;
const MOST_PID = 2 ** 31;

/** What the file is of. */
export interface Head {
  /** The debug session's name, or the program's. */
  readonly title: string;
  /** When it was begun: milliseconds since 1970, UTC. */
  readonly begun: number;
  /** What wrote it: "WriteWatch 0.1.0". */
  readonly writer: string;
}
export const HEAD: Form<Head> = record<Head>({ title: text, begun: whole(), writer: text });

/** Extents with more fields. */
function placed<T extends { readonly start: number; readonly end: number }>(
  fields: Form<Omit<T, "start" | "end">>,
): Form<T> {
  return {
    write: (sink, value) => {
      extent.write(sink, value);
      fields.write(sink, value);
    },
    read: source => ({ ...extent.read(source), ...fields.read(source) }) as T,
  };
}

const armedMapping = placed<ArmedMapping>(record({ way: oneOf("complete", "populated") }));
const notArmed = placed<NotArmed>(record({ name: sharedText, reason: sharedText }));

export interface ArmedRecord extends ArmReport {
  readonly pid: number;
}
export const ARMED: Form<ArmedRecord> = record<ArmedRecord>({
  pid: whole(MOST_PID),
  backend: sharedText,
  mappings: whole(),
  pages: whole(),
  populatedOnly: list(armedMapping, MOST_MAPPINGS),
  notArmed: list(notArmed, MOST_MAPPINGS),
  microseconds: quantity,
});

const permissions: Form<string> = {
  write: sharedText.write,
  read: source => {
    const found = sharedText.read(source);
    if (!/^[r-][w-][x-][ps]$/.test(found)) throw new BadShape("a mapping's permissions are not like rw-p");
    return found;
  },
};
export const mapping: Form<Mapping> = placed<Mapping>(
  record({ permissions, offset: quantity, device: sharedText, inode: quantity, name: sharedText }),
);

function splices<T>(item: Form<T>): Form<readonly Splice<T>[]> {
  return list(
    record<Splice<T>>({ at: whole(), remove: whole(MOST_MAPPINGS), insert: list(item, MOST_MAPPINGS) }),
    MOST_MAPPINGS,
  );
}

/** What of the lists is other than in the layout before; of the first, than in one that is empty. */
export interface LayoutRecord {
  readonly mappings: readonly Splice<Mapping>[];
  readonly armed: readonly Splice<ArmedMapping>[];
  readonly notArmed: readonly Splice<NotArmed>[];
  readonly unseen: readonly Splice<NotArmed>[];
  readonly pinnedElsewhere: number;
  readonly inFlight: readonly string[];
}
export const LAYOUT: Form<LayoutRecord> = record<LayoutRecord>({
  mappings: splices(mapping),
  armed: splices(armedMapping),
  notArmed: splices(notArmed),
  unseen: splices(notArmed),
  pinnedElsewhere: whole(),
  inFlight: list(sharedText, 100),
});

const NOTES: readonly PageNoteKind[] = ["rseq", "new mapping", "read or written"];
export const pageNote: Form<PageNote> = placed<PageNote>(
  record<Omit<PageNote, "start" | "end">>({ note: oneOf(...NOTES), onlyKernel: optional(flag) }),
);

/** Pages as they were when a step ended. */
export interface CopiesRecord {
  /** The step; 0 for what was there when the memory was armed. */
  readonly after: number;
  readonly pages: PageSet;
  /** One page after another. */
  readonly bytes: Uint8Array;
}
export const COPIES: Form<CopiesRecord> = {
  write: (sink, copies) => {
    sink.whole(copies.after);
    pages.write(sink, copies.pages);
    sink.raw(copies.bytes);
  },
  read: source => {
    const after = source.whole();
    const copied = pages.read(source);
    if (copied.pageCount * PAGE_SIZE > source.left) throw new BadShape("there are fewer copies than pages");
    return { after, pages: copied, bytes: source.raw(copied.pageCount * PAGE_SIZE).slice() };
  },
};

/** Steps that were forgotten before they came into the file, and the pages that any step wrote. */
export interface ForgottenRecord {
  readonly steps: number;
  readonly everWritten: PageSet;
}
export const FORGOTTEN: Form<ForgottenRecord> = record<ForgottenRecord>({ steps: whole(), everWritten: pages });
