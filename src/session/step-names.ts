// Names what a step changed: its changed bytes by object, and the values of those that are small enough to be numbers.
import type { ContentsHandle } from "../agent/contents.ts";
import type { BytesBefore } from "../agent/names.ts";
import type { TrackerHandle } from "../agent/tracking.ts";
import { changeWords, numberWords } from "../memory/contents/byte-words.ts";
import type { Changes } from "../memory/contents/changes.ts";
import { addressOf, PAGE_SIZE, pageOf } from "../memory/page.ts";
import { withOverflows } from "../names/heap/overflow.ts";
import { isNoise, type Name, type NamedRange, RED_ZONE, toWords } from "../names/name.ts";
import { typeAlone } from "../names/types/alone.ts";
import { type Element, elementsIn } from "../names/types/elements.ts";
import type { TypeTable } from "../names/types/type.ts";
import { valueWords } from "../names/types/values.ts";
import type { ChangedNames, NamedChange, WholeObject } from "../recording/changed-names.ts";

import { type Bytes, type ToldLocals, withLocals } from "./step-locals.ts";

/** Runs of changed bytes that are named; nobody reads more. */
const MOST_RUNS = 512;
/** Names of one run. */
const MOST_PIECES = 16;

interface Run {
  readonly address: number;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
  readonly length: number;
}

/** What of one object changed, or of one element of a variable. */
interface Part {
  readonly name: Name;
  /** Where the variable's type is known. */
  readonly element?: Element | undefined;
  start: number;
  end: number;
  bytes: number;
}

export interface StepNames extends ChangedNames {
  /** Whether the debugger may tell more: some of it lies where locals are, or in heap blocks that locals may lead to. */
  readonly hasMore: boolean;
}

/** Asks the debugger. @param stack changed bytes in parts of stacks that are in use. @param hasBlocks see {@link localsFor}. */
export type AskLocals = (stack: readonly Bytes[], hasBlocks: boolean) => Promise<ToldLocals>;

/** What names need of the agent. */
export type NamesHandle = Pick<TrackerHandle, "names"> & {
  readonly contents?: Pick<ContentsHandle, "newest"> | undefined;
};

/**
 * @param pid of the process, which stands where the changes were read.
 * @param locals tells which locals lie in changed bytes of the stack; absent: nobody is asked.
 * @throws {Error} as the agent refuses.
 */
export async function namesOf(
  changes: Changes,
  pid: number,
  agent: NamesHandle,
  locals?: AskLocals,
): Promise<StepNames> {
  const { runs, rest } = firstRuns(changes);
  if (runs.length === 0) return { changes: [], unnamed: rest, hasMore: false };
  const ranges = new Float64Array(runs.length * 2);
  for (const [i, { address, length }] of runs.entries()) {
    ranges[2 * i] = address;
    ranges[2 * i + 1] = address + length;
  }
  let answer = await agent.names(pid, ranges, MOST_PIECES, before(runs));
  const stack = answer.named.flat().filter(isLive);
  const hasBlocks = answer.named.flat().some(isLoneBlock);
  const hasMore = stack.length > 0 || hasBlocks;
  const told = locals && hasMore ? await locals(stack, hasBlocks) : undefined;
  if (hasBlocks && told && told.roots.length > 0)
    answer = await agent.names(pid, ranges, MOST_PIECES, before(runs), told.roots);
  const types = [...answer.types];
  const known = told?.changed ?? [];
  const named = known.length > 0 ? answer.named.map(pieces => withLocals(pieces, known, types)) : answer.named;
  const parts = partsOf(named.map(withOverflows), types);
  const values = await valuesOf(parts, types, runs, agent.contents);
  const thread = (id: number): string => (id === pid ? "the main thread" : `thread ${id}`);
  const changed: NamedChange[] = [];
  for (const [i, part] of parts.entries()) {
    const { start, end, bytes, name, element } = part;
    const whole = values[i];
    // Of several bit fields in one byte only those count whose bits changed.
    if (whole?.isSame && element?.bits !== undefined) continue;
    const value = whole?.words ?? (bytes === end - start ? bytesOf(part, runs) : undefined);
    const words = toWords(whole === undefined || name.kind !== "symbol" ? name : { ...name, offset: 0 }, {
      thread,
      element: () => element?.path,
      inBlock: element?.path,
    });
    const object = objectOf(name, types);
    changed.push({
      ...{ start, end, bytes, words, isNoise: isNoise(name) },
      ...(value === undefined ? {} : { value }),
      ...(object ? { object } : {}),
    });
  }
  return { changes: changed, unnamed: rest, hasMore };
}

