// Memory that devices write, past the page tables: what a layout knows of it, in sentences.

import { counted } from "../common/counted.ts";
import { t } from "../common/l10n.ts";
import type { Layout } from "../tracker/reports.ts";

const MOST_REASONS = 3;

export function unseenWords({ unseen, pinnedElsewhere, inFlight }: Layout): string[] {
  const pages = unseen.reduce((sum, { start, end }) => sum + end - start, 0);
  const words: string[] = [];
  if (pages > 0) {
    const reasons = [...new Set(unseen.map(({ reason }) => reason))].slice(0, MOST_REASONS);
    words.push(t("{0} may have changed unseen: {1}.", counted(pages, "page"), reasons.join("; ")));
  }
  if (pinnedElsewhere > 0) {
    const held = t("{0} that devices hold on to may have changed unseen", counted(pinnedElsewhere, "page"));
    words.push(t("{0}: nothing tells which they are.", held));
  }
  for (const way of inFlight) {
    words.push(t("May be under way: {0}. What it stores after this stop is in no step, and nothing tells where.", way));
  }
  return words;
}
