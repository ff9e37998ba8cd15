// A cell of the map in words, for the tooltip and screen readers.

import { counted } from "../../common/counted.ts";
import type { Mapping } from "../../memory/mapping.ts";
import { firstEndingAfter } from "../../memory/mapping.ts";
import { formatAddress } from "../../memory/page.ts";
import { writersOf } from "../../recording/queries.ts";
import type { Recording } from "../../recording/recording.ts";
import type { Step } from "../../recording/step.ts";
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

/** @param start first page, @param end one past the last; @param number the chosen step. */
export function describe(recording: Recording, start: number, end: number, number: number | undefined): Description {
  const step = number === undefined ? undefined : recording.steps.byNumber(number);
  const layout = layoutOf(recording, step);
  const { mappings } = layout;
  const index = firstEndingAfter(mappings, start);
  const mapping = mappings[index]?.start < end ? mappings[index] : undefined;
  const lines = [`${formatAddress(start)}-${formatAddress(end)} (${counted(end - start, "page")})`];
  lines.push(mapping ? nameLine(mappings, index) : "not mapped");
  if (recording.kind === "scan") return { lines: [...lines, classLine(recording, start, end)], writers: [] };
  const writers = firstFew(writersOf(recording, start, end));
  lines.push(...stepLines(step, start, end), ...otherWriters(writers, step?.number));
  lines.push(`${recording.resident.countIn(start, end).toLocaleString("en")} in memory`);
  if (mapping && armedWay(layout, mapping) === "no") {
    const reason = reasonOf(layout, mapping);
    lines.push(reason ? `not armed: ${reason}` : "not armed");
  }
  const unseen = unseenIn(layout, start, end);
  if (unseen !== undefined) lines.push(`may change unseen: ${unseen}`);
  return { lines, writers };
}

function nameLine(mappings: readonly Mapping[], index: number): string {
  const { permissions } = mappings[index];
  return `${nameOf(mappings, index) || "[anon]"} ${permissions}`;
}

function classLine({ classes }: Recording, start: number, end: number): string {
  const counts = classes
    .map(({ name, pages }) => ({ name, count: pages.countIn(start, end) }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count.toLocaleString("en")} ${name}`);
  return counts.join(", ") || "unpopulated";
}

function stepLines(step: Step | undefined, start: number, end: number): string[] {
  if (!step) return [];
  const told: [number, string][] = [
    [programPagesIn(step, start, end), `written by step ${step.number}`],
    [step.kernel.countIn(start, end), `written by the kernel itself (rseq) during step ${step.number}`],
    [step.debugger.countIn(start, end), `written by the debugger before step ${step.number}`],
    [step.discarded.countIn(start, end), `given back to the kernel in step ${step.number}`],
  ];
  return told.filter(([count]) => count > 0).map(([count, words]) => `${counted(count, "page")} ${words}`);
}

function otherWriters(writers: readonly number[], chosen: number | undefined): string[] {
  const others = writers.filter(number => number !== chosen);
  if (others.length === 0) return [];
  const named = others.slice(0, NAMED_WRITERS);
  const word = others.length === 1 ? "step" : "steps";
  return [`written in ${word} ${named.join(", ")}${others.length > named.length ? ", …" : ""}`];
}

function firstFew(steps: Iterable<Step>): number[] {
  const numbers: number[] = [];
  for (const { number } of steps) {
    numbers.push(number);
    if (numbers.length === MOST_WRITERS) break;
  }
  return numbers;
}
