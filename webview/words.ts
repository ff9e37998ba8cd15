// Steps in words, the same in the list, the details and for screen readers.

import { counted } from "../src/common/counted.ts";
import { t } from "../src/common/l10n.ts";
import type { Doubt, SourceLocation, StepItem } from "../src/ui/protocol.ts";

/** "main.c:12"; the function where there is no file, "?" where nothing is known. */
export function placeOf(location: SourceLocation | undefined): string {
  if (!location) return "?";
  const file = location.source?.slice(
    Math.max(location.source.lastIndexOf("/"), location.source.lastIndexOf("\\")) + 1,
  );
  if (!file) return location.function || "?";
  return location.line > 0 ? `${file}:${location.line}` : file;
}

/** The file alone is taken from the end where the source is the same. */
export function wayBetween({ from, to }: Pick<StepItem, "from" | "to">): string {
  if (!to) return placeOf(from);
  const end = from?.source !== undefined && from.source === to.source && to.line > 0 ? String(to.line) : placeOf(to);
  return `${placeOf(from)} → ${end}`;
}

/** "main", "main, thread 3 (worker)". */
export function whoRan({ from, thread }: Pick<StepItem, "from" | "thread">): string {
  const name = thread && (thread.name ? withNumber(thread.name, thread.id) : t("thread {0}", thread.id));
  return [from?.function, name].filter(Boolean).join(", ");
}

/** Some debuggers name their threads by their numbers already, some as threads. */
function withNumber(name: string, id: number): string {
  if (!name.includes(String(id))) return t("thread {0} ({1})", id, name);
  return /^thread\b/i.test(name) ? name : t("thread {0}", name);
}

/** "wrote 3 pages: 2 heap, 1 stack". */
export function whatItWrote({ pages, summary, changed }: Pick<StepItem, "pages" | "summary" | "changed">): string {
  if (pages === 0) return t("wrote no page");
  const wrote = t("wrote {0}{1}", counted(pages, "page"), summary ? `: ${summary}` : "");
  return changed ? t("changed {0}; {1}", changed, wrote) : wrote;
}

/** A step as one sentence to be heard. */
export function spokenStep(step: StepItem): string {
  const where = step.from
    ? `${placeOf(step.from).replace(/:(\d+)$/, t(", line $1"))}${step.from.function ? t(", in {0}", step.from.function) : ""}`
    : t("place unknown");
  const others = [
    ...(step.kernelPages > 0 ? [t("the kernel {0}", counted(step.kernelPages, "page"))] : []),
    ...(step.debuggerPages > 0 ? [t("the debugger {0}", counted(step.debuggerPages, "page"))] : []),
  ];
  const way = step.way ? `, ${step.way}` : "";
  const doubt = step.doubts.length > 0 ? t(" In doubt.") : "";
  return t(
    "Step {0}, {1}{2}: {3}{4}.{5}",
    step.number,
    where,
    way,
    whatItWrote(step),
    others.length > 0 ? `; ${others.join(", ")}` : "",
    doubt,
  );
}

export const DOUBTS: Readonly<Record<Doubt, string>> = {
  "debugger in flight": t(
    "the program ran on before the debugger's own writes were told apart: some may be among these",
  ),
  "edit in flight": t("an edit of yours was still under way: its write may be among these"),
  "conditions evaluated": t("a breakpoint's condition was evaluated in the program: its writes may be among these"),
  "mappings unsettled": t(
    "the program ran on before its mappings were read: what came and went may be the next step's",
  ),
  "program replaced": t(
    "the program had run another in its place (exec), which was armed here: what was written before that is not told",
  ),
  "others ran": t("other threads ran on while this one stood: what the debugger wrote meanwhile may be among these"),
  "debugger within": t("the debugger works within this process: its own work, and other threads', may be among these"),
};
