// Changed bytes, held against the plainest way of finding and keeping them: two whole copies of each page, compared byte by byte.
import assert from "node:assert/strict";
import { BadShape } from "../../../src/common/shape.ts";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { ChangesWriter } from "../../../src/memory/contents/changes-writer.ts";
import { compose } from "../../../src/memory/contents/compose.ts";
import { differences, MOST_RUNS } from "../../../src/memory/contents/difference.ts";
import { JOINED, Kind, MIXED } from "../../../src/memory/contents/form.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { Random } from "../../programs/random.ts";
import { seedsOr } from "../../seeds.ts";

const words = (bytes: Uint8Array): Int32Array => new Int32Array(bytes.buffer);

function randomPage(random: Random): Uint8Array {
  const page = new Uint8Array(PAGE_SIZE);
  if (random.chance(80)) for (let i = 0; i < PAGE_SIZE; i += 1) page[i] = random.between(0, 255);
  return page;
}

/** The same page with some runs of it written; some writes change nothing. */
function written(page: Uint8Array, random: Random): Uint8Array {
  const now = page.slice();
  for (let runs = random.between(0, 6); runs > 0; runs -= 1) {
    const start = random.between(0, PAGE_SIZE - 1);
    const end = Math.min(PAGE_SIZE, start + random.between(1, random.chance(10) ? PAGE_SIZE : 9));
    const step = random.between(1, 3);
    for (let i = start; i < end; i += step) now[i] = random.chance(20) ? page[i] : random.between(0, 255);
  }
  return now;
}

/** Maximal runs of differing bytes, the slow way. */
function slowly(before: Uint8Array, after: Uint8Array): [number, number][] {
  const runs: [number, number][] = [];
  for (let i = 0; i < PAGE_SIZE; i += 1) {
    if (before[i] === after[i]) continue;
    const last = runs.at(-1);
    if (last?.[1] === i) last[1] = i + 1;
    else runs.push([i, i + 1]);
  }
  return runs;
}

const spans = new Uint16Array(MOST_RUNS * 2);

function found(before: Uint8Array, after: Uint8Array): [number, number][] {
  const runs = differences(words(before), 0, words(after), 0, spans);
  return Array.from({ length: runs }, (_, i) => [spans[i * 2], spans[i * 2 + 1]]);
}

/** Changes between two memories, page by page. */
function changesOf(before: Map<number, Uint8Array>, after: Map<number, Uint8Array>, pages: readonly number[]): Changes {
  const writer = new ChangesWriter(16);
  for (const page of [...pages].sort((a, b) => a - b)) {
    const [old, now] = [before.get(page) as Uint8Array, after.get(page) as Uint8Array];
    const runs = differences(words(old), 0, words(now), 0, spans);
    const kind = old.every(byte => byte === 0) ? Kind.FROM_ZEROES : Kind.CHANGED;
    writer.addRuns(page, kind, spans, runs, { bytes: old, at: 0 }, { bytes: now, at: 0 });
  }
  return Changes.over(writer.take());
}

