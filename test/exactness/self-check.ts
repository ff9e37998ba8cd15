// Turns what a self-checking program saw of itself (test/programs/self-check.h) into the steps of a trace.
import { PAGE_SIZE } from "../../src/memory/page.ts";
import type { StepEvent } from "./trace-events.ts";

/** @param seen what the program wrote to its descriptor 3. */
export function stepsFromSelfCheck(seen: string, source: string): StepEvent[] {
  return seen
    .split("\n")
    .filter(line => line !== "")
    .map((text, index): StepEvent => {
      const [, line, ...edges] = text.split(" ");
      const written: { start: string; end: string; pages: number; mapping: string }[] = [];
      const pages = new Set<number>();
      for (let i = 0; i < edges.length; i += 2) {
        const [start, end] = [Number(edges[i]), Number(edges[i + 1])];
        written.push({
          start: edges[i] ?? "",
          end: edges[i + 1] ?? "",
          pages: (end - start) / PAGE_SIZE,
          mapping: "?",
        });
        for (let at = start; at < end; at += PAGE_SIZE) pages.add(at / PAGE_SIZE);
      }
      return {
        event: "step",
        step: index + 1,
        from: { source, line: Number(line) },
        // Never the line it began on, which would read as an unfinished step.
        to: { source, line: -1 },
        pages: pages.size,
        written,
        debugger: [],
        created: [],
        removed: [],
      };
    });
}
