// Changed bytes as lines of text: "0x4010: 00 → 01", for who reads along.
import { grouped } from "../../common/counted.ts";
import { t } from "../../common/l10n.ts";
import type { Step } from "../step.ts";
import { type ChangedJson, changedJson } from "./json.ts";

/** Runs and bytes of a run that are shown; of more, it is said how many there are. */
const MOST_RUNS = 12;
const MOST_BYTES = 16;

/** A line a run; none where nobody asked for bytes. */
export function changedLines(step: Step): string[] {
  const runs = changedJson(step);
  const lines = runs.slice(0, MOST_RUNS).map(lineOf);
  return runs.length > MOST_RUNS
    ? [...lines, t("and {0} more runs of bytes", grouped(runs.length - MOST_RUNS))]
    : lines;
}

function lineOf({ address, before, after, why, joined, mixed }: ChangedJson): string {
  const notes = [
    ...(why ? [why] : []),
    ...(joined ? [t("with the changes of steps before")] : []),
    ...(mixed ? [t("some may be the debugger's")] : []),
  ];
  const note = notes.length > 0 ? `  (${notes.join("; ")})` : "";
  return `${address}: ${bytesOf(before)} → ${bytesOf(after)}${note}`;
}

function bytesOf(hex: string | null): string {
  if (hex === null) return "?";
  return hex.length > MOST_BYTES * 2 ? t("{0}… ({1} bytes)", hex.slice(0, MOST_BYTES * 2), hex.length / 2) : hex;
}
