// For tests: a recording of any size, made up, so that the page can be shown much without debugging for hours.

import type { Mapping } from "../../src/memory/mapping.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { LiveRecording } from "../../src/recording/live.ts";
import { NOTHING_TOLD, type Step } from "../../src/recording/step.ts";
import { EMPTY_LAYOUT, type Layout } from "../../src/tracker/reports.ts";

export interface Made {
  readonly title: string;
  readonly mappings: number;
  /** Pages of each. */
  readonly pages: number;
  readonly steps: number;
}

/** Page of the first mapping; the others follow at even distances. */
export const FIRST_PAGE = 0x10000;

/** The first page of a mapping, by its index. */
export function startOf({ pages }: Pick<Made, "pages">, index: number): number {
  return FIRST_PAGE + index * (pages + 1);
}

/** Step n stands in line n of loop.c and writes the first pages of mapping n (modulo their number), none to four of them. */
export function makeRecording(made: Made): LiveRecording {
  const { title, steps, pages } = made;
  const recording = new LiveRecording(title);
  const layout = layoutOf(made);
  const armedPages = made.mappings * pages;
  const report = { backend: "wp-async" as const, populatedOnly: [], notArmed: [], microseconds: 1200 };
  recording.armed(4711, { ...report, mappings: made.mappings, pages: armedPages }, layout);
  recording.setResident(
    PageSet.from(layout.mappings.map(({ start }): [number, number] => [start, start + Math.ceil(pages / 2)])),
  );
  for (let number = 1; number <= steps; number += 1) recording.addStep(stepOf(made, layout, number));
  return recording;
}

export function layoutOf(made: Made): Layout {
  const mappings = Array.from({ length: made.mappings }, (_, i): Mapping => {
    const start = startOf(made, i);
    const end = start + made.pages;
    const isFile = i % 3 === 0;
    return {
      start,
      end,
      permissions: "rw-p",
      offset: 0,
      device: isFile ? "08:01" : "00:00",
      inode: isFile ? i + 1 : 0,
      name: isFile ? `/usr/lib/libmade-${i}.so` : i === 1 ? "[heap]" : "",
    };
  });
  const armed = mappings.map(({ start, end }) => ({ start, end, way: "complete" as const }));
  return { ...EMPTY_LAYOUT, mappings, armed };
}

export function stepOf(made: Made, layout: Layout, number: number): Step {
  const start = startOf(made, number % made.mappings);
  const source = "/made/loop.c";
  const name = number % 2 === 0 ? "even" : "odd";
  return {
    number,
    from: { source, line: number, function: name },
    to: { source, line: number + 1, function: name },
    by: "next",
    reason: "step",
    stops: 1,
    thread: { id: 1 + (number % 3), name: `worker-${number % 3}` },
    ...NOTHING_TOLD,
    written: PageSet.of(start, start + ((number + 1) % 5)),
    layout,
    scanMicroseconds: 12,
    settled: true,
  };
}
