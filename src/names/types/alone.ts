// One type with all that it is made of, in a table of its own; alike types share one.
import { copyType } from "./copy.ts";
import type { Type, TypeTable } from "./type.ts";

/** Larger ones are not kept beside what they are the types of. */
const MOST_TYPES = 500;
const LONGEST = 1 << 16;
/** Of a bit field. */
const MOST_BITS = 512;
/** Tables that are remembered; a program has some hundred types of variables. */
const MOST_TABLES = 4096;

const tables = new Map<string, TypeTable>();

/** @returns a table of which the first is the type; undefined of one that is too large to be kept, or that no compiler makes. */
export function typeAlone(types: readonly Type[], index: number): TypeTable | undefined {
  const own: Type[] = [];
  copyType(types, index, own, new Map());
  if (own.length > MOST_TYPES) return undefined;
  let isSound = true;
  const text = JSON.stringify(own, (key, value) => {
    if (typeof value === "number" && key !== "value") isSound &&= Number.isSafeInteger(value) && value >= 0;
    if (key === "bits" && value > MOST_BITS) isSound = false;
    return value;
  });
  if (!isSound || text.length > LONGEST) return undefined;
  const known = tables.get(text);
  if (known) return known;
  if (tables.size === MOST_TABLES) tables.clear();
  tables.set(text, own);
  return own;
}
