// The trace command's arguments, and the JSON of a step.
import assert from "node:assert/strict";
import type { Mapping } from "../../src/memory/mapping.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { stepJson } from "../../src/recording/json.ts";
import { parseOptions, rangeIn, UsageError } from "../../src/trace/options.ts";
import { EMPTY_LAYOUT } from "../../src/tracker/reports.ts";

describe("The trace command's arguments", () => {
  it("have defaults for all but the program", () => {
    assert.deepEqual(parseOptions(["--program", "a.out"]), {
      program: "a.out",
      args: [],
      debugger: "lldb-dap",
      break: "main",
      steps: Number.POSITIVE_INFINITY,
      json: false,
      bytes: false,
      timeout: 60_000,
    });
  });

  it("leave what follows -- to the program, dashes and all", () => {
    const options = parseOptions(["--json", "--bytes", "--program", "a.out", "--", "--json", "-x", "two words"]);
    assert.ok(options !== "help" && "args" in options);
    assert.deepEqual(options.args, ["--json", "-x", "two words"]);
    assert.equal(options.bytes, true);
  });

  it("name what to stop at, expressions and ranges, and how often", () => {
    const argv = [
      "--program",
      "a.out",
      "--stop-at-write",
      "table[3]",
      "--stop-at-write",
      "0x1000..0x2000",
      "--hits",
      "2",
    ];
    const options = parseOptions(argv);
    assert.ok(options !== "help");
    assert.deepEqual(options.stopAtWrite, { what: ["table[3]", "0x1000..0x2000"], hits: 2, misses: "auto" });
    const all = parseOptions(argv.slice(0, 4));
    assert.ok(all !== "help");
    assert.deepEqual(all.stopAtWrite, { what: ["table[3]"], hits: Number.POSITIVE_INFINITY, misses: "auto" });
    assert.deepEqual(rangeIn(" 0x1000 .. 0X2000 "), { start: 0x1000, end: 0x2000 });
    assert.equal(rangeIn("table[3]"), undefined);
  });

  it("name a simulated program, its seed and its kernel", () => {
    assert.deepEqual(parseOptions(["--simulate", "a.wsim", "--seed", "7", "--kernel", "6.7", "--steps", "3"]), {
      program: "a.wsim",
      simulator: { seed: 7, kernel: "6.7" },
      steps: 3,
      json: false,
      bytes: false,
      timeout: 60_000,
    });
  });

  for (const [what, argv] of Object.entries({
    "no program": [],
    "an unknown option": ["--program", "a", "--colour"],
    "a debugger that there is not": ["--program", "a", "--debugger", "windbg"],
    "steps that are no number": ["--program", "a", "--steps", "many"],
    "a simulated program under a debugger": ["--simulate", "a.wsim", "--debugger", "gdb"],
    "a simulated program with arguments": ["--simulate", "a.wsim", "--", "x"],
    "a seed for a native program": ["--program", "a", "--seed", "1"],
    "hits of nothing": ["--program", "a", "--hits", "3"],
    "stepping and stopping at writes at once": ["--program", "a", "--steps", "3", "--stop-at-write", "x"],
    "a range that ends before it begins": ["--program", "a", "--stop-at-write", "0x2000..0x1000"],
    "another way with misses": ["--program", "a", "--stop-at-write", "x", "--misses", "never"],
    "a way with misses where nothing is watched": ["--program", "a", "--misses", "step"],
    "nothing to stop at": ["--program", "a", "--stop-at-write", " "],
    "a kernel that is not simulated": ["--simulate", "a.wsim", "--kernel", "5.10"],
  })) {
    it(`are refused with the usage for ${what}`, () => assert.throws(() => parseOptions(argv), UsageError));
  }
});

describe("A step as JSON", () => {
  const mapping = (start: number, end: number, name: string): Mapping => ({
    start,
    end,
    permissions: "rw-p",
    offset: 0,
    device: "00:00",
    inode: 0,
    name,
  });

  it("cuts runs where mappings and notes begin and end, and writes addresses as text", () => {
    const json = stepJson({
      number: 3,
      from: { line: 7, function: "main", source: "/a.c" },
      written: PageSet.of(8, 13),
      debugger: PageSet.EMPTY,
      discarded: PageSet.of(20, 21),
      created: [mapping(10, 13, "[heap]")],
      removed: [],
      notes: [{ start: 9, end: 10, note: "rseq" }],
      kernel: PageSet.of(9, 10),
      layout: { ...EMPTY_LAYOUT, mappings: [mapping(8, 10, ""), mapping(10, 14, "[heap]")] },
      scanMicroseconds: 5,
      by: "next",
      stops: 1,
      doubts: [],
      settled: true,
    });
    assert.deepEqual(json, {
      event: "step",
      step: 3,
      from: { line: 7, function: "main", source: "/a.c" },
      to: null,
      pages: 5,
      written: [
        { start: "0x8000", end: "0x9000", pages: 1, mapping: "[anon]" },
        { start: "0x9000", end: "0xa000", pages: 1, mapping: "[anon]", note: "rseq" },
        { start: "0xa000", end: "0xd000", pages: 3, mapping: "[heap]" },
      ],
      debugger: [],
      discarded: [{ start: "0x14000", end: "0x15000", pages: 1, mapping: "(unmapped)" }],
      created: [{ start: "0xa000", end: "0xd000", pages: 3, mapping: "[heap]" }],
      removed: [],
      scanMicroseconds: 5,
      by: "next",
      stops: 1,
    });
  });
});
