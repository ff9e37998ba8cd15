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
import { EMPTY_LAYOUT } from "../../src/tracker/reports.ts";

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

const parse = (text: string, before?: readonly Mapping[]): readonly Mapping[] => parseMaps(Buffer.from(text), before);

/** A line of maps as the kernel prints it. */
function lineOf({ start, end, permissions, name }: Mapping): string {
  const address = (page: number): string => (page * 4096).toString(16).padStart(8, "0");
  return `${address(start)}-${address(end)} ${permissions} 00000000 fe:00 7 ${name}\n`;
}

describe("Mappings", () => {
  it("are read from the lines of /proc/PID/maps, with names that hold spaces and with none", () => {
    const [text, named, nameless] = parse(
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

  it("are read whatever bytes a file's name holds, and a line break as the kernel prints it", () => {
    const names = ["/tmp/car\rriage", "/tmp/line\\012break", "/tmp/\u2028separator", "/tmp/ends in space ", "/tmp/ä"];
    const text = names.map((name, i) => lineOf(mapping(i * 2 + 1, i * 2 + 2, name))).join("");
    assert.deepEqual(
      parse(text).map(({ name }) => name),
      names,
    );
  });

  it("are the same objects again where their lines are, and the same list where all lines are", () => {
    const named = fc.array(
      fc.record({ name: fc.constantFrom("", "/a", "/b c"), length: fc.integer({ min: 1, max: 3 }) }),
    );
    const layout = (list: readonly { name: string; length: number }[]): Mapping[] => {
      let at = 16;
      return list.map(({ name, length }) => {
        at += length;
        return mapping(at - length, at, name);
      });
    };
    fc.assert(
      fc.property(named, named, (one, other) => {
        const [before, now] = [layout(one), layout(other)].map(list => list.map(lineOf));
        // The text comes in memory that the next reading overwrites.
        const reused = Buffer.from(before.join(""));
        const parsed = parseMaps(reused);
        reused.fill(0);
        assert.equal(parse(before.join(""), parsed), parsed);
        const again = parse(now.join(""), parsed);
        assert.deepEqual(again, parse(now.join("")));
        for (const [i, line] of now.entries()) {
          const known = before.indexOf(line);
          if (known >= 0) assert.equal(again[i], parsed[known]);
        }
      }),
    );
  });

  it("stay what they are when their file is unlinked", () => {
    const [file, unlinked] = [mapping(0, 4, "/tmp/data"), mapping(0, 4, "/tmp/data (deleted)")].map(m => ({
      ...m,
      inode: 7,
    }));
    assert.deepEqual(diffMappings([file], [unlinked], PageSet.EMPTY), { created: [], removed: [] });
    const [anonymous, named] = [mapping(0, 4, "x"), mapping(0, 4, "x (deleted)")];
    assert.equal(diffMappings([anonymous], [named], PageSet.EMPTY).created.length, 1);
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
    const layout = { ...EMPTY_LAYOUT, mappings: list };
    const both = [{ start: 40, end: 41, note: "rseq" as const, onlyKernel: false }];
    assert.ok(kernelPages(written, both).isEmpty, "the program stored there, too");
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
    assert.match(
      JSON.stringify(decide(mapping(0, 1, "[stack]"), noStack, never)),
      /not chosen: no rule of writewatch\.watch names it, as 'stack' would/,
    );
  });

  it("are armed by their populated pages only where much of them is unpopulated", () => {
    const { sparsePages } = DEFAULT_ARM_OPTIONS;
    assert.equal(wayFor(sparsePages + 1, 0, DEFAULT_ARM_OPTIONS), "populated");
    assert.equal(wayFor(sparsePages + 1, 1, DEFAULT_ARM_OPTIONS), "complete");
  });
});
