// Names what a step changed: its changed bytes by object, and the values of those that are small enough to be numbers.
import type { ContentsHandle } from "../agent/contents.ts";
import type { BytesBefore } from "../agent/names.ts";
import type { TrackerHandle } from "../agent/tracking.ts";
import type { Changes } from "../memory/contents/changes.ts";
import { addressOf, PAGE_SIZE, pageOf } from "../memory/page.ts";
import { withOverflows } from "../names/heap/overflow.ts";
import { isNoise, type Name, type NamedRange, toWords } from "../names/name.ts";
import type { ChangedNames, NamedChange, WholeObject } from "../recording/changed-names.ts";
import { hex } from "../recording/contents/json.ts";

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

/** What of one object changed. */
interface Part {
  readonly name: Name;
  readonly start: number;
  end: number;
  bytes: number;
}

/** What names need of the agent. */
export type NamesHandle = Pick<TrackerHandle, "names"> & {
  readonly contents?: Pick<ContentsHandle, "newest"> | undefined;
};

/**
 * @param pid of the process, which stands where the changes were read.
 * @throws {Error} as the agent refuses.
 */
export async function namesOf(changes: Changes, pid: number, agent: NamesHandle): Promise<ChangedNames> {
  const { runs, rest } = firstRuns(changes);
  if (runs.length === 0) return { changes: [], unnamed: rest };
  const ranges = new Float64Array(runs.length * 2);
  for (const [i, { address, length }] of runs.entries()) {
    ranges[2 * i] = address;
    ranges[2 * i + 1] = address + length;
  }
  const { named } = await agent.names(pid, ranges, MOST_PIECES, before(runs));
  const parts = partsOf(named.map(withOverflows));
  const values = await valuesOf(parts, runs, agent.contents);
  const thread = (id: number): string => (id === pid ? "the main thread" : `thread ${id}`);
  const told = parts.map((part, i) => {
    const { start, end, bytes, name } = part;
    const whole = values[i];
    const value = whole ?? (bytes === end - start ? bytesOf(part, runs) : undefined);
    const words = toWords(whole === undefined || name.kind !== "symbol" ? name : { ...name, offset: 0 }, { thread });
    const object = objectOf(name);
    return {
      ...{ start, end, bytes, words, isNoise: isNoise(name) },
      ...(value === undefined ? {} : { value }),
      ...(object ? { object } : {}),
    };
  });
  return { changes: told satisfies readonly NamedChange[], unnamed: rest };
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

/** Pieces that lie in the same object, one after another, are one part. */
function partsOf(named: readonly (readonly NamedRange[])[]): Part[] {
  const parts: Part[] = [];
  let last: { readonly part: Part; readonly key: string } | undefined;
  for (const { start, end, name } of named.flat()) {
    const key = keyOf(name);
    if (last?.key === key) {
      last.part.end = end;
      last.part.bytes += end - start;
      continue;
    }
    const part: Part = { name, start, end, bytes: end - start };
    parts.push(part);
    last = { part, key };
  }
  return parts;
}

/** The variable as a whole: a thread-local one has a place for each thread, and no place of its own. */
function objectOf(name: Name): WholeObject | undefined {
  if (name.kind !== "symbol" || name.size === 0 || name.thread !== undefined) return undefined;
  return { name: name.symbol, start: name.address, end: name.address + name.size };
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
  return changeOf(before, after);
}

/** "00 → 79"; text as text, "hello", where there was none before. */
function changeOf(before: Uint8Array, after: Uint8Array): string {
  const text = textOf(after);
  if (text === undefined) return `${hex(before)} → ${hex(after)}`;
  const was = textOf(before);
  return before.every(byte => byte === 0) ? text : `${was ?? hex(before)} → ${text}`;
}

/** Fewer printable bytes are as likely a number. */
const SHORTEST_TEXT = 3;

function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length < SHORTEST_TEXT || !bytes.every(byte => byte >= 0x20 && byte < 0x7f)) return undefined;
  return JSON.stringify(String.fromCharCode(...bytes));
}

/** Sizes of numbers. */
const SIZES = new Set([1, 2, 4, 8]);

/** Of each part the change of the whole variable's value, where it has the size of a number and lies in one page. */
async function valuesOf(
  parts: readonly Part[],
  runs: readonly Run[],
  contents: NamesHandle["contents"],
): Promise<(string | undefined)[]> {
  const small = parts.flatMap(({ name }) => (isNumber(name) ? [name] : []));
  if (!contents || small.length === 0) return parts.map(() => undefined);
  const pages = [...new Set(small.map(({ address }) => pageOf(address)))];
  const { bytes, known } = await contents.newest(Float64Array.from(pages));
  return parts.map(({ name }) => {
    if (!isNumber(name)) return undefined;
    const index = pages.indexOf(pageOf(name.address));
    if (known[index] !== 1) return undefined;
    const at = index * PAGE_SIZE + (name.address % PAGE_SIZE);
    const after = bytes.slice(at, at + name.size);
    const before = after.slice();
    for (const run of runs) copyInto(run.before, run.address, name.address, before);
    return `${numberWords(before)} → ${numberWords(after)}`;
  });
}

function isNumber(name: Name): name is Extract<Name, { kind: "symbol" }> {
  if (name.kind !== "symbol" || name.function || !SIZES.has(name.size)) return false;
  return (name.address % PAGE_SIZE) + name.size <= PAGE_SIZE;
}

/** Copies of bytes at an address those that lie in what begins at `start`. */
function copyInto(bytes: Uint8Array | undefined, address: number, start: number, into: Uint8Array): void {
  if (!bytes) return;
  for (let i = Math.max(0, start - address); i < bytes.length && address + i - start < into.length; i += 1)
    into[address + i - start] = bytes[i];
}

/** What looks like an address, or like no whole number that a person would write, is told in hexadecimal. */
const LARGEST_DECIMAL = 10n ** 9n;

/** Little-endian, with a sign; a type that says otherwise is not known here. */
export function numberWords(bytes: Uint8Array): string {
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
  const signed = BigInt.asIntN(8 * bytes.length, value);
  const size = signed < 0n ? -signed : signed;
  return size <= LARGEST_DECIMAL || bytes.length <= 2 ? signed.toString() : `0x${value.toString(16)}`;
}
