// Memory that devices write, past the page tables: what a layout knows of it, in sentences.
import { counted } from "../common/counted.ts";
import type { Layout } from "../tracker/reports.ts";

const MOST_REASONS = 3;

export function unseenWords({ unseen, pinnedElsewhere, inFlight }: Layout): string[] {
  const pages = unseen.reduce((sum, { start, end }) => sum + end - start, 0);
  const words: string[] = [];
  if (pages > 0) {
    const reasons = [...new Set(unseen.map(({ reason }) => reason))].slice(0, MOST_REASONS);
    words.push(`${counted(pages, "page")} may have changed unseen: ${reasons.join("; ")}.`);
  }
  if (pinnedElsewhere > 0) {
    const held = `${counted(pinnedElsewhere, "page")} that devices hold on to may have changed unseen`;
    words.push(`${held}: nothing tells which they are.`);
  }
  for (const way of inFlight) {
    words.push(`May be under way: ${way}. What it stores after this stop is in no step, and nothing tells where.`);
  }
  return words;
}
