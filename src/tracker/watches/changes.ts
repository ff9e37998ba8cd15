// What changed in an opened page besides the stores that it was opened for.
import { addressOf } from "../../memory/page.ts";
import type { ByteRange, WatchHit } from "./reports.ts";
import type { Waiting } from "./waiting.ts";
import type { WatchMap } from "./watch-map.ts";

/** Runs of changed bytes that are told at once. */
const MOST_CHANGES = 256;
/** Of a range so many bytes are shown, at most. */
const MOST_SHOWN = 64;

/** A page as it was before it was opened, and as it is now. */
export interface PageChange {
  readonly page: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** The watched bytes that differ. */
  readonly changes: readonly ByteRange[];
}

/** Whether a change, or a part of it, may be a store's own doing. */
export function mayBeOf({ address, reach }: Pick<Waiting, "address" | "reach">, { start, end }: ByteRange): boolean {
  return start < reach && end > address;
}

/**
 * The hit for changes that no hit was told of: a miss reached into a range, or somebody else stored while the page was open.
 * @param passed the stores that it was opened for. @returns undefined where there are none.
 */
export function hitOfChanges(
  { page, before, after, changes }: PageChange,
  passed: readonly Waiting[],
  map: WatchMap,
): Omit<WatchHit, "id"> | undefined {
  const told = passed.filter(({ isTold }) => isTold);
  const others = told.reduce<readonly ByteRange[]>(without, changes);
  if (others.length === 0) return undefined;
  const [first] = others;
  const miss = passed.find(waiting => !waiting.isTold && mayBeOf(waiting, first));
  const call = miss?.call;
  return {
    ...shown(page, before, after, first.start, map),
    address: first.start,
    threadId: miss?.threadId ?? 0,
    by: miss?.by ?? "unknown",
    waits: false,
    changed: others.slice(0, MOST_CHANGES),
    words: miss
      ? "a store that began beside the range reached into it, and was let through"
      : "changed while a store to the same page was let through",
    ...(call ? { pc: call.pc } : {}),
    ...(call?.kind === "system call" ? { systemCall: { number: call.number, args: call.args } } : {}),
  };
}

/** Changes without what one store may have written of them. */
function without(changes: readonly ByteRange[], { address, reach }: Pick<Waiting, "address" | "reach">): ByteRange[] {
  return changes.flatMap(({ start, end }) =>
    [
      { start, end: Math.min(end, address) },
      { start: Math.max(start, reach), end },
    ].filter(part => part.start < part.end),
  );
}

/** Of the range that an address lies in what is shown of it, so far as it lies in the page. */
export function shown(
  page: number,
  before: Uint8Array,
  after: Uint8Array,
  address: number,
  map: WatchMap,
): Pick<WatchHit, "range" | "start" | "before" | "after"> {
  const range = map.rangeAt(address);
  const whole = map.ranges[range];
  const start = Math.max(whole.start, addressOf(page), Math.min(address, whole.end - MOST_SHOWN));
  const end = Math.min(whole.end, addressOf(page + 1), start + MOST_SHOWN);
  const part = (bytes: Uint8Array): Uint8Array => bytes.slice(start - addressOf(page), end - addressOf(page));
  return { range, start, before: part(before), after: part(after) };
}
