// What the tree "Write Watches" says of a watch and of the stores that met it. Pure.
import { counted } from "../../common/counted.ts";
import { hitBytes, placeWords, threadWords } from "../../session/hit-words.ts";
import { conditionWords } from "../../session/watch-condition.ts";
import type { Hit } from "../../session/watch-hit.ts";
import type { WatchEntry } from "../../session/watch-list.ts";
import type { EntryState } from "../../session/watch-sync.ts";

/** Behind the watch's name: how it stands, how often it was hit, and on what it stops. */
export function watchDescription({ condition, log }: WatchEntry, state: EntryState | undefined): string {
  const how = state && {
    watched: "",
    waiting: "from the next stop on",
    refused: "can't be watched",
    unresolved: "not found yet",
    off: "",
  };
  return [
    ...(state && how?.[state.state] ? [how[state.state]] : []),
    ...(state && state.hits > 0 ? [counted(state.hits, "hit")] : []),
    ...(condition ? [`if ${conditionWords(condition)}`] : []),
    ...(log ? ["logs"] : []),
  ].join(" · ");
}

/** All that is known of a watch, a line each. */
export function watchDetails(state: EntryState | undefined): string[] {
  if (!state) return ["It is watched from the first stop of the next debug session on."];
  const { ranges, notes } = state;
  const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const where = ranges.length === 1 ? ` at 0x${ranges[0].start.toString(16)}` : ` in ${ranges.length} places`;
  const how = {
    watched: "Watched",
    waiting: "To be watched",
    refused: "Not watched",
    unresolved: "Not watched",
    off: "Off",
  };
  return [`${how[state.state]}${ranges.length > 0 ? `: ${counted(bytes, "byte")}${where}` : ""}.`, ...notes];
}

/** For the debug console, where a watch logs: the place, and the stack behind it. */
export function logWords(hit: Hit): string {
  const bytes = hitBytes(hit);
  const stack = hit.stack.slice(1).map(frame => `\n    from ${placeWords(frame)}`);
  const by = hit.systemCall ? `, by ${hit.systemCall.words}` : "";
  return `${hit.watch.what}: written ${placeWords(hit.place)}, ${threadWords(hit)}${by}${bytes ? `, there was ${bytes}` : ""}${stack.join("")}`;
}
