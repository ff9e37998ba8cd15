// From a name to the bytes it stands for, where no debugger is there to ask: by the variables that a recording's steps changed.
import { t } from "../common/l10n.ts";
import type { WholeObject } from "./changed-names.ts";
import type { StepList } from "./recording.ts";
import { type ByteRange, parseRange } from "./writer-words.ts";

interface Known extends WholeObject {
  readonly isNoise: boolean;
}

/** Names that an error lists; a runtime's own are nothing that one asks for. */
const MOST_LISTED = 8;

/**
 * "0x7ffd1000+64"; "counters" as a whole, "counters+68" its byte 68, "counters+68+4" four bytes from there on;
 * or what a step itself calls what it changed, "counters[17]".
 * @throws {Error} the recording knows no such name, or several variables of it, with what to do.
 */
export function rangeNamed(steps: StepList, expression: string): ByteRange {
  const range = parseRange(expression);
  if (range) return range;
  const parts = /^\s*(.+?)(?:\s*\+\s*(\d{1,13})(?:\s*\+\s*(\d{1,13}))?)?\s*$/.exec(expression);
  const name = parts?.[1] ?? "";
  const objects = objectsOf(steps);
  const found = objects.filter(object => object.name === name);
  if (found.length === 0) {
    const told = rangeOfWords(steps, expression.trim());
    if (told) return told;
    throw new Error(unknownWords(name, objects));
  }
  if (found.length > 1) {
    const where = found.map(({ start, end }) => `0x${start.toString(16)}+${end - start}`);
    throw new Error(
      t("There are {0} variables called '{1}': give the address of one, {2}.", found.length, name, where.join(" or ")),
    );
  }
  const [{ start, end }] = found;
  if (parts?.[2] === undefined) return { address: start, size: end - start };
  const offset = Number(parts[2]);
  const size = Number(parts[3] ?? 1);
  if (size === 0 || start + offset + size > end)
    throw new Error(t("'{0}' has {1} bytes: {2} is not within them.", name, end - start, expression.trim()));
  return { address: start + offset, size };
}

/** Bytes of one thing lie within so many; of one name farther apart there are several. */
const FARTHEST = 4096;

/** What steps call just so, "counters[17]" or "block of 24 bytes at 0x4052a0": all bytes of it that any of them changed. */
function rangeOfWords(steps: StepList, words: string): ByteRange | undefined {
  let [start, end] = [Number.POSITIVE_INFINITY, 0];
  for (const { names } of steps) {
    for (const change of names?.changes ?? []) {
      if (change.words !== words) continue;
      start = Math.min(start, change.start);
      end = Math.max(end, change.end);
    }
  }
  return start < end && end - start <= FARTHEST ? { address: start, size: end - start } : undefined;
}

/** The variables that steps changed, each once, in the order of their names. */
function objectsOf(steps: StepList): Known[] {
  const objects = new Map<string, Known>();
  for (const { names } of steps)
    for (const { object, isNoise } of names?.changes ?? [])
      if (object) objects.set(`${object.name} ${object.start} ${object.end}`, { ...object, isNoise });
  return [...objects.values()].sort((a, b) => a.name.localeCompare(b.name));
}

function unknownWords(name: string, objects: readonly Known[]): string {
  const known = [...new Set(objects.filter(({ isNoise }) => !isNoise).map(object => object.name))];
  const listed = known.slice(0, MOST_LISTED).join(", ");
  const more = known.length > MOST_LISTED ? t(", {0} more", known.length - MOST_LISTED) : "";
  const what = known.length === 0 ? t("it knows no names") : t("it knows {0}{1}", listed, more);
  return t(
    "'{0}' is not known to the recording, which has the names of global variables that its steps changed ({1}): no debugger is there to look up others. Give an address, 0x7ffd1000 or 0x7ffd1000+64.",
    name,
    what,
  );
}
