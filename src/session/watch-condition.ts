// When a store into a watch is worth a stop: its condition, as text and as data, what deciding needs, and the decision. Pure.
import type { ByteRange } from "../tracker/watches/reports.ts";

/** All that is given must hold. Plain data: it is kept with the workspace. */
export interface WatchCondition {
  /** The store changes a byte of what is watched. */
  readonly changes?: boolean;
  /** The number that is watched is this one after the store. */
  readonly becomes?: NewValue;
  /** The first hit that counts: 1 is the first. */
  readonly fromHit?: number;
  /** Functions none of which is on the stack. */
  readonly notFrom?: readonly string[];
}

export interface NewValue {
  /** A whole number as text, decimal or 0x…; negative ones in two's complement. */
  readonly value: string;
  /** Bytes of the number, little-endian; absent: the range's own size where a number has that, else 4. */
  readonly size?: NumberSize;
}

export type NumberSize = 1 | 2 | 4 | 8;

/** What was seen of one hit. */
export interface Seen {
  /** How often the watch was hit, this time counted: from 1. */
  readonly hit: number;
  /** Functions on the stack, innermost first; asked for only where {@link needsStack}. */
  readonly functions?: readonly string[];
  /** The watched range that was hit. */
  readonly range: ByteRange;
  /** Of the first byte stored. */
  readonly address: number;
  /** Bytes from `at` on, before and after the store; only where {@link needsStore}. */
  readonly at?: number;
  readonly before?: Uint8Array;
  readonly after?: Uint8Array;
}

export const HOW_TO_WRITE =
  "Write what must hold, with 'and' between: 'changes', 'becomes 42', 'becomes 0xff of 1 byte', 'from hit 3', 'not from free, main'.";

const SIZES: readonly number[] = [1, 2, 4, 8];

/** Whether deciding needs the functions on the stack. */
export function needsStack({ notFrom }: WatchCondition): boolean {
  return notFrom !== undefined && notFrom.length > 0;
}

/** Whether deciding needs the store to be done first: the program stands behind it then. */
export function needsStore({ changes, becomes }: WatchCondition): boolean {
  return changes === true || becomes !== undefined;
}

/** Whether the hit is worth a stop, from what is known before the store. */
export function holdsBefore({ fromHit = 1, notFrom = [] }: WatchCondition, seen: Seen): boolean {
  if (seen.hit < fromHit) return false;
  return !(seen.functions ?? []).some(name => notFrom.some(wanted => isNamed(name, wanted)));
}

/** Whether it is, from the bytes before and after; bytes that could not be read are worth one. */
export function holdsAfter({ changes, becomes }: WatchCondition, seen: Seen): boolean {
  const { before, after, at, range, address } = seen;
  if (!before || !after || at === undefined) return true;
  if (changes && before.every((byte, i) => byte === after[i])) return false;
  if (!becomes) return true;
  const size = becomes.size ?? sizeOf(range);
  const start = range.start + Math.floor((address - range.start) / size) * size;
  const bytes = after.subarray(start - at, start - at + size);
  if (start < at || bytes.length < size) return true;
  const number = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return number === BigInt.asUintN(8 * size, integer(becomes.value) ?? 0n);
}

/**
 * Reads a condition as its user writes it.
 * @returns undefined for no text: every store.
 * @throws {Error} it can't be understood, and how one is written.
 */
export function parseCondition(text: string): WatchCondition | undefined {
  if (text.trim() === "") return undefined;
  const clauses = text
    .trim()
    .split(/\s+and\s+/)
    .map(clauseOf);
  return Object.assign({}, ...clauses);
}

/** The condition as its user would write it; parses to the same. */
export function conditionWords({ changes, becomes, fromHit, notFrom }: WatchCondition): string {
  const unit = becomes?.size === 1 ? "byte" : "bytes";
  return [
    ...(changes ? ["changes"] : []),
    ...(becomes ? [`becomes ${becomes.value}${becomes.size ? ` of ${becomes.size} ${unit}` : ""}`] : []),
    ...(fromHit === undefined ? [] : [`from hit ${fromHit}`]),
    ...(notFrom && notFrom.length > 0 ? [`not from ${notFrom.join(", ")}`] : []),
  ].join(" and ");
}

function clauseOf(clause: string): WatchCondition {
  if (/^changes$/.test(clause)) return { changes: true };
  const [, value, size] = /^becomes\s+(\S+)(?:\s+of\s+(\d+)\s+bytes?)?$/.exec(clause) ?? [];
  if (value !== undefined && integer(value) !== undefined && (size === undefined || SIZES.includes(Number(size))))
    return { becomes: { value, ...(size ? { size: Number(size) as NumberSize } : {}) } };
  const hit = Number(/^from\s+hit\s+(\d+)$/.exec(clause)?.[1]);
  if (Number.isSafeInteger(hit) && hit > 0) return { fromHit: hit };
  const functions = /^not\s+from\s+(.+)$/.exec(clause)?.[1]?.split(/\s*,\s*/);
  if (functions?.every(name => name !== "")) return { notFrom: functions };
  throw new Error(`'${clause}' is no condition of a watch. ${HOW_TO_WRITE}`);
}

/** As its name, or without what a debugger adds: arguments, a module before a backtick, the namespaces around it. */
function isNamed(shown: string, wanted: string): boolean {
  const bare = shown.replace(/^.*`/, "").replace(/\(.*$/, "");
  return shown === wanted || bare === wanted || bare.endsWith(`::${wanted}`);
}

function sizeOf({ start, end }: ByteRange): number {
  return SIZES.includes(end - start) ? end - start : 4;
}

function integer(text: string): bigint | undefined {
  const [, sign, digits] = /^(-?)(0x[0-9a-f]{1,16}|\d{1,20})$/i.exec(text) ?? [];
  return digits === undefined ? undefined : (sign ? -1n : 1n) * BigInt(digits);
}
