// What a fork no longer shares: the comparison of two page tables, over time, and as a recording.
import assert from "node:assert/strict";
import fc from "fast-check";
import { copiersOf, type ForkSide, forkDifference } from "../../src/memory/fork-difference.ts";
import type { Mapping } from "../../src/memory/mapping.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { ForkRecording } from "../../src/recording/fork.ts";
import { forkRows, forkTotals } from "../../src/recording/fork-table.ts";
import type { ForkLook } from "../../src/tracker/fork-lens.ts";

/** Frames by page; who may not see them sees by whom else a page is mapped. */
type Frames = ReadonlyMap<number, number>;

const PRESENT = 0x8000_0000;
const EXCLUSIVE = 1 << 24;

function sideOf(frames: Frames, others: readonly Frames[], seesFrames: boolean): ForkSide {
  const isAlone = (frame: number): boolean => !others.some(other => [...other.values()].includes(frame));
  return {
    own: PageSet.from([...frames.keys()].map(page => [page, page + 1])),
    entries(start, end) {
      const words = new Uint32Array((end - start) * 2);
      for (let page = start; page < end; page += 1) {
        const frame = frames.get(page);
        if (frame === undefined) continue;
        words[(page - start) * 2] = seesFrames ? frame : 0;
        words[(page - start) * 2 + 1] = PRESENT | (isAlone(frame) ? EXCLUSIVE : 0);
      }
      return words;
    },
  };
}

const difference = (parent: Frames, child: Frames, seesFrames = true) =>
  forkDifference(sideOf(parent, [child], seesFrames), sideOf(child, [parent], seesFrames));

const pagesOf = (set: PageSet): number[] => [...set.pairs()].flatMap(([start, end]) => range(start, end));
const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

describe("What a fork no longer shares", () => {
  it("is, page by page, what the frames say, with and without the right to see them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("shared", "copied", "parent", "child", "neither"), { maxLength: 40 }),
        kinds => {
          const [parent, child] = [new Map<number, number>(), new Map<number, number>()];
          for (const [page, kind] of kinds.entries()) {
            if (kind !== "child" && kind !== "neither") parent.set(page, 1000 + page);
            if (kind !== "parent" && kind !== "neither") child.set(page, (kind === "shared" ? 1000 : 5000) + page);
          }
          const of = (wanted: string): number[] => range(0, kinds.length).filter(page => kinds[page] === wanted);
          for (const seesFrames of [true, false]) {
            const { shared, copied, onlyParent, onlyChild } = difference(parent, child, seesFrames);
            assert.deepEqual(pagesOf(shared), of("shared"));
            assert.deepEqual(pagesOf(copied), of("copied"));
            assert.deepEqual(pagesOf(onlyParent), of("parent"));
            assert.deepEqual(pagesOf(onlyChild), of("child"));
          }
        },
      ),
      { seed: 5 },
    );
  });

  it("was parted by whoever has another frame than before", () => {
    const before = new Map(range(10, 16).map(page => [page, page]));
    const earlier = difference(before, before);
    const parent = new Map([...before, [11, 100], [13, 101]]);
    const child = new Map([...before, [12, 200], [13, 201]]);
    const { copied } = difference(parent, child);
    assert.deepEqual(pagesOf(copied), [11, 12, 13]);
    const who = copiersOf(earlier, copied, sideOf(parent, [child], true), sideOf(child, [parent], true));
    assert.deepEqual(
      [pagesOf(who.byParent), pagesOf(who.byChild)],
      [
        [11, 13],
        [12, 13],
      ],
    );
  });

  it("was parted by nobody known where frames may not be seen", () => {
    const before = new Map([[1, 1]]);
    const earlier = difference(before, before, false);
    const child = new Map([[1, 2]]);
    const { copied, evidence } = difference(before, child, false);
    assert.equal(evidence, "exclusive");
    const who = copiersOf(earlier, copied, sideOf(before, [child], false), sideOf(child, [before], false));
    assert.ok(who.byParent.isEmpty && who.byChild.isEmpty);
  });
});

describe("A fork that is followed", () => {
  const heap: Mapping = {
    start: 0,
    end: 100,
    permissions: "rw-p",
    offset: 0,
    device: "00:00",
    inode: 0,
    name: "[heap]",
  };
  const stack: Mapping = { ...heap, start: 200, end: 300, name: "[stack]" };
  const look = (sets: Partial<ForkLook>): ForkLook => ({
    evidence: "frames",
    mappings: [{ ...heap }, { ...stack }],
    shared: PageSet.EMPTY,
    copied: PageSet.EMPTY,
    byParent: PageSet.EMPTY,
    byChild: PageSet.EMPTY,
    onlyParent: PageSet.EMPTY,
    onlyChild: PageSet.EMPTY,
    microseconds: 5,
    ...sets,
  });

  it("is a recording: what is parted between two looks is a step of whoever parted it, each page once", () => {
    const recording = new ForkRecording({ parent: 7, child: 8, name: "redis-server" }, 0, pid =>
      pid === 7 ? "step 3 of server" : undefined,
    );
    recording.add(look({ shared: PageSet.of(2, 50), copied: PageSet.of(0, 2) }), 0);
    assert.ok(recording.arming, "there is something to show, also where nothing is parted yet");
    const byParent = PageSet.of(2, 6);
    const later = look({ shared: PageSet.of(7, 50), copied: PageSet.of(0, 7), byParent, byChild: PageSet.of(6, 7) });
    recording.add(later, 1500);
    recording.add(later, 2500);
    assert.deepEqual(
      [...recording.steps].map(({ thread, from, written }) => [thread?.name, from?.function, pagesOf(written)]),
      [
        ["parent or child", "before the first look", [0, 1]],
        ["parent", "1.5 s: step 3 of server", [2, 3, 4, 5]],
        ["child", "1.5 s", [6]],
      ],
    );
    assert.equal(recording.resident.pageCount, 43);
    assert.equal(recording.everWritten.pageCount, 7);
    const layouts = new Set([...recording.steps].map(({ layout }) => layout));
    assert.equal(layouts.size, 1, "nothing was mapped meanwhile");
  });

  it("is counted by mapping, those with the most that is parted first", () => {
    const found = look({
      shared: PageSet.from([
        [0, 10],
        [200, 202],
      ]),
      copied: PageSet.from([
        [20, 21],
        [210, 215],
      ]),
      byChild: PageSet.of(210, 213),
      onlyChild: PageSet.of(30, 32),
    });
    assert.deepEqual(
      forkRows(found).map(({ mapping, copied, byChild, onlyChild, shared }) => [
        mapping.name,
        copied,
        byChild,
        onlyChild,
        shared,
      ]),
      [
        ["[stack]", 5, 3, 0, 2],
        ["[heap]", 1, 0, 2, 10],
      ],
    );
    assert.equal(forkTotals(found).copied, 6);
  });
});
