// What can be watched of the ranges asked for: part by part, and in words what can't.
import assert from "node:assert/strict";
import type { Mapping } from "../../../src/memory/mapping.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { planFor, withoutLost } from "../../../src/tracker/watches/plan.ts";
import { withStackNames } from "../../../src/tracker/watches/stack-names.ts";
import { WatchMap } from "../../../src/tracker/watches/watch-map.ts";

const PAGE = PAGE_SIZE;
const mapping = (start: number, end: number, name = "", permissions = "rw-p", inode = 0): Mapping => ({
  ...{ start, end, name, permissions, inode, offset: 0, device: "00:00" },
});
const MAPPINGS = [
  mapping(16, 20),
  mapping(20, 24, "/memfd:x", "rw-s", 5),
  mapping(30, 34, "[heap]", "r--p"),
  mapping(40, 44, "[stack]"),
  mapping(50, 52, "[vdso]", "r-xp"),
];
const plan = (mostPages: number, ...ranges: [number, number][]) =>
  planFor(new WatchMap(ranges.map(([start, end]) => ({ start, end }))), MAPPINGS, mostPages, () => false);

describe("A plan for watches", () => {
  it("has a part for each mapping that a range lies in, and tells the gaps between", () => {
    const { parts, warnings, pages } = plan(100, [17 * PAGE + 8, 31 * PAGE]);
    assert.deepEqual(
      parts.map(({ start, end, way }) => [start, end, way]),
      [
        [17 * PAGE + 8, 20 * PAGE, "stop"],
        [20 * PAGE, 24 * PAGE, "stop"],
        [30 * PAGE, 31 * PAGE, "stop"],
      ],
    );
    assert.deepEqual(
      [...pages.pairs()],
      [
        [17, 24],
        [30, 31],
      ],
    );
    assert.deepEqual(
      warnings.map(({ start, end, refused }) => [start, end, refused]),
      [
        [24 * PAGE, 30 * PAGE, true],
        [30 * PAGE, 31 * PAGE, false],
      ],
    );
    assert.match(warnings[1].reason, /can't write there now/);
  });

  it("refuses what is more than the budget, and watches the rest; nothing at all with a budget of 0", () => {
    const { parts, warnings } = plan(3, [16 * PAGE, 20 * PAGE], [20 * PAGE, 22 * PAGE]);
    assert.deepEqual(
      parts.map(({ range }) => range),
      [1],
    );
    assert.match(warnings[0].reason, /16 KiB are more than the 12 KiB/);
    assert.deepEqual(plan(0, [16 * PAGE, 16 * PAGE + 1]).parts, []);
  });

  it("refuses the kernel's own memory and hugetlb's, and has doubts about stacks", () => {
    assert.match(plan(100, [50 * PAGE, 51 * PAGE]).warnings[0].reason, /kernel's own/);
    assert.match(plan(100, [40 * PAGE, 41 * PAGE]).warnings[0].reason, /stack/);
    const huge = planFor(new WatchMap([{ start: 16 * PAGE, end: 17 * PAGE }]), MAPPINGS, 100, () => true);
    assert.match(huge.warnings[0].reason, /hugetlb/);
    assert.ok(huge.pages.isEmpty);
  });

  it("tells what the program has unmapped since, and leaves the rest watched", () => {
    const made = plan(100, [16 * PAGE + 100, 20 * PAGE]);
    const { parts, warnings } = withoutLost(
      made,
      PageSet.from([
        [16, 17],
        [19, 20],
      ]),
    );
    assert.deepEqual(
      parts.map(({ start, end }) => [start, end]),
      [
        [16 * PAGE + 100, 17 * PAGE],
        [19 * PAGE, 20 * PAGE],
      ],
    );
    assert.deepEqual([warnings[0].start, warnings[0].end, warnings[0].refused], [17 * PAGE, 19 * PAGE, true]);
    assert.deepEqual(withoutLost(made, PageSet.of(16, 20)).parts, made.parts);
  });
});

describe("A stack that a watch has split", () => {
  it("keeps its name in all pieces, grown at its lower end too, and nothing else gets it", () => {
    const pieces = [mapping(16, 20), mapping(38, 41), mapping(41, 42, "[stack]"), mapping(42, 44)];
    assert.deepEqual(
      withStackNames(pieces, MAPPINGS).map(({ name }) => name),
      ["", "[stack]", "[stack]", "[stack]"],
    );
    assert.equal(withStackNames(MAPPINGS, MAPPINGS), MAPPINGS);
  });
});
