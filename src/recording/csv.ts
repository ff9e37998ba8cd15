// Steps as CSV (RFC 4180): a row for each run of changed bytes, and one for a step without any, for spreadsheets.
import { changedJson } from "./contents/json.ts";
import type { Step } from "./step.ts";

const HEADER = [
  ...["step", "source", "line", "function", "thread", "by", "stops", "pages", "scan µs"],
  ...["address", "before", "after", "name", "note"],
];

/** The lines of a file, each with its line end. */
export function* csvLines(steps: Iterable<Step>): Generator<string> {
  yield csvRow(HEADER);
  for (const step of steps) {
    const { number, from, thread, by, stops, written, scanMicroseconds } = step;
    const head = [
      ...[number, from?.source ?? "", from?.line ?? "", from?.function ?? "", thread ? (thread.name ?? thread.id) : ""],
      ...[by, stops, written.pageCount, scanMicroseconds],
    ];
    const changed = changedJson(step);
    if (changed.length === 0) yield csvRow([...head, "", "", "", "", step.contents ? "" : "bytes not known"]);
    for (const { address, before, after, name, why, joined, mixed } of changed) {
      const notes = [why, joined && "with the changes of steps before", mixed && "some may be the debugger's"];
      yield csvRow([...head, address, before ?? "", after ?? "", name ?? "", notes.filter(Boolean).join("; ")]);
    }
  }
}

/** A line of CSV with its end. */
export function csvRow(cells: readonly (string | number)[]): string {
  return `${cells.map(cell).join(",")}\r\n`;
}

/** What begins like a formula would be computed by a spreadsheet: a name from a foreign program must stay a text. */
function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
