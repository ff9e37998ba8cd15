// The list of watches of Stop at Write, as it is kept with the workspace: plain data, checked when it is read. Pure.
import { shortened } from "../common/shortened.ts";
import { type Mapping, shortName } from "../memory/mapping.ts";
import { addressOf, PAGE_SIZE, USER_PAGES_END } from "../memory/page.ts";
import { ARMABLE_KINDS, chosenIn, type MemoryRule } from "../tracker/choice.ts";
import type { ByteRange } from "../tracker/watches/reports.ts";
import { conditionWords, parseCondition, type WatchCondition } from "./watch-condition.ts";

/** An object of the program, addresses, or the mappings that a rule names. */
export type WatchTarget =
  | { readonly expression: string }
  | { readonly start: number; readonly end: number }
  | { readonly mappings: Extract<MemoryRule, string> | { readonly name: string } };

export interface WatchEntry {
  readonly id: string;
  readonly target: WatchTarget;
  readonly enabled: boolean;
  /** Absent: every store. */
  readonly condition?: WatchCondition;
  /** Tell of the store and go on. */
  readonly log?: boolean;
}

export const HOW_TO_NAME =
  "Name a variable or an expression (counters, *list), addresses (0x7ffd1000..0x7ffd2000, 0x7ffd1000+64), " +
  `or mappings (kind:heap, name:libfoo.so*)`;

const MOST_ENTRIES = 200;
const MOST_CHARACTERS = 1024;
const END = USER_PAGES_END * PAGE_SIZE;

/** What a user types, or a view gives. @throws {Error} it names nothing that can be watched, and what would. */
export function parseTarget(given: string): WatchTarget {
  const text = given.trim();
  const refuse = (why: string): never => {
    throw new Error(`${shortened(text)} ${why}. ${HOW_TO_NAME}.`);
  };
  if (text === "") refuse("names nothing");
  if (text.length > MOST_CHARACTERS) refuse("is too long");
  if (/[\r\n\0]/.test(text)) refuse("is more than a line");
  const [, kind] = /^kind:\s*(.*)$/.exec(text) ?? [];
  if (kind !== undefined) {
    const known = ARMABLE_KINDS.find(name => name === kind);
    return known ? { mappings: known } : refuse(`is none of the kinds ${ARMABLE_KINDS.join(", ")}`);
  }
  const [, name] = /^name:\s*(.*)$/.exec(text) ?? [];
  if (name !== undefined) return name === "" ? refuse("names no pattern") : { mappings: { name } };
  const [, first, last, size] =
    /^(0x[0-9a-f]+)\s*(?:(?:\.\.|-)\s*(0x[0-9a-f]+)|\+\s*(0x[0-9a-f]+|\d+))?$/i.exec(text) ?? [];
  if (first === undefined) return { expression: text };
  const start = Number(first);
  const end = last === undefined ? start + Number(size ?? 1) : Number(last);
  if (!(start < end)) refuse("holds no byte: its end is not behind its start");
  if (end > END) refuse("reaches beyond a program's addresses");
  return { start, end };
}

/** As a user types it: {@link parseTarget} makes the same of it. */
export function targetText(target: WatchTarget): string {
  if ("expression" in target) return target.expression;
  if ("start" in target) return `0x${target.start.toString(16)}..0x${target.end.toString(16)}`;
  return typeof target.mappings === "string" ? `kind:${target.mappings}` : `name:${target.mappings.name}`;
}

/** As it is shown: "counters", "anything in the heap". */
export function targetWords(target: WatchTarget): string {
  if (!("mappings" in target)) return targetText(target);
  const { mappings } = target;
  if (typeof mappings !== "string") return `anything in ${mappings.name}`;
  return mappings === "heap" || mappings === "stack"
    ? `anything in the ${mappings}`
    : `anything in ${mappings} mappings`;
}

/** Bytes of the mappings that it names. */
export function rangesIn(mappings: readonly Mapping[], { mappings: rule }: { mappings: MemoryRule }): ByteRange[] {
  return mappings.flatMap(mapping =>
    // What can't be written now may be opened later; the program's own text is no place where one looks for stores.
    mapping.permissions[1] !== "w"
      ? []
      : [...chosenIn(mapping, { watch: [rule] }).pairs()].map(([start, end]) => ({
          start: addressOf(start),
          end: addressOf(end),
        })),
  );
}

/** Names of mappings that could be watched, for suggestions, each once. */
export function namesOf(mappings: readonly Mapping[]): string[] {
  return [...new Set(mappings.filter(({ permissions }) => permissions[1] === "w").map(shortName))];
}

/**
 * The list as it was kept. Entries that are none are left out, so that one bad one loses no other.
 * @returns how many were left out, too.
 */
export function readList(kept: unknown): { readonly entries: readonly WatchEntry[]; readonly dropped: number } {
  if (kept === undefined) return { entries: [], dropped: 0 };
  const given: readonly unknown[] = Array.isArray(kept) ? kept : [kept];
  const entries: WatchEntry[] = [];
  for (const item of given.slice(0, MOST_ENTRIES)) {
    const entry = readEntry(item);
    if (entry && !entries.some(({ id }) => id === entry.id)) entries.push(entry);
  }
  return { entries, dropped: given.length - entries.length };
}

/** What {@link readList} makes the same of. */
export function keptList(entries: readonly WatchEntry[]): unknown {
  return entries.map(({ id, target, enabled, condition, log }) => ({
    id,
    what: targetText(target),
    enabled,
    ...(condition ? { condition: conditionWords(condition) } : {}),
    ...(log ? { log } : {}),
  }));
}

function readEntry(item: unknown): WatchEntry | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const { id, what, enabled, condition, log } = item as Readonly<Record<string, unknown>>;
  if (typeof id !== "string" || id === "" || typeof what !== "string") return undefined;
  try {
    const parsed = typeof condition === "string" ? parseCondition(condition) : undefined;
    return {
      id,
      target: parseTarget(what),
      enabled: enabled !== false,
      ...(parsed ? { condition: parsed } : {}),
      ...(log === true ? { log } : {}),
    };
  } catch {
    return undefined;
  }
}
