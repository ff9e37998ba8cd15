// Which pages a scan looks for: the questions made ready, categories of one's own, and what goes to a file.
import assert from "node:assert/strict";
import { Category, type CategoryName } from "../../src/memory/category.ts";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { PRESETS, queryOf, queryWords } from "../../src/memory/page-query.ts";
import { ScanRecording } from "../../src/recording/scan.ts";
import type { Snapshot } from "../../src/tracker/snapshot.ts";
import { scanCsv, scanJson } from "../../src/ui/scan-json.ts";
import { TrackedTarget } from "../kernel/tracked.ts";

const { PRESENT, PFNZERO, FILE, WPALLOWED, WRITTEN, HUGE } = Category;

describe("A question about pages", () => {
  it("is the kernel's masks, said in words", () => {
    const query = queryOf(
      [
        { category: "PRESENT", is: true },
        { category: "HUGE", is: false },
      ],
      [
        { category: "PFNZERO", is: true },
        { category: "FILE", is: true },
      ],
      ["PRESENT"],
    );
    assert.deepEqual(query, { required: PRESENT | HUGE, anyOf: PFNZERO | FILE, inverted: HUGE, reported: PRESENT });
    assert.equal(queryWords(query), "in memory, not huge; and of a file or shared memory or the page of zeroes");
    assert.equal(queryWords(queryOf([], [], [])), "any page of a mapping");
  });

  it("can't ask for one thing and its opposite, and says why", () => {
    const both = ([true, false] as const).map(is => ({ category: "HUGE" as CategoryName, is }));
    assert.throws(() => queryOf([both[0]], [both[1]], []), /"huge" and "not huge" in one scan.*Choose one/);
  });

  it("about written pages is one about armed memory: of other memory the kernel calls every page written", () => {
    const { required, inverted } = queryOf([{ category: "WRITTEN", is: false }], [], []);
    assert.deepEqual([required, inverted], [WRITTEN | WPALLOWED, WRITTEN]);
  });
});

describe("A scan for pages of a simulated program", () => {
  let tracked: TrackedTarget;
  let written: number;
  let read: number;

  beforeEach(async () => {
    tracked = TrackedTarget.on("simulated");
    written = await tracked.target.map(8 * PAGE_SIZE);
    read = await tracked.target.map(8 * PAGE_SIZE);
    await tracked.target.do("write", written, 2 * PAGE_SIZE, PAGE_SIZE);
    await tracked.target.do("read", read, 3 * PAGE_SIZE, PAGE_SIZE);
  });
  afterEach(() => tracked.close());

  const preset = (words: string) => PRESETS.find(each => each.words === words) ?? assert.fail(words);
  const found = async (words: string, watch?: string): Promise<Snapshot> => {
    const { query } = preset(words);
    const where =
      watch === undefined ? undefined : { watch: [{ start: pageOf(read), end: pageOf(read) + 2, words: watch }] };
    return tracked.agent.snapshot(tracked.target.pid, undefined, { query, where });
  };
  const countIn = ({ runs }: Snapshot, address: number): number => {
    let pages = 0;
    for (let i = 0; i < runs.length; i += 2) {
      const [start, end] = [Math.max(runs[i], pageOf(address)), Math.min(runs[i + 1], pageOf(address) + 8)];
      pages += Math.max(0, end - start);
    }
    return pages;
  };

  it("finds its own pages, those that it only read, and in part of its memory alone", async () => {
    const own = await found("its own pages");
    assert.deepEqual([countIn(own, written), countIn(own, read)], [2, 0]);
    for (const words of ["read, never written", "present but never written"]) {
      const zeroes = await found(words);
      assert.deepEqual([countIn(zeroes, written), countIn(zeroes, read)], [0, 3], words);
    }
    const part = await found("read, never written", "the first two");
    assert.equal(countIn(part, read), 2);
    assert.equal(countIn(part, written), 0);
  });

  it("finds of armed memory what was written since the last scan, and takes it from no step", async () => {
    await tracked.arm();
    await tracked.target.do("write", written, PAGE_SIZE, PAGE_SIZE);
    assert.equal(countIn(await found("written since the last scan"), written), 1);
    assert.equal(countIn(await found("armed and not written"), written), 1);
    assert.deepEqual(await tracked.writtenIn(written, 8 * PAGE_SIZE), [0]);
  });

  it("knows every question made ready, or says which kernel does", async () => {
    for (const { words } of PRESETS) {
      try {
        await found(words);
      } catch (error) {
        assert.match(String(error), /This kernel does not tell which pages are "(soft-dirty|a guard page)"/);
      }
    }
  });

  it("goes to JSON with a table by mapping and to CSV with a row for each run, told apart by what was to be reported", async () => {
    const snapshot = await found("every page");
    const recording = new ScanRecording("program", tracked.target.pid, snapshot, {
      ...preset("every page").query,
      reported: PRESENT,
    });
    const { regions, byMapping, lookedFor } = scanJson(recording) as {
      readonly lookedFor: string;
      readonly regions: readonly { readonly start: string; readonly pages: number; readonly categories: string[] }[];
      readonly byMapping: readonly { readonly start: string; readonly pages: number }[];
    };
    assert.equal(lookedFor, "in memory or swapped out");
    const hex = (address: number): string => `0x${address.toString(16)}`;
    const region = regions.find(({ start }) => start === hex(written));
    assert.deepEqual([region?.pages, region?.categories], [2, ["PRESENT"]]);
    assert.equal(
      byMapping.reduce((sum, { pages }) => sum + pages, 0),
      regions.reduce((sum, { pages }) => sum + pages, 0),
    );
    const lines = [...scanCsv(recording)];
    assert.equal(lines.length, regions.length + 1);
    assert.ok(lines.some(line => line.startsWith(`${hex(written)},${hex(written + 2 * PAGE_SIZE)},2,8192,PRESENT,`)));
  });
});
