// The check that the exactness tests rest on must find what is wrong: each kind of false trace is refused.
import assert from "node:assert/strict";
import { check } from "./check.ts";
import type { StepEvent, TracedRange } from "./trace-events.ts";
import { parseTruth } from "./truth.ts";

const TRUTH = parseTruth(
  [
    "own 0x9000 0x9008 say ",
    "ordinary output",
    "ran 10 wrote 0x1010 0x2001 created 0x1000 0x4000 ",
    "ran 12 wrote 0x1fff 0x2000 may 0x5000 0x5001 allocator ",
    "ran 10 wrote 0x3000 0x3001 ",
  ].join("\n"),
);

function range(start: number, pages = 1): TracedRange {
  return {
    start: `0x${start.toString(16)}`,
    end: `0x${(start + pages * 4096).toString(16)}`,
    pages,
    mapping: "[anon]",
  };
}

function step(from: number, to: number, written: readonly TracedRange[], more: Partial<StepEvent> = {}): StepEvent {
  const pages = written.reduce((sum, run) => sum + run.pages, 0);
  const place = (line: number) => ({ source: "/somewhere/program.c", line, function: "main" });
  const none = { debugger: [], created: [], removed: [] };
  return { event: "step", step: from, from: place(from), to: place(to), pages, written, ...none, ...more };
}

const CREATED = { created: [{ start: "0x1000", end: "0x4000" }] };
const FIRST = step(10, 11, [range(0x1000, 2)], CREATED);
const SECOND = step(12, 13, [range(0x1000)]);
const THIRD = step(10, 11, [range(0x3000)]);

const problems = (...steps: StepEvent[]) => check(steps, TRUTH, "program.c").problems;

describe("The check of a trace", () => {
  it("passes a trace that tells each page in the step that wrote it", () => {
    assert.deepEqual(problems(FIRST, SECOND, THIRD), []);
  });

  it("passes pages that are explained, and says why they are there", () => {
    const verdict = check(
      [FIRST, step(12, 13, [range(0x1000), range(0x5000), range(0x9000)]), THIRD],
      TRUTH,
      "program.c",
    );
    assert.deepEqual(verdict.problems, []);
    assert.deepEqual(
      verdict.steps[1]?.extra.map(({ explanation }) => explanation),
      ["allocator", "say"],
    );
  });

  it("fails a trace that misses a page", () => {
    assert.match(
      problems(step(10, 11, [range(0x1000)]), SECOND, THIRD).join(),
      /1 of 2 written pages not reported: 0x2000/,
    );
  });

  it("fails a trace that tells a page twice for one write", () => {
    const again = step(12, 13, [range(0x1000, 2)]);
    assert.match(problems(FIRST, again, THIRD).join(), /1 pages that nobody wrote \(unexplained\): 0x2000-0x3000/);
  });

  it("fails a trace that tells a page one step late", () => {
    assert.equal(problems(step(10, 11, [range(0x1000)]), step(12, 13, [range(0x1000, 2)]), THIRD).length, 2);
  });

  it("does not accept another line's explanation", () => {
    assert.match(
      problems(FIRST, SECOND, step(10, 11, [range(0x3000), range(0x5000)])).join(),
      /nobody wrote \(unexplained\): 0x5000/,
    );
  });

  it("tells the executions of one line apart", () => {
    // Each of the two misses its own pages and reports the other's.
    assert.equal(problems(THIRD, SECOND, FIRST).length, 4);
  });

  it("fails a trace that has fewer steps from a line than it ran", () => {
    assert.match(problems(FIRST, SECOND).join(), /line 10 ran 2 times by its own word, the trace has 1 steps from it/);
  });

  it("takes a step that ended on its own line together with the next", () => {
    assert.deepEqual(problems(step(10, 10, [range(0x1000)]), step(10, 11, [range(0x2000)]), SECOND, THIRD), []);
  });

  it("fails a step whose ranges overlap or do not add up", () => {
    const overlapping = step(10, 11, [range(0x1000, 2), range(0x2000)]);
    assert.match(problems(overlapping, SECOND, THIRD).join(), /reports 3 pages, its ranges hold 2/);
  });

  it("wants pages that were given back to be called so", () => {
    const truth = parseTruth("ran 10 may 0x1000 0x3000 discarded");
    const told = (note: object) =>
      check([step(10, 11, [{ ...range(0x1000, 2), ...note }])], truth, "program.c").problems;
    assert.deepEqual(told({ note: "discarded" }), []);
    assert.match(told({}).join(), /2 pages that nobody wrote \(given back, but told as written\)/);
  });

  it("does not believe a note rseq on other pages than a thread's control block", () => {
    const truth = parseTruth("own 0x1000 0x1001 thread-control own 0x2000 0x2001 say\nran 10 ");
    const noted = (start: number) =>
      check([step(10, 11, [{ ...range(start), note: "rseq" }])], truth, "program.c").problems;
    assert.deepEqual(noted(0x1000), []);
    assert.match(noted(0x2000).join(), /bears the note rseq, but holds no thread control block/);
  });

  it("lists mappings that came unnoticed", () => {
    const verdict = check([step(10, 11, [range(0x1000, 2)]), SECOND, THIRD], TRUTH, "program.c");
    assert.deepEqual(verdict.steps[0]?.unnoticed, ["created 0x1000-0x4000"]);
    assert.deepEqual(check([FIRST, SECOND, THIRD], TRUTH, "program.c").steps[0]?.unnoticed, []);
  });

  it("refuses truth that was cut off in the middle of a line", () => {
    assert.throws(() => parseTruth("ran 10 wrote 0x1000"), /not a range/);
  });
});
