// A step's record: what it wrote is told by its changed bytes, so far as these have an entry a page.
import { BadShape } from "../../common/shape.ts";
import { Changes } from "../../memory/contents/changes.ts";
import { PageSet } from "../../memory/page-set.ts";
import type { TypeTable } from "../../names/types/type.ts";
import { EMPTY_LAYOUT, type Layout } from "../../tracker/reports.ts";
import type { ChangedNames, NamedChange } from "../changed-names.ts";
import type { Missing, StepContents } from "../contents/step-contents.ts";
import type { Doubt, Motion, SourceLocation, Step, Thread } from "../step.ts";
import {
  bytes,
  type Form,
  flag,
  list,
  oneOf,
  optional,
  pages,
  quantity,
  record,
  repeated,
  sharedText,
  signed,
  text,
  trailing,
  whole,
} from "./form.ts";
import { mapping, pageNote } from "./records.ts";
import { sharedTypes } from "./type-form.ts";

const MOST_ITEMS = 1_000_000;

const MOTIONS: readonly Motion[] = [
  ...(["next", "stepIn", "stepOut", "continue", "pause", "goto", "stepBack", "run", "scan"] as const),
];
const DOUBTS: readonly Doubt[] = [
  ...([
    "debugger in flight",
    "edit in flight",
    "conditions evaluated",
    "mappings unsettled",
    "others ran",
    "debugger within",
    "program replaced",
  ] as const),
];
const MISSING: readonly Missing[] = ["overtaken", "forgotten"];

const place = record<SourceLocation>({ source: optional(sharedText), line: whole(), function: sharedText });
const thread = record<Thread>({ id: signed, name: optional(sharedText) });

const changes: Form<Changes> = {
  write: (sink, value) => bytes.write(sink, value.toBytes()),
  read: source => {
    const kept = bytes.read(source);
    source.before.spend(kept.length);
    return Changes.checked(kept);
  },
};
const contents = record<StepContents>({ changes, byDebugger: changes, missing: optional(oneOf(...MISSING)) });

interface NamedRecord extends Omit<NamedChange, "start" | "end" | "object"> {
  readonly object?: { readonly name: string; readonly before: number; readonly size: number };
}
const named = record<NamedRecord>({
  bytes: whole(),
  words: sharedText,
  value: optional(text),
  isNoise: flag,
  object: optional(record<NonNullable<NamedRecord["object"]>>({ name: sharedText, before: whole(), size: whole() })),
});

/** Addresses lie close to each other: told by their distances they take a byte or two. */
const namedChanges: Form<readonly NamedChange[]> = {
  write: (sink, changes) => {
    sink.whole(changes.length);
    let last = 0;
    for (const { start, end, object, ...rest } of changes) {
      signed.write(sink, start - last);
      sink.whole(end - start);
      last = start;
      const whole = object && { name: object.name, before: start - object.start, size: object.end - object.start };
      named.write(sink, whole ? { ...rest, object: whole } : rest);
    }
  },
  read: source => {
    const count = source.count(MOST_ITEMS);
    const changes: NamedChange[] = [];
    let last = 0;
    for (let i = 0; i < count; i += 1) {
      const start = last + signed.read(source);
      const end = start + source.whole();
      const { object, ...rest } = named.read(source);
      if (start < 0 || end > Number.MAX_SAFE_INTEGER || (object && object.before > start))
        throw new BadShape("a name is of no address");
      last = start;
      const from = start - (object?.before ?? 0);
      const whole = object && { name: object.name, start: from, end: from + object.size };
      changes.push({ start, end, ...rest, ...(whole ? { object: whole } : {}) });
    }
    return changes;
  },
};
/** The types of a step's named variables, by the places of their names: behind all else, where older readers pass them over. */
interface TypedName {
  readonly name: number;
  readonly types: TypeTable;
}
const typedNames = trailing(list(record<TypedName>({ name: whole(), types: sharedTypes }), MOST_ITEMS));

function typesOf(names: ChangedNames | undefined): TypedName[] {
  return (names?.changes ?? []).flatMap(({ object }, name) => (object?.types ? [{ name, types: object.types }] : []));
}

function withTypes(names: ChangedNames, typed: readonly TypedName[]): ChangedNames {
  const changes = [...names.changes];
  for (const { name, types } of typed) {
    const change = changes[name];
    if (!change?.object) throw new BadShape("a type is of no variable");
    changes[name] = { ...change, object: { ...change.object, types } };
  }
  return { ...names, changes };
}

const names = record<ChangedNames>({ changes: namedChanges, unnamed: whole() });

interface StepRecord extends Omit<Step, "written" | "layout" | "settled"> {
  /** Written pages without an entry among the changes, and entries of pages that were not written. */
  readonly extra: PageSet;
  readonly lacking: PageSet;
  readonly types: readonly TypedName[];
}

const samePages = (a: PageSet, b: PageSet): boolean => a.equals(b);
const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const FIELDS = record<StepRecord>({
  number: whole(),
  from: optional(place),
  to: optional(place),
  by: oneOf(...MOTIONS),
  reason: repeated(optional(sharedText), (a, b) => a === b),
  thread: repeated(optional(thread), sameJson),
  stops: whole(),
  contents: optional(contents),
  extra: pages,
  lacking: pages,
  kernel: repeated(pages, samePages),
  debugger: pages,
  discarded: pages,
  created: list(mapping, MOST_ITEMS),
  removed: list(mapping, MOST_ITEMS),
  notes: repeated(list(pageNote, MOST_ITEMS), sameJson),
  scanMicroseconds: quantity,
  doubts: repeated(list(oneOf(...DOUBTS), DOUBTS.length), sameJson),
  names: optional(names),
  types: typedNames,
});

/** Without its layout, which is the one told last before it. */
export const STEP: Form<Step> = {
  write: (sink, { layout: _told, settled: _always, written, ...step }) => {
    const told = (step.contents?.changes ?? Changes.NONE).pages();
    const isTold = written.equals(told);
    const extra = isTold ? PageSet.EMPTY : written.subtract(told);
    const lacking = isTold ? PageSet.EMPTY : told.subtract(written);
    FIELDS.write(sink, { ...step, extra, lacking, types: typesOf(step.names) });
  },
  read: source => {
    const { extra, lacking, types, names, ...step } = FIELDS.read(source);
    if (step.number === 0) throw new BadShape("a step has the number 0");
    const told = (step.contents?.changes ?? Changes.NONE).pages();
    const written = told.subtract(lacking).union(extra);
    const typed = names && types.length > 0 ? withTypes(names, types) : names;
    return { ...step, ...(typed ? { names: typed } : {}), written, layout: EMPTY_LAYOUT, settled: true };
  },
};

/** A step with the layout that was told before it. */
export function withLayout(step: Step, layout: Layout): Step {
  return { ...step, layout };
}