/** The known ones; a page of which nothing is known before has no run that could be named. */
function firstRuns(changes: Changes): { readonly runs: readonly Run[]; readonly rest: number } {
  const runs: Run[] = [];
  let rest = 0;
  const cursor = changes.cursor();
  while (cursor.next()) {
    if (cursor.reason !== undefined) continue;
    for (const { offset, before, after } of cursor.runs()) {
      if (runs.length === MOST_RUNS) {
        rest += 1;
        continue;
      }
      const length = before?.length ?? after?.length ?? 0;
      runs.push({ address: addressOf(cursor.page) + offset, before, after, length });
    }
  }
  return { runs, rest };
}

/** What the runs held before the step, as far as that is known. */
function before(runs: readonly Run[]): BytesBefore {
  const known = runs.filter(({ before }) => before !== undefined);
  const ranges = Float64Array.from(known.flatMap(({ address, length }) => [address, address + length]));
  const bytes = new Uint8Array(known.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const { before, length } of known) {
    if (before) bytes.set(before, at);
    at += length;
  }
  return { ranges, bytes };
}

/** Where something of a known type begins. */
interface Typed {
  readonly address: number;
  readonly type: number;
}

/** Of a variable, and of a heap block to which the program has a way. */
function typedOf(name: Name): Typed | undefined {
  if (name.kind === "heap") return name.way;
  return name.kind === "symbol" && name.type !== undefined ? { address: name.address, type: name.type } : undefined;
}

/** Elements of one variable that are told one by one; of more, the variable is. */
const MOST_ELEMENTS = 8;

/** Pieces that lie in the same object, one after another, are one part; of a variable with a type each element is one. */
function partsOf(named: readonly (readonly NamedRange[])[], types: TypeTable): Part[] {
  const parts: Part[] = [];
  let key: string | undefined;
  /** Those of the variable at hand by element, beside the one part for all of it. */
  let elements: Part[] | undefined;
  const finish = (): void => {
    if (elements && elements.length > 0 && elements.length <= MOST_ELEMENTS) parts.splice(-1, 1, ...elements);
    elements = undefined;
  };
  for (const { start, end, name } of named.flat()) {
    const itsKey = keyOf(name);
    const last = parts.at(-1);
    if (itsKey === key && last) {
      last.end = end;
      last.bytes += end - start;
    } else {
      finish();
      parts.push({ name, start, end, bytes: end - start });
      key = itsKey;
    }
    const typed = typedOf(name);
    if (typed) {
      elements ??= [];
      addElements(elements, name, typed, types, start, end);
    }
  }
  finish();
  return parts;
}

function addElements(parts: Part[], name: Name, typed: Typed, types: TypeTable, start: number, end: number): void {
  if (parts.length > MOST_ELEMENTS) return;
  const { address, type } = typed;
  for (const element of elementsIn(types, type, start - address, end - address, MOST_ELEMENTS + 1)) {
    const at = address + element.offset;
    const [from, to] = [Math.max(start, at), Math.min(end, at + element.size)];
    const known = parts.find(({ element: other }) => other?.offset === element.offset && other.bit === element.bit);
    if (known) {
      known.end = to;
      known.bytes += to - from;
    } else {
      parts.push({ name, element, start: from, end: to, bytes: to - from });
    }
  }
}

/** Of a stack the part that calls which are not over use; one that calls no other may have its locals in the red zone. */
function isLive({ name }: NamedRange): boolean {
  return name.kind === "stack" && (name.above === undefined || name.above >= -RED_ZONE);
}

/** A block in use to which no way is known. */
function isLoneBlock({ name }: NamedRange): boolean {
  return name.kind === "heap" && !name.way && name.place.kind === "block" && name.place.block.state === "in use";
}

