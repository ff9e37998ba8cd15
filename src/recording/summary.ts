// A step in a few words: how many pages of what it wrote, and how it came there.

import { counted, grouped } from "../common/counted.ts";
import { t } from "../common/l10n.ts";
import { countByKind } from "../memory/split.ts";
import { changedWords } from "./changed-names.ts";
import type { Step } from "./step.ts";

/** How the kinds of mappings are called where a program's author reads of them. */
const WORDS: Readonly<Record<string, string>> = {
  file: t("data"),
  anonymous: t("anonymous"),
  heap: t("heap"),
  stack: t("stack"),
  shared: t("shared"),
  kernel: t("kernel"),
};

/** "2 heap, 1 stack" of the program's own pages, most first; "" for a step that wrote none. */
export function summarize({ written, kernel, layout }: Pick<Step, "written" | "kernel" | "layout">): string {
  const counts = countByKind(written, layout.mappings);
  for (const [kind, count] of countByKind(kernel, layout.mappings)) counts.set(kind, (counts.get(kind) ?? 0) - count);
  return [...counts]
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([kind, count]) => `${grouped(count)} ${WORDS[kind] ?? kind}`)
    .join(", ");
}

/** "wrote 3 pages: 2 heap, 1 stack", with the way in front where it was more than one line's doing: "continue to line 13: wrote …". */
export function sentence(step: Step): string {
  const wrote = wroteWords(step);
  const way = wayOf(step);
  return way ? `${way}: ${wrote}` : wrote;
}

/** "wrote 3 pages: 2 heap, 1 stack"; the kernel's own pages do not count. */
export function wrotePages(step: Pick<Step, "written" | "kernel" | "layout">): string {
  const pages = step.written.pageCount - step.kernel.pageCount;
  return pages === 0 ? t("wrote no page") : t("wrote {0}: {1}", counted(pages, "page"), summarize(step));
}

/** The same with the changed variables in front, where they are known: "counters: 0 → 1, 2 more; wrote 2 pages: 2 data". */
function wroteWords(step: Step): string {
  const words = step.names && changedWords(step.names);
  return words ? `${words}; ${wrotePages(step)}` : wrotePages(step);
}

/** How the program came from the step's beginning to its end, where that was not one step of one line; "" where it was. */
export function wayOf({ by, stops, from, to, reason }: Pick<Step, "by" | "stops" | "from" | "to" | "reason">): string {
  const target = to ? t(" to {0}", placeAfter(from, to)) : "";
  if (stops > 1) return t("{0} stops{1}", stops, target);
  if (by === "continue" || by === "run" || by === "goto") return `${by === "run" ? "ran" : by}${target}`;
  if (reason === "breakpoint" || reason === "pause") return `${reason}${target}`;
  return "";
}

/** A place as seen from another one: only the line where the file is the same. */
function placeAfter(from: Step["from"], to: NonNullable<Step["to"]>): string {
  if (to.line === 0) return to.function;
  if (from?.source === to.source) return t("line {0}", to.line);
  const file = to.source?.slice(to.source.lastIndexOf("/") + 1) ?? to.function;
  return `${file}:${to.line}`;
}
