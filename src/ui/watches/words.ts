// What the tree "Write Watches" says of a watch and of the stores that met it. Pure.

import { counted } from "../../common/counted.ts";
import { t } from "../../common/l10n.ts";
import { hitBytes, placeWords, threadWords } from "../../session/hit-words.ts";
import { conditionWords } from "../../session/watch-condition.ts";
import type { Hit } from "../../session/watch-hit.ts";
import type { WatchEntry } from "../../session/watch-list.ts";
import type { EntryState } from "../../session/watch-sync.ts";

/** Behind the watch's name: how it stands, how often it was hit, and on what it stops. */
export function watchDescription({ condition, log }: WatchEntry, state: EntryState | undefined): string {
  const how = state && {
    watched: "",
    waiting: t("from the next stop on"),
    refused: t("can't be watched"),
    unresolved: t("not found yet"),
    off: "",
  };
  return [
    ...(state && how?.[state.state] ? [how[state.state]] : []),
    ...(state && state.hits > 0 ? [counted(state.hits, "hit")] : []),
    ...(condition ? [t("if {0}", conditionWords(condition))] : []),
    ...(log ? ["logs"] : []),
  ].join(" · ");
}

/** All that is known of a watch, a line each. */
export function watchDetails(state: EntryState | undefined): string[] {
  if (!state) return [t("It is watched from the first stop of the next debug session on.")];
  const { ranges, notes } = state;
  const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const where = ranges.length === 1 ? t(" at 0x{0}", ranges[0].start.toString(16)) : t(" in {0} places", ranges.length);
  const how = {
    watched: t("Watched"),
    waiting: t("To be watched"),
    refused: t("Not watched"),
    unresolved: t("Not watched"),
    off: t("Off"),
  };
  return [`${how[state.state]}${ranges.length > 0 ? `: ${counted(bytes, "byte")}${where}` : ""}.`, ...notes];
}

/** For the debug console, where a watch logs: the place, and the stack behind it. */
export function logWords(hit: Hit): string {
  const bytes = hitBytes(hit);
  const stack = hit.stack.slice(1).map(frame => t("\n    from {0}", placeWords(frame)));
  const by = hit.systemCall ? t(", by {0}", hit.systemCall.words) : "";
  return t(
    "{0}: written by {1}, {2}{3}{4}{5}",
    hit.watch.what,
    placeWords(hit.place),
    threadWords(hit),
    by,
    bytes ? t(", there was {0}", bytes) : "",
    stack.join(""),
  );
}
