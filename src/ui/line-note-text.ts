// The note beside a line in words: what a step wrote, and on hover where.

import { counted } from "../common/counted.ts";
import { t } from "../common/l10n.ts";
import { formatAddress } from "../memory/page.ts";
import { PageSet } from "../memory/page-set.ts";
import { changeWords } from "../recording/changed-names.ts";
import { debuggerData, type Step } from "../recording/step.ts";
import { sentence } from "../recording/summary.ts";
import { rangesOf } from "./ranges.ts";

/** Ranges a hover lists; a step may have written a million. */
const MOST_RANGES = 24;

/** "wrote 3 pages: 2 heap, 1 stack"; of a `continue` "continue to line 13: wrote …". */
export function noteText(step: Step): string {
  const back = step.discarded.pageCount;
  const doubtful = step.doubts.length > 0 ? t(" (some may not be its own)") : "";
  return `${sentence(step)}${doubtful}${back === 0 ? "" : t("; gave back {0}", counted(back, "page"))}`;
}

/** The hover's first line, its list of ranges, and what follows. Plain text, for a code block where the program's own names stand. */
export function noteHover(step: Step): { readonly title: string; readonly ranges: string; readonly after: string } {
  const { items, total } = rangesOf({ ...step, debugger: PageSet.EMPTY }, 0, MOST_RANGES);
  const lines = items.map(({ start, end, mapping, by, notes }) => {
    const why = by === "kernel" ? t("  (the kernel's own: rseq)") : notes.length > 0 ? `  (${notes.join(", ")})` : "";
    return `${formatAddress(start)}-${formatAddress(end)}  ${counted(end - start, "page")}  ${mapping}${why}`;
  });
  if (total > items.length) lines.push(t("… and {0}", counted(total - items.length, "more range")));
  const changes = (step.names?.changes ?? []).filter(({ isNoise }) => !isNoise).map(changeWords);
  if (changes.length > MOST_RANGES)
    changes.splice(MOST_RANGES, Infinity, t("… and {0} more", changes.length - MOST_RANGES));
  if (changes.length > 0) changes.push("");
  const debuggers = debuggerData(step).pageCount;
  return {
    title: t("Step {0}: {1}", step.number, sentence(step)),
    ranges: [...changes, ...lines].join("\n"),
    after: debuggers === 0 ? "" : t("Before it, the debugger wrote {0}.", counted(debuggers, "page")),
  };
}
