// What a range of memory is, in words: its names, its mapping, and whether it is watched.

import { counted } from "../../common/counted.ts";
import { t } from "../../common/l10n.ts";
import { firstEndingAfter, shortName } from "../../memory/mapping.ts";
import { formatAddress, PAGE_SIZE, pageOf } from "../../memory/page.ts";
import { type Name, type NamedRange, toWords } from "../../names/name.ts";
import { elementsIn } from "../../names/types/elements.ts";
import { typeWords } from "../../names/types/type.ts";
import type { RangeNames } from "../../recording/memory.ts";
import type { Recording } from "../../recording/recording.ts";
import type { Step } from "../../recording/step.ts";
import { armedWay, nameOf, reasonOf, unseenIn } from "../map/rows.ts";
import { layoutOf } from "../map/view.ts";

/** Names of a range that are told one by one. */
const MOST_TOLD = 6;

/** "counters[17]", "block of 48 bytes at 0x…", "[heap], page 0x…". */
export function titleOf(
  recording: Recording,
  step: Step | undefined,
  start: number,
  end: number,
  names: RangeNames | undefined,
): string {
  const told = step?.names?.changes.find(change => change.start === start && change.end === end);
  if (told) return told.words;
  const isPages = start % PAGE_SIZE === 0 && end % PAGE_SIZE === 0 && end > start;
  if (isPages) return pagesWords(recording, step, pageOf(start), pageOf(end));
  if (names?.pieces.length === 1 && names.pieces[0].end >= end)
    return pieceWords(names.pieces[0], names, recording.pid);
  return t("{0} at 0x{1}", counted(Math.max(0, end - start), "byte"), start.toString(16));
}

/** Sentences, the most telling first. */
export function factsOf(
  recording: Recording,
  step: Step | undefined,
  start: number,
  end: number,
  names: RangeNames | undefined,
): string[] {
  if (start >= end) return [t("There are no bytes in it.")];
  const [first, last] = [pageOf(start), pageOf(end - 1) + 1];
  const layout = layoutOf(recording, step);
  const { mappings } = layout;
  const index = firstEndingAfter(mappings, first);
  const mapping = mappings[index]?.start < last ? mappings[index] : undefined;
  const facts = [...nameFacts(names, recording.pid)];
  if (!mapping) return [...facts, t("It is not mapped.")];
  const way = armedWay(layout, mapping);
  const armed = { complete: t("watched"), populated: t("watched where it is in memory"), no: t("not watched") }[way];
  facts.push(t("In {0} ({1}), {2}.", nameOf(mappings, index) || t("anonymous memory"), mapping.permissions, armed));
  if (last > mapping.end)
    facts.push(t("It goes on into what lies behind that mapping, which ends at {0}.", formatAddress(mapping.end)));
  const reason = way === "no" ? reasonOf(layout, mapping) : undefined;
  if (reason) facts.push(t("Not watched: {0}.", reason));
  const unseen = unseenIn(layout, first, last);
  if (unseen !== undefined) facts.push(t("It may change unseen: {0}.", unseen));
  return facts;
}

function nameFacts(names: RangeNames | undefined, pid: number | undefined): string[] {
  const pieces = names?.pieces ?? [];
  if (!names || pieces.length === 0) return [];
  const [{ name }] = pieces;
  if (pieces.length === 1) return [describe(name, names, pid)];
  const seen = new Set(pieces.filter(isWorthTelling).map(piece => wholeWords(piece.name, pid)));
  if (seen.size === 0) return [];
  const told = [...seen].slice(0, MOST_TOLD);
  const rest = seen.size - told.length;
  return [t("Holds {0}{1}.", told.join(", "), rest > 0 ? t(" and {0} more", rest) : "")];
}

function isWorthTelling({ name }: NamedRange): boolean {
  return name.kind !== "mapping" && name.kind !== "unmapped";
}

/** A name with what else is known of it. */
function describe(name: Name, { types }: RangeNames, pid: number | undefined): string {
  if (name.kind !== "symbol") return `${upper(toWords(name, wordsFor(pid)))}.`;
  const { type, size, address, file, symbol } = name;
  const typed = type === undefined ? "" : `, ${typeWords(types, type)}`;
  const bytes = size > 0 ? `, ${counted(size, "byte")}` : "";
  const of = file.slice(file.lastIndexOf("/") + 1);
  const whole = `${symbol}${typed}${bytes}`;
  const from = address.toString(16);
  if (name.function) return t("Code of {0} from 0x{1}, in {2}.", whole, from, of);
  // A recording in a file knows the variable, and not whose it is.
  return of === ""
    ? t("Part of {0} from 0x{1}, a variable.", whole, from)
    : t("Part of {0} from 0x{1}, a variable of {2}.", whole, from, of);
}

/** A name of all of a thing, not of the part that lies in the range. */
function wholeWords(name: Name, pid: number | undefined): string {
  return toWords(name.kind === "symbol" ? { ...name, offset: 0 } : name, wordsFor(pid));
}

function pieceWords({ start, end, name }: NamedRange, { types }: RangeNames, pid: number | undefined): string {
  const path = (type: number, offset: number): string | undefined => {
    const [element, more] = elementsIn(types, type, offset, offset + end - start, 2);
    return element && !more ? element.path : undefined;
  };
  const way = name.kind === "heap" ? name.way : undefined;
  return toWords(name, {
    ...wordsFor(pid),
    element: ({ type, offset }) => (type === undefined ? undefined : path(type, offset)),
    inBlock: way && path(way.type, start - way.address),
  });
}

function wordsFor(pid: number | undefined): { thread: (id: number) => string } {
  return { thread: id => (id === pid ? t("the main thread") : t("thread {0}", id)) };
}

function pagesWords(recording: Recording, step: Step | undefined, start: number, end: number): string {
  const { mappings } = layoutOf(recording, step);
  const mapping = mappings[firstEndingAfter(mappings, start)];
  const name = mapping && mapping.start <= start ? shortName(mapping) : "unmapped";
  const pages =
    end - start === 1
      ? t("page {0}", formatAddress(start))
      : t("{0} from {1}", counted(end - start, "page"), formatAddress(start));
  return `${name}, ${pages}`;
}

function upper(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
