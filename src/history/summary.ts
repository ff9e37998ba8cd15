// A step in a few words: how many pages of what it wrote.
import { PageSet } from "../memory/page-set.ts";
import { countByKind } from "../memory/split.ts";
import type { Step } from "./step.ts";

/** How the kinds of mappings are called where a program's author reads of them. */
const WORDS: Readonly<Record<string, string>> = { file: "data", anonymous: "anonymous" };

/**
 * "2 heap, 1 stack", most pages first; "" for a step that wrote nothing. Pages that the kernel itself writes at almost every stop
 * go by their own name, "rseq", so that nobody looks for their line.
 */
export function summarize({ written, notes, mappings }: Pick<Step, "written" | "notes" | "mappings">): string {
  const rseq = PageSet.from(notes.filter(({ note }) => note === "rseq").map(({ start, end }) => [start, end]));
  const counts = new Map<string, number>(countByKind(written.subtract(rseq), mappings));
  const byKernel = written.intersect(rseq).pageCount;
  if (byKernel > 0) counts.set("rseq", byKernel);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([kind, count]) => `${count.toLocaleString("en")} ${WORDS[kind] ?? kind}`)
    .join(", ");
}

/** "wrote 3 pages: 2 heap, 1 stack". */
export function sentence(step: Pick<Step, "written" | "notes" | "mappings">): string {
  const pages = step.written.pageCount;
  if (pages === 0) return "wrote no page";
  return `wrote ${pages.toLocaleString("en")} ${pages === 1 ? "page" : "pages"}: ${summarize(step)}`;
}