/** The variable as a whole: a local lies elsewhere in the next call, a thread-local one has a place for each thread, and no place of its own. */
function objectOf(name: Name, types: TypeTable): WholeObject | undefined {
  if (name.kind !== "symbol" || name.size === 0 || name.thread !== undefined || name.file === "") return undefined;
  const alone = name.type === undefined ? undefined : typeAlone(types, name.type);
  const whole = { name: name.symbol, start: name.address, end: name.address + name.size };
  return alone ? { ...whole, types: alone } : whole;
}

/** The same for all bytes of one object. */
function keyOf(name: Name): string {
  switch (name.kind) {
    case "symbol":
      return `symbol ${name.address} ${name.thread ?? ""}`;
    case "heap":
      return name.place.kind === "block" ? `block ${name.place.block.address}` : `heap ${name.place.kind}`;
    case "stack":
      // What calls that are over left behind is nobody's; what lies above them are locals.
      return `stack ${name.thread} ${isNoise(name)}`;
    case "thread":
      return `thread ${name.part} ${name.thread}`;
    case "section":
      return `section ${name.section} ${name.file}`;
    case "mapping":
      return `mapping ${name.mapping}`;
    default:
      return name.kind;
  }
}

/** As many changed bytes as one number has are told one by one. */
const FEW = 8;

/** "00 → 79", in the order of memory; undefined where there are many. */
function bytesOf({ start, bytes }: Part, runs: readonly Run[]): string | undefined {
  if (bytes > FEW) return undefined;
  const before = new Uint8Array(bytes);
  const after = new Uint8Array(bytes);
  for (const run of runs) {
    copyInto(run.before, run.address, start, before);
    copyInto(run.after, run.address, start, after);
  }
  return changeWords(before, after);
}

/** Sizes of numbers. */
const SIZES = new Set([1, 2, 4, 8]);
/** Bytes of the largest thing whose whole value is told: a short text. */
const LARGEST_VALUE = 64;

interface Value {
  readonly words: string;
  /** Only bits beside it changed. */
  readonly isSame: boolean;
}

/** Of each part the change of the whole value, where it has one that is small and its pages are known. */
async function valuesOf(
  parts: readonly Part[],
  types: TypeTable,
  runs: readonly Run[],
  contents: NamesHandle["contents"],
): Promise<(Value | undefined)[]> {
  const places = parts.map(placeOf);
  const pages = [...new Set(places.flatMap(place => (place ? pagesOf(place) : [])))];
  if (!contents || pages.length === 0) return parts.map(() => undefined);
  const { bytes, known } = await contents.newest(Float64Array.from(pages));
  return parts.map(({ element }, i) => {
    const place = places[i];
    if (!place || pagesOf(place).some(page => known[pages.indexOf(page)] !== 1)) return undefined;
    const after = new Uint8Array(place.size);
    for (const page of pagesOf(place)) {
      const at = pages.indexOf(page) * PAGE_SIZE;
      copyInto(bytes.subarray(at, at + PAGE_SIZE), addressOf(page), place.address, after);
    }
    const before = after.slice();
    for (const run of runs) copyInto(run.before, run.address, place.address, before);
    const words = (side: Uint8Array): string => (element ? valueWords(types, element, side) : numberWords(side));
    return { words: `${words(before)} → ${words(after)}`, isSame: words(before) === words(after) };
  });
}

interface Place {
  readonly address: number;
  readonly size: number;
}

/** Where the value is; undefined of what has none that is told whole. */
function placeOf({ name, element }: Part): Place | undefined {
  const typed = typedOf(name);
  if (element && typed) {
    if (element.size === 0 || element.size > LARGEST_VALUE) return undefined;
    return { address: typed.address + element.offset, size: element.size };
  }
  if (name.kind !== "symbol" || name.function || typed) return undefined;
  return SIZES.has(name.size) ? { address: name.address, size: name.size } : undefined;
}

function pagesOf({ address, size }: Place): number[] {
  const pages: number[] = [];
  for (let page = pageOf(address); page <= pageOf(address + size - 1); page += 1) pages.push(page);
  return pages;
}

/** Copies of bytes at an address those that lie in what begins at `start`. */
function copyInto(bytes: Uint8Array | undefined, address: number, start: number, into: Uint8Array): void {
  if (!bytes) return;
  for (let i = Math.max(0, start - address); i < bytes.length && address + i - start < into.length; i += 1)
    into[address + i - start] = bytes[i];
}
