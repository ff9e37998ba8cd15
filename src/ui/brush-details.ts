// What brushed steps wrote together, in words and as ranges of pages; of two brushes, whose each range is.

import { counted, grouped } from "../common/counted.ts";
import { t } from "../common/l10n.ts";
import { shortName } from "../memory/mapping.ts";
import { PageSet } from "../memory/page-set.ts";
import { splitByMapping } from "../memory/split.ts";
import { SIDE_WORDS } from "../recording/code-words.ts";
import type { Recording } from "../recording/recording.ts";
import { type Span, stepsOf } from "../recording/span.ts";
import type { Step } from "../recording/step.ts";
import { summarize } from "../recording/summary.ts";
import type { Layout } from "../tracker/reports.ts";
import { unionsOf } from "./map/brushed.ts";
import { VisibleRows } from "./map/touched-cells.ts";
import { layoutOf } from "./map/view.ts";
import type { BrushDetails, BrushQuery, BrushRange } from "./protocol.ts";

type Piece = Omit<BrushRange, "first" | "last" | "steps">;

export function brushDetails(recording: Recording, { brush, other, count }: BrushQuery): BrushDetails {
  const steps = stepsOf(recording.steps, brush);
  const unions = unionsOf(recording);
  const here = unions.of(brush);
  const layout = layoutOf(recording, steps.at(-1));
  if (!other) {
    const pieces = piecesOf(here, layout);
    return {
      title: t("{0}: {1} wrote {2}", spanWords(brush), counted(steps.length, "step"), counted(here.pageCount, "page")),
      facts: here.isEmpty ? [] : [summarize({ written: here, kernel: PageSet.EMPTY, layout }), ...threadFacts(steps)],
      ranges: writersOf(pieces.slice(0, count), steps),
      rangeCount: pieces.length,
    };
  }
  const there = unions.of(other);
  const sides = [
    ["only here", here.subtract(there)],
    ["only there", there.subtract(here)],
    ["both", here.intersect(there)],
  ] as const;
  const pieces = sides
    .flatMap(([side, pages]) => piecesOf(pages, layout).map(piece => ({ ...piece, side })))
    .sort((a, b) => a.start - b.start);
  return {
    title: t("{0} (here) and {1} (there)", spanWords(brush), spanWords(other).toLowerCase()),
    facts: sides.map(([side, pages]) => `${SIDE_WORDS[side]}: ${counted(pages.pageCount, "page")}`),
    ranges: writersOf(pieces.slice(0, count), [...steps, ...stepsOf(recording.steps, other)]),
    rangeCount: pieces.length,
  };
}

/** "Steps 3 to 9". */
function spanWords({ first, last }: Span): string {
  const [from, to] = [grouped(first), grouped(last)];
  return first === last ? t("Step {0}", from) : t("Steps {0} to {1}", from, to);
}

function threadFacts(steps: readonly Step[]): string[] {
  const names = new Map<number, string>();
  for (const { thread, written } of steps) {
    if (thread && !written.isEmpty) names.set(thread.id, thread.name ?? t("thread {0}", thread.id));
  }
  return names.size > 1
    ? [t("by {0}: {1}", counted(names.size, "thread"), [...names.values()].slice(0, 8).join(", "))]
    : [];
}

function piecesOf(pages: PageSet, { mappings }: Layout): Piece[] {
  return [...splitByMapping(pages, mappings)].map(({ start, end, mapping }) => ({
    start,
    end,
    mapping: mapping ? shortName(mapping) : "unmapped",
  }));
}

/** With the first and the last step that wrote in each piece, and how many did. */
function writersOf(pieces: readonly Piece[], steps: readonly Step[]): BrushRange[] {
  const ranges = pieces.map(piece => ({ ...piece, first: Infinity, last: 0, steps: 0 }));
  const seen = new Map<number, Step>();
  const rows = pieces.map(({ start, end }) => ({ start, end, pagesPerCell: end - start, count: 1 }));
  const visible = new VisibleRows(rows);
  // Brushes may overlap: a step that is in both is one step.
  for (const step of new Set(steps)) {
    visible.mark(step, row => {
      if (seen.get(row) === step) return;
      seen.set(row, step);
      const range = ranges[row];
      range.first = Math.min(range.first, step.number);
      range.last = Math.max(range.last, step.number);
      range.steps += 1;
    });
  }
  return ranges;
}
