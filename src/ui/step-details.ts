// One step in full: its facts as sentences, and its ranges.

import { counted, grouped } from "../common/counted.ts";
import { t } from "../common/l10n.ts";
import type { Mapping } from "../memory/mapping.ts";
import { shortName } from "../memory/mapping.ts";
import type { Doubt, Step } from "../recording/step.ts";
import { unseenWords } from "../recording/unseen-words.ts";
import { changeList } from "./inspector/changes.ts";
import type { StepDetails } from "./protocol.ts";
import { rangesOf } from "./ranges.ts";
import { stepItem } from "./steps.ts";

/** Mappings that came or went and are named; the rest is counted. */
const NAMED_MAPPINGS = 4;

const DOUBTS: Readonly<Record<Doubt, string>> = {
  "debugger in flight": t(
    "The program was let go before all that the debugger had written could be told apart: some of these pages may be the debugger's.",
  ),
  "edit in flight": t(
    "A value that you changed had not been answered for when the program was let go: some of these pages may hold your edit.",
  ),
  "conditions evaluated": t(
    "The debugger evaluated a breakpoint's condition in the program while it ran: some of these pages may be its doing.",
  ),
  "mappings unsettled": t(
    "The program ran on before its list of mappings could be read: what came and went may belong to the next step.",
  ),
  "program replaced": t(
    "the program had run another one in its place (exec), which was armed then: what was written before that is told nowhere",
  ),
  "others ran": t(
    "Other threads ran on while this one stood: their writes of that time are here, and the debugger's may be among them.",
  ),
  "debugger within": t(
    "The debugger works within this process, whose other threads ran on while the program stood: some of these pages are their own work, and what was written at the stops is told as the debugger's.",
  ),
};

/** @param from position of the first range; @param count how many at most, of ranges and of changes. */
export function stepDetails(step: Step, from: number, count: number): StepDetails {
  const { items, total } = rangesOf(step, from, count);
  const changes = changeList(step, count);
  return {
    ...stepItem(step),
    facts: factsOf(step),
    ranges: items,
    rangeCount: total,
    ...(changes ? { changes } : {}),
  };
}

/** Sentences, the most important first. */
export function factsOf(step: Step): string[] {
  const { pages, kernelPages, debuggerPages, summary } = stepItem(step);
  const facts = [
    pages === 0 ? t("The program wrote no page.") : t("The program wrote {0}: {1}.", counted(pages, "page"), summary),
  ];
  if (step.stops > 1)
    facts.push(t("It spans {0} stops: the program ran on before they could be told apart.", step.stops));
  facts.push(...step.doubts.map(doubt => DOUBTS[doubt]));
  if (kernelPages > 0) {
    const holds = kernelPages === 1 ? t("holds a thread's control block") : t("hold threads' control blocks");
    facts.push(
      t(
        "{0} more {1}: the kernel itself writes there (rseq) when it schedules a thread.",
        counted(kernelPages, "page"),
        holds,
      ),
    );
  }
  if (debuggerPages > 0) facts.push(t("Before it, the debugger wrote {0}.", counted(debuggerPages, "page")));
  const discarded = step.discarded.pageCount;
  if (discarded > 0) {
    facts.push(
      discarded === 1
        ? t("1 page was given back to the kernel.")
        : t("{0} were given back to the kernel.", counted(discarded, "page")),
    );
  }
  if (step.created.length > 0)
    facts.push(t("{0} created: {1}.", counted(step.created.length, "mapping"), named(step.created)));
  if (step.removed.length > 0) {
    facts.push(
      t(
        "{0} removed: {1}; what was written there before is not known.",
        counted(step.removed.length, "mapping"),
        named(step.removed),
      ),
    );
  }
  if (step.notes.some(({ note }) => note === "new mapping")) {
    facts.push(t("In a mapping that came during the step every page that holds something counts as written."));
  }
  if (step.notes.some(({ note }) => note === "read or written")) {
    facts.push(t("In sparse shared memory a page that was only read can't be told from one that was written."));
  }
  facts.push(...unseenWords(step.layout));
  if (!step.settled) facts.push(t("Its mappings, and where the program stands, are still being looked at."));
  facts.push(t("The scan took {0} µs.", grouped(step.scanMicroseconds)));
  return facts;
}

/** "[heap] (12 pages), libc.so.6 (4 pages) and 3 more". */
function named(mappings: readonly Mapping[]): string {
  const words = mappings
    .slice(0, NAMED_MAPPINGS)
    .map(mapping => `${shortName(mapping)} (${counted(mapping.end - mapping.start, "page")})`);
  const left = mappings.length - words.length;
  return left > 0 ? t("{0} and {1} more", words.join(", "), grouped(left)) : words.join(", ");
}
