// Lists of mappings: reading them, splitting page sets by them, telling what came and went, deciding what is armed.
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseMaps } from "../../src/kernel/linux/maps.ts";
import { findMapping, kindOf, type Mapping } from "../../src/memory/mapping.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { splitByMapping } from "../../src/memory/split.ts";
import { kernelPages } from "../../src/recording/step.ts";
import { summarize, wrotePages } from "../../src/recording/summary.ts";
import { diffMappings } from "../../src/tracker/mapping-diff.ts";
import { DEFAULT_ARM_OPTIONS, decide, wayFor } from "../../src/tracker/policy.ts";

const SPACE = 80;

function mapping(start: number, end: number, name = "", permissions = "rw-p"): Mapping {
  return { start, end, permissions, offset: 0, device: "00:00", inode: name.startsWith("/") ? 7 : 0, name };
}

/** Disjoint mappings in address order, of two names. */
const mappings = fc.uniqueArray(fc.nat(SPACE), { maxLength: 12 }).chain(edges =>
  fc.array(fc.constantFrom("", "/lib/one.so"), { minLength: edges.length, maxLength: edges.length }).map(names => {
    const sorted = [...edges].sort((a, b) => a - b);
    return sorted.slice(1).flatMap((end, i) => (i % 3 === 2 ? [] : [mapping(sorted[i], end, names[i])]));
  }),
);

const pages = fc.array(fc.tuple(fc.nat(SPACE), fc.nat(SPACE)), { maxLength: 8 }).map(runs => PageSet.from(runs));

describe("Mappings", () => {
  it("are read from the lines of /proc/PID/maps, with names that hold spaces and with none", () => {
    const [text, named, nameless] = parseMaps(
      [
        "555555554000-555555556000 r-xp 00001000 fe:00 1835049                    /opt/my program",
        "7ffff7fc1000-7ffff7fc5000 r--p 00000000 00:00 0                          [vvar]",
        "7ffff7dd2000-7ffff7dd5000 rw-s 00000000 00:00 0 ",
        "no such line",
      ].join("\n"),
    );
    assert.deepEqual(text, {
      start: 0x555555554,
      end: 0x555555556,
      permissions: "r-xp",
      offset: 0x1000,
      device: "fe:00",
      inode: 1835049,
      name: "/opt/my program",
    });
    assert.deepEqual([kindOf(text), kindOf(named), kindOf(nameless)], ["file", "kernel", "shared"]);
    assert.equal(nameless.name, "");
  });

  it("split any page set into runs that each lie in one mapping, and lose no page", () => {
    fc.assert(
      fc.property(pages, mappings, (set, list) => {
        const runs = [...splitByMapping(set, list)];
        assert.ok(PageSet.from(runs.map(({ start, end }) => [start, end])).equals(set));
        for (const { start, end, mapping: holder } of runs) {
          assert.equal(list[findMapping(list, start)], holder);
          assert.equal(list[findMapping(list, end - 1)], holder);
        }
      }),
    );
  });

  it("are summed up by kind, most pages first, a program's zeroed data with its data, the kernel's own left out", () => {
    const list = [
      mapping(0, 1, "/bin/a"),
      mapping(1, 3),
      mapping(4, 10, "[heap]"),
      mapping(20, 30, "[stack]"),
      mapping(40, 42),
    ];
    const written = PageSet.from([
      [1, 3],
      [5, 6],
      [21, 25],
      [40, 41],
      [50, 51],
    ]);
    const layout = { mappings: list, armed: [], notArmed: [] };
    const kernel = kernelPages(written, [{ start: 40, end: 41, note: "rseq" }]);
    assert.equal(summarize({ written, kernel, layout }), "4 stack, 2 data, 1 heap, 1 unmapped");
    assert.equal(wrotePages({ written: kernel, kernel, layout }), "wrote no page");
  });

  it("that came and went are told to the page, replaced ones as both", () => {
    fc.assert(
      fc.property(mappings, mappings, pages, (before, now, lost) => {
        const { created, removed } = diffMappings(before, now, lost);
        for (let page = 0; page < SPACE; page += 1) {
          const [old, young] = [before[findMapping(before, page)], now[findMapping(now, page)]];
          const changed = old?.name !== young?.name || lost.has(page);
          assert.equal(findMapping(created, page) >= 0, young !== undefined && changed, `page ${page} created`);
          assert.equal(findMapping(removed, page) >= 0, old !== undefined && changed, `page ${page} removed`);
        }
      }),
    );
  });

  it("are armed where the program can write, and left out with a reason where one would wonder", () => {
    const never = (): boolean => false;
    const decision = (given: Mapping, hugetlb = never): string => {
      const made = decide(given, DEFAULT_ARM_OPTIONS, hugetlb);
      return made.arm ? "armed" : (made.reason ?? "left out");
    };
    assert.equal(decision(mapping(0, 1)), "armed");
    assert.equal(decision(mapping(0, 1, "/bin/program")), "armed");
    assert.equal(decision(mapping(0, 1, "/bin/program", "r-xp")), "left out");
    assert.equal(decision(mapping(0, 1, "", "r-xp")), "armed", "compiled code is written after the next mprotect");
    assert.match(decision(mapping(0, 1, "[vdso]", "r-xp")), /kernel's own/);
    assert.match(
      decision(mapping(512, 1024, "/dev/hugepages/x", "rw-s"), () => true),
      /hugetlb/,
    );
    const noStack = { ...DEFAULT_ARM_OPTIONS, watch: ["heap"] as const };
    assert.match(JSON.stringify(decide(mapping(0, 1, "[stack]"), noStack, never)), /writewatch\.watch/);
  });

  it("are armed by their populated pages only where much of them is unpopulated", () => {
    const { sparsePages } = DEFAULT_ARM_OPTIONS;
    assert.equal(wayFor(sparsePages + 1, 0, DEFAULT_ARM_OPTIONS), "populated");
    assert.equal(wayFor(sparsePages + 1, 1, DEFAULT_ARM_OPTIONS), "complete");
  });
});