for (const seed of seedsOr([1, 2, 3])) {
  describe(`Changed bytes, seed ${seed}`, () => {
    const random = new Random(seed);

    it("are found where two copies of a page differ, as maximal runs", () => {
      for (let round = 0; round < 300; round += 1) {
        const before = randomPage(random);
        const after = written(before, random);
        assert.deepEqual(found(before, after), slowly(before, after));
      }
      const every = new Uint8Array(PAGE_SIZE).map((_, i) => i % 2);
      assert.equal(found(new Uint8Array(PAGE_SIZE), every).length, MOST_RUNS);
    });

    it("lead from the page after back to the page before, and forth, and tell both of each run", () => {
      const numbers = Array.from({ length: 200 }, (_, i) => i * i * 1000 + random.between(0, 900));
      const before = new Map(numbers.map(page => [page, randomPage(random)]));
      const after = new Map(numbers.map(page => [page, written(before.get(page) as Uint8Array, random)]));
      const changes = Changes.checked(changesOf(before, after, numbers).toBytes());
      for (const page of numbers) {
        const [old, now] = [before.get(page) as Uint8Array, after.get(page) as Uint8Array];
        const entry = changes.find(page);
        assert.ok(entry);
        const [back, forth] = [now.slice(), old.slice()];
        entry.undo(back, 0);
        entry.redo(forth, 0);
        assert.deepEqual([back, forth], [old, now]);
        const runs = entry.runs();
        assert.deepEqual(
          runs.map(({ offset, after: bytes }) => [offset, offset + (bytes?.length ?? 0)]),
          slowly(old, now),
        );
        for (const { offset, before: was, after: is } of runs) {
          assert.deepEqual(was, old.slice(offset, offset + (was?.length ?? 0)));
          assert.deepEqual(is, now.slice(offset, offset + (is?.length ?? 0)));
        }
      }
      assert.equal(changes.find(numbers[7] + 1), undefined);
      assert.equal(changes.pages().pageCount, numbers.length);
    });

    it("of two steps are those of both as one", () => {
      const all = Array.from({ length: 40 }, (_, i) => i + 5);
      const states = [new Map(all.map(page => [page, randomPage(random)]))];
      const some = (): number[] => all.filter(() => random.chance(60));
      const told: Changes[] = [];
      for (let step = 0; step < 2; step += 1) {
        const last = states[step];
        const pages = some();
        const now = new Map(last);
        for (const page of pages) now.set(page, written(last.get(page) as Uint8Array, random));
        states.push(now);
        told.push(changesOf(last, now, pages));
      }
      const both = Changes.checked(compose(told[0], told[1]).toBytes());
      for (const page of all) {
        const back = (states[2].get(page) as Uint8Array).slice();
        const entry = both.find(page);
        entry?.undo(back, 0);
        assert.deepEqual(back, states[0].get(page));
        const expected = slowly(states[0].get(page) as Uint8Array, states[2].get(page) as Uint8Array);
        assert.deepEqual(
          (entry?.runs() ?? []).map(({ offset }) => offset),
          expected.map(([start]) => start),
        );
      }
    });

    it("are refused where they were cut off or altered, or lead nowhere outside their page", () => {
      const numbers = [3, 4, 900, 2 ** 34];
      const before = new Map(numbers.map(page => [page, randomPage(random)]));
      const after = new Map(numbers.map(page => [page, written(before.get(page) as Uint8Array, random)]));
      const bytes = changesOf(before, after, numbers).toBytes();
      for (let round = 0; round < 2000; round += 1) {
        const altered = bytes.slice(0, random.chance(30) ? random.between(0, bytes.length) : bytes.length);
        for (let i = random.between(0, 3); i > 0 && altered.length > 0; i -= 1)
          altered[random.between(0, altered.length - 1)] = random.between(0, 255);
        try {
          const cursor = Changes.checked(altered).cursor();
          const page = new Uint8Array(PAGE_SIZE);
          while (cursor.next()) {
            cursor.undo(page, 0);
            for (const { offset, after: now } of cursor.runs()) assert.ok(offset + (now?.length ?? 0) <= PAGE_SIZE);
          }
        } catch (error) {
          assert.ok(error instanceof BadShape, String(error));
        }
      }
    });
  });
}

describe("Changed bytes", () => {
  it("take six bytes for an int of which one byte changed, with its page", () => {
    const [before, after] = [new Uint8Array(PAGE_SIZE).fill(1), new Uint8Array(PAGE_SIZE).fill(1)];
    after[0x123] = 2;
    const old = new Map([
      [10, before],
      [11, before],
    ]);
    const changes = changesOf(
      old,
      new Map([
        [10, after],
        [11, after],
      ]),
      [10, 11],
    );
    assert.equal(changes.byteLength, 12);
  });

  it("tell written pages whose bytes are the same, and pages of which less is known", () => {
    const page = new Uint8Array(PAGE_SIZE);
    page[5] = 9;
    const writer = new ChangesWriter();
    writer.addRuns(1, Kind.CHANGED, spans, 0, { bytes: page, at: 0 }, { bytes: page, at: 0 });
    const runs = differences(new Int32Array(PAGE_SIZE / 4), 0, words(page), 0, spans);
    writer.addNow(2, "budget spent", 0, spans, runs, { bytes: page, at: 0 });
    writer.addUnknown(3, "unreadable", MIXED);
    const changes = Changes.checked(writer.take());
    assert.equal(changes.find(1)?.isSame, true);
    assert.deepEqual(changes.find(1)?.runs(), []);
    assert.equal(changes.find(2)?.reason, "budget spent");
    assert.deepEqual(changes.find(2)?.runs(), [{ offset: 0, before: undefined, after: page }]);
    assert.deepEqual(changes.find(3)?.runs(), [{ offset: 0, before: undefined, after: undefined }]);
    assert.equal(changes.find(3)?.isMixed, true);
  });

  it("are parted and put together by pages, and marked", () => {
    const page = new Uint8Array(PAGE_SIZE).fill(3);
    const zero = new Uint8Array(PAGE_SIZE);
    const before = new Map([1, 2, 5, 9].map(number => [number, page]));
    const after = new Map([1, 2, 5, 9].map(number => [number, zero]));
    const changes = changesOf(before, after, [1, 2, 5, 9]);
    const { inside, outside } = changes.split(PageSet.of(2, 6));
    assert.deepEqual(
      [[...inside.pages().pairs()], [...outside.pages().pairs()]],
      [
        [
          [2, 3],
          [5, 6],
        ],
        [
          [1, 2],
          [9, 10],
        ],
      ],
    );
    assert.deepEqual(inside.with(outside).toBytes(), changes.toBytes());
    const marked = changes.flagged(PageSet.of(5, 6), JOINED);
    assert.deepEqual([marked.find(5)?.isJoined, marked.find(2)?.isJoined], [true, false]);
    assert.deepEqual(marked.find(9)?.runs(), changes.find(9)?.runs());
  });
});
