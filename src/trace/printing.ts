// How the trace command prints: JSON Lines, or one line of text a step.
import { writeSync } from "node:fs";
import { basename } from "node:path";
import { formatSize } from "../memory/page.ts";
import { changedLines } from "../recording/contents/words.ts";
import { armedJson, stepJson, unseenJson } from "../recording/json.ts";
import { debuggerData, type SourceLocation } from "../recording/step.ts";
import { sentence } from "../recording/summary.ts";
import { unseenWords } from "../recording/unseen-words.ts";
import { hitBytes, hitJson, watchingJson } from "./hit-json.ts";
import type { TraceListener } from "./trace.ts";

/** Written at once, line by line: a reader at the other end of a pipe sees each step when it happens. */
export function print(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // The reader of a pipe set to non-blocking is slower than we are.
      if (code === "EAGAIN") continue;
      const why = code === "EPIPE" ? "whoever read them has gone" : message;
      throw new Error(`The steps could not be written to standard output: ${why}.`, { cause: error });
    }
  }
}

export const jsonLines: TraceListener = {
  armed: (pid, report) => print(JSON.stringify(armedJson(pid, report))),
  unseen: layout => print(JSON.stringify(unseenJson(layout))),
  step: step => print(JSON.stringify(stepJson(step))),
  watching: (what, ranges, notes) => print(JSON.stringify(watchingJson(what, ranges, notes))),
  noted: (what, note) => print(JSON.stringify({ event: "note", what, note })),
  hit: hit => print(JSON.stringify(hitJson(hit))),
  signal: (what, place) => print(JSON.stringify({ event: "signal", what, ...(place ? { at: place } : {}) })),
  exited: exitCode => print(JSON.stringify({ event: "exited", exitCode })),
};

export const text: TraceListener = {
  armed: (pid, report) => {
    print(
      `armed process ${pid}: ${report.mappings} mappings, ${formatSize(report.pages)}, in ${report.microseconds} µs (${report.backend})`,
    );
    for (const { name, reason } of report.notArmed) print(`  not armed: ${name}: ${reason}`);
  },
  unseen: layout => {
    const words = unseenWords(layout);
    for (const line of words.length > 0 ? words : ["Nothing may change unseen any more."]) print(`  ${line}`);
  },
  step: step => {
    const place = `${lineOf(step.from)}`.padEnd(28);
    const byDebugger = debuggerData(step).pageCount;
    const debuggers = byDebugger === 0 ? "" : `; the debugger wrote ${pages(byDebugger)}`;
    const back = step.discarded.isEmpty ? "" : `; gave ${pages(step.discarded.pageCount)} back`;
    print(`${place} ${sentence(step)}${back}${debuggers}  (scan ${step.scanMicroseconds} µs)`);
    for (const line of changedLines(step)) print(`  ${line}`);
  },
  watching: (what, ranges, notes) => {
    const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    print(`stops at each write to ${what} (${bytes.toLocaleString("en")} ${bytes === 1 ? "byte" : "bytes"})`);
    for (const note of notes) print(`  ${note}`);
  },
  hit: hit => {
    const bytes = hitBytes(hit);
    print(`${lineOf(hit.place).padEnd(28)} ${hit.words}${bytes === "" ? "" : ` It holds ${bytes}.`}`);
    for (const frame of hit.stack.slice(1)) print(`  from ${lineOf(frame)}`);
  },
  noted: (what, note) => print(`${what}: ${note}`),
  signal: (what, place) => print(`${lineOf(place).padEnd(28)} stopped: ${what}`),
  exited: exitCode => print(`the program ended with exit code ${exitCode}`),
};

function pages(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "page" : "pages"}`;
}

function lineOf(location: SourceLocation | undefined): string {
  if (!location) return "?";
  return `${location.source ? basename(location.source) : "?"}:${location.line} ${location.function}`;
}
