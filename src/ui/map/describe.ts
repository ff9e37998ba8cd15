// A cell of the map in words, for the tooltip and screen readers.

import { counted, grouped } from "../../common/counted.ts";
import { t } from "../../common/l10n.ts";
import { hex } from "../../memory/contents/byte-words.ts";
import type { Mapping } from "../../memory/mapping.ts";
import { firstEndingAfter } from "../../memory/mapping.ts";
import { addressOf, formatAddress, PAGE_SIZE } from "../../memory/page.ts";
import { classWords } from "../../recording/code-words.ts";
import { writersOf } from "../../recording/queries.ts";
import type { Recording } from "../../recording/recording.ts";
import { stepsOf } from "../../recording/span.ts";
import type { Step } from "../../recording/step.ts";
import { byteWritersOf } from "../../recording/writers.ts";
import type { MapLook, StepSpan } from "../protocol.ts";
import { programPagesIn } from "./chosen.ts";
import { armedWay, nameOf, reasonOf, unseenIn } from "./rows.ts";
import { layoutOf } from "./view.ts";

/** Writers of a cell that are told; nobody chooses among more. */
const MOST_WRITERS = 200;
/** Writers that are named in the words. */
const NAMED_WRITERS = 8;

export interface Description {
  /** One fact each. */
  readonly lines: readonly string[];
  /** Numbers of the steps that wrote there, newest first. */
  readonly writers: readonly number[];
}

/**
 * @param from first page, @param to one past the last, in parts of a page where the cell is less than one; @param number the chosen
 * step; @param look what is brushed.
 */
export function describe(
  recording: Recording,
  from: number,
  to: number,
  number: number | undefined,
  look?: MapLook,
): Description {
  const step = number === undefined ? undefined : recording.steps.byNumber(number);
  const layout = layoutOf(recording, look?.brush ? stepsOf(recording.steps, look.brush).at(-1) : step);
  const { mappings } = layout;
  const index = firstEndingAfter(mappings, from);
  const mapping = mappings[index]?.start < to ? mappings[index] : undefined;
  const bytes = (to - from) * PAGE_SIZE;
  const size = bytes < PAGE_SIZE ? counted(bytes, "byte") : counted(to - from, "page");
  const lines = [`${formatAddress(from)}-${formatAddress(to)} (${size})`];
  lines.push(mapping ? nameLine(mappings, index) : t("not mapped"));
  const [start, end] = [Math.floor(from), Math.ceil(to)];
  if (bytes < PAGE_SIZE && recording.kind !== "scan") return describeBytes(recording, from, to, lines, look);
  if (recording.kind === "scan") return { lines: [...lines, classLine(recording, start, end)], writers: [] };
  const writers = firstFew(writersOf(recording, start, end));
  const told = look?.brush ? brushLines(recording, start, end, look) : stepLines(step, start, end);
  lines.push(...told, ...otherWriters(writers, look?.brush ? undefined : step?.number));
  lines.push(t("{0} in memory", grouped(recording.resident.countIn(start, end))));
  if (mapping && armedWay(layout, mapping) === "no") {
    const reason = reasonOf(layout, mapping);
    lines.push(reason ? t("not armed: {0}", reason) : t("not armed"));
  }
  const unseen = unseenIn(layout, start, end);
  if (unseen !== undefined) lines.push(t("may change unseen: {0}", unseen));
  return { lines, writers };
}

/** Of a cell that is less than a page: which steps changed its bytes, and to what. */
function describeBytes(
  { steps }: Recording,
  from: number,
  to: number,
  lines: readonly string[],
  look: MapLook | undefined,
): Description {
  const { writers } = byteWritersOf(steps, addressOf(from), addressOf(to), MOST_WRITERS);
  const named = writers.slice(0, NAMED_WRITERS).map(({ step, changes }) => {
    const isBrushed = [look?.brush, look?.other].some(span => span && holds(span, step.number));
    const words = changes?.map(({ before, after }) => `${shortHex(before)} → ${shortHex(after)}`).join(", ");
    return `${isBrushed ? t("step {0} (brushed)", step.number) : t("step {0}", step.number)}: ${words ?? t("wrote the page; which bytes is not known")}`;
  });
  const more = writers.length - named.length;
  return {
    lines: [
      ...lines,
      ...(named.length > 0 ? named : [t("no step changed it")]),
      ...(more > 0 ? [t("{0} more", more)] : []),
    ],
    writers: writers.map(({ step }) => step.number),
  };
}

/** Bytes of which that many are shown. */
const SHOWN_BYTES = 8;

function shortHex(bytes: Uint8Array): string {
  const pairs = (hex(bytes.subarray(0, SHOWN_BYTES)).match(/../g) ?? []).join(" ");
  return bytes.length > SHOWN_BYTES ? `${pairs} …` : pairs;
}

function holds({ first, last }: StepSpan, number: number): boolean {
  return first <= number && number <= last;
}

/** How many of the brushed steps wrote there, and which first and last. */
function brushLines({ steps }: Recording, start: number, end: number, { brush, other }: MapLook): string[] {
  return [brush, other].flatMap((span, i) => {
    if (!span) return [];
    const found = stepsOf(steps, span).filter(step => programPagesIn(step, start, end) > 0);
    const [name, first, last] = [i === 0 ? "brushed" : "compared", found[0], found.at(-1)];
    if (!first || !last) return [t("written by none of the {0} steps", name)];
    if (first === last) return [t("written by one of the {0} steps: {1}", name, first.number)];
    return [t("written by {0} of the {1} steps: first {2}, last {3}", found.length, name, first.number, last.number)];
  });
}

function nameLine(mappings: readonly Mapping[], index: number): string {
  const { permissions } = mappings[index];
  return `${nameOf(mappings, index) || "[anon]"} ${permissions}`;
}

function classLine({ classes }: Recording, start: number, end: number): string {
  const counts = classes
    .map(({ name, pages }) => ({ name, count: pages.countIn(start, end) }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${grouped(count)} ${classWords(name)}`);
  return counts.join(", ") || t("unpopulated");
}

function stepLines(step: Step | undefined, start: number, end: number): string[] {
  if (!step) return [];
  const told: [number, string][] = [
    [programPagesIn(step, start, end), t("written by step {0}", step.number)],
    [step.kernel.countIn(start, end), t("written by the kernel itself (rseq) during step {0}", step.number)],
    [step.debugger.countIn(start, end), t("written by the debugger before step {0}", step.number)],
    [step.discarded.countIn(start, end), t("given back to the kernel in step {0}", step.number)],
  ];
  return told.filter(([count]) => count > 0).map(([count, words]) => `${counted(count, "page")} ${words}`);
}

function otherWriters(writers: readonly number[], chosen: number | undefined): string[] {
  const others = writers.filter(number => number !== chosen);
  if (others.length === 0) return [];
  const named = others.slice(0, NAMED_WRITERS);
  const which = `${named.join(", ")}${others.length > named.length ? ", …" : ""}`;
  return [others.length === 1 ? t("written in step {0}", which) : t("written in steps {0}", which)];
}

function firstFew(steps: Iterable<Step>): number[] {
  const numbers: number[] = [];
  for (const { number } of steps) {
    numbers.push(number);
    if (numbers.length === MOST_WRITERS) break;
  }
  return numbers;
}
