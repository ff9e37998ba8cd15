// A store that met a watch, in words: who, where, and what is about to change.
import { t } from "../common/l10n.ts";
import type { SourceLocation } from "../recording/step.ts";
import type { Hit } from "./watch-hit.ts";

/** Bytes that are shown of what stood there. */
const MOST_BYTES = 8;

/** "fill() at main.c:12", as far as it is known. */
export function placeWords(place: SourceLocation | undefined): string {
  if (!place) return t("an unknown place");
  const file = place.source?.replace(/^.*\//, "");
  const name = place.function.endsWith(")") ? place.function : `${place.function}()`;
  return file && place.line > 0 ? t("{0} at {1}:{2}", name, file, place.line) : name;
}

/** "00 00 2a 00 → 01 00 2a 00", from the stored address on; "" where nothing could be read. */
export function hitBytes({ before, beforeAt, after, address }: Hit): string {
  const from = Math.max(0, Math.min(address - beforeAt, before.length));
  const text = (bytes: Uint8Array): string =>
    [...bytes.subarray(from, from + MOST_BYTES)].map(byte => byte.toString(16).padStart(2, "0")).join(" ");
  const more = before.length - from > MOST_BYTES ? " …" : "";
  if (before.length === from) return "";
  return after ? `${text(before)} → ${text(after)}${more}` : `${text(before)}${more}`;
}

export function threadWords({ thread }: Hit): string {
  return t("thread {0}{1}", thread.id, thread.name ? ` (${thread.name})` : "");
}

/** The same in a line or two, for where the thread and the bytes stand beside it. */
export function shortPresentWords(hit: Hit): string {
  const where = hit.place ? placeWords(hit.place) : t("Its place is not known");
  return `${hit.words} ${where}.${hit.isBefore ? t(" Continue lets it through.") : ""}`;
}

/** What the program stands at: who, where, and what is about to change; and how to go on. */
export function presentWords(hit: Hit): string {
  const bytes = hitBytes(hit);
  const about =
    bytes === ""
      ? ""
      : ` ${hit.isBefore ? t("About to change") : hit.after ? t("Changed") : t("There was")}: ${bytes}${bytes.endsWith("…") ? "" : "."}`;
  const on = hit.isBefore ? t(" Continue lets it through.") : "";
  return `${hit.words} ${hit.place ? placeWords(hit.place) : t("Its place is not known")}, ${threadWords(hit)}.${about}${on}`;
}
