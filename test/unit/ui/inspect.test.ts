// What the inspector is told of a range beside its changed bytes: copies around them, values by type, names, writers; and as a file.
import assert from "node:assert/strict";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { addressOf, PAGE_SIZE } from "../../../src/memory/page.ts";
import type { Name } from "../../../src/names/name.ts";
import type { RecordedMemory } from "../../../src/recording/memory.ts";
import { inspect } from "../../../src/ui/inspector/inspect.ts";
import { bytesAt, memoryPath, parseMemoryPath } from "../../../src/ui/memory-at.ts";
import { NOT_KNOWN } from "../../../src/ui/protocol.ts";
import { HEAP, makeContents } from "../../workbench/made-contents.ts";

const AT = addressOf(HEAP);

/** Copies of the heap's first page as it was after step 3, and of the page behind all steps as it is now. */
function memory(more: Partial<RecordedMemory> = {}): RecordedMemory {
  const copy = new Uint8Array(PAGE_SIZE).fill(7);
  copy.set(new TextEncoder().encode("the new words, and more follows them"), 0x108);
  copy[0x40] = 42;
  copy[0x800] = 0xff;
  return {
    newest: async pages => ({
      pages: pages.map(page => (page === HEAP ? copy : undefined)),
      present: pages.map(page => (page === HEAP + 20 ? new Uint8Array(PAGE_SIZE).fill(9) : undefined)),
      since: Changes.NONE,
    }),
    ...more,
  };
}

const symbol = (symbol: string, at: number, size: number, offset: number, type?: number): Name => ({
  kind: "symbol",
  ...{ symbol, spelled: symbol, address: AT + at, offset, size, function: false, file: "/bin/sample", type },
});

function recordingWith(memoryOf: RecordedMemory | null = memory()) {
  const recording = makeContents();
  recording.memory = memoryOf ?? undefined;
  const query = { recording: recording.id, step: 3, count: 100 };
  return {
    recording,
    look: async (from: number, to: number, more: object = {}) => {
      const reply = await inspect(recording, { ...query, start: AT + from, end: AT + to, ...more });
      assert.ok(reply);
      return reply;
    },
  };
}

describe("A range that is inspected", () => {
  it("has around its changed bytes those that the copy tells, before and after", async () => {
    const { look } = recordingWith();
    const { lines } = await look(0x40, 0x44);
    assert.deepEqual(
      lines.map(({ address }) => address - AT),
      [0x30, 0x40, 0x50],
    );
    assert.deepEqual([...lines[1].before].slice(0, 3), [0, 7, 7]);
    assert.deepEqual([...lines[1].after].slice(0, 3), [42, 7, 7]);
    assert.equal(lines[1].changed, 1);
  });

  it("is told of an earlier step as it was then, and of no step as it is now", async () => {
    const { look } = recordingWith();
    const [line] = (await look(0x40, 0x44, { step: 1, all: true })).lines.filter(each => each.address === AT + 0x40);
    // Step 2 wrote the page, and told no bytes of it: what was there before is not known.
    assert.ok(line.before[0] < 0);
    const { step: _step, ...now } = { step: 3 };
    const reply = await look(20 * PAGE_SIZE, 20 * PAGE_SIZE + 4, { ...now, step: undefined });
    assert.deepEqual([...reply.lines[0].after].slice(0, 2), [9, 9]);
    assert.match(reply.notes.join(" "), /Read just now/);
  });

  it("says that there is nothing to show where no step and no copy tells it", async () => {
    const { look } = recordingWith(null);
    const { lines, notes } = await look(20 * PAGE_SIZE, 20 * PAGE_SIZE + 4);
    assert.deepEqual([lines, notes.length], [[], 1]);
    assert.match(notes[0], /no copy/);
  });

  it("has values by its type, those that changed marked, and is called by its element", async () => {
    const types = [
      { kind: "base", name: "int", size: 4, encoding: "signed" },
      { kind: "array", of: 0, count: 64, stride: 4 },
    ] as const;
    const names: RecordedMemory["names"] = async (start, end) => ({
      pieces: [{ start, end, name: symbol("counters", 0, 256, start - AT, 1) }],
      types,
    });
    const { look } = recordingWith(memory({ names }));
    const { values, facts, title } = await look(0x40, 0x48);
    assert.deepEqual(values, [
      { words: "counters[16]", type: "int", before: String(0x07070700), after: String(0x0707072a), isChanged: true },
      { words: "counters[17]", type: "int", before: String(0x07070707), after: String(0x07070707), isChanged: false },
    ]);
    assert.match(facts[0], /Part of counters, int \[64\], 256 bytes/);
    assert.equal((await look(0x48, 0x4c)).title, "counters[18]");
    assert.equal(title, "counters+64");
  });

  it("is told as numbers where no type is known", async () => {
    const { look } = recordingWith();
    const { values } = await look(0x40, 0x44);
    assert.deepEqual(values.map(({ words, after }) => [words, after]).slice(0, 2), [
      ["as a signed number", String(0x0707072a)],
      ["as an unsigned number", String(0x0707072a)],
    ]);
  });

  it("says where it lies, what it holds, and what is not mapped", async () => {
    const names: RecordedMemory["names"] = async (start, end) => ({
      pieces: [
        { start, end: start + 8, name: symbol("total", 0, 8, 0) },
        { start: start + 8, end, name: symbol("table", 8, 4088, 0) },
      ],
      types: [],
    });
    const { look } = recordingWith(memory({ names }));
    const { title, facts } = await look(0, PAGE_SIZE);
    assert.match(title, /^\[heap\], page 0x/);
    assert.match(facts[0], /^Holds total, table\.$/);
    assert.match(facts[1], /^In \[heap\] \(rw-p\), (not )?watched/);
    const { facts: nowhere } = await look(-AT, -AT + 4);
    assert.match(nowhere.join(" "), /not mapped/);
  });

  it("has its writers, the newest first, and the ones before and behind the step", async () => {
    const { recording, look } = recordingWith();
    const step = recording.steps.byNumber(3);
    assert.ok(step);
    recording.addStep({ ...step, number: 4 });
    recording.addStep({ ...step, number: 5 });
    const { writers, earlier, later } = await look(0x40, 0x44, { step: 4 });
    assert.deepEqual([writers[0].step, writers[1].step, earlier, later], [5, 4, 3, 5]);
    assert.match(writers[0].detail, /00 → 2a/);
    const newest = await look(0x40, 0x44, { step: 5 });
    assert.equal(newest.later, undefined);
  });

  it("keeps apart lines with changes and all lines of a page", async () => {
    const { look } = recordingWith();
    const changed = await look(0, PAGE_SIZE);
    assert.deepEqual([changed.isAll, changed.lines.length, changed.hasMore], [false, 4, false]);
    const all = await look(0, PAGE_SIZE, { all: true });
    assert.deepEqual([all.isAll, all.lines.length, all.hasMore], [true, 100, true]);
    const most = await look(0, PAGE_SIZE, { all: true, count: 256 });
    assert.deepEqual([most.lines.length, most.hasMore], [256, false]);
  });

  it("tells of a page that is not known before what is there now", async () => {
    const { look } = recordingWith();
    const { lines } = await look(2 * PAGE_SIZE, 3 * PAGE_SIZE);
    assert.equal(lines[0].before[0], NOT_KNOWN);
    assert.deepEqual([...lines[0].after].slice(0, 4), [1, 2, 3, 0]);
  });
});

describe("Memory as a file", () => {
  it("is named by recording, step and range", () => {
    const range = { recording: "live-1", step: 3, start: 0x1000, end: 0x1010 };
    assert.equal(memoryPath(range, "counters[17]"), "/live-1/step-3/0x1000-0x1010/counters_17_.bin");
    assert.deepEqual(parseMemoryPath(memoryPath(range)), range);
    const { step: _step, ...now } = range;
    assert.deepEqual(parseMemoryPath(memoryPath(now)), now);
  });

  it("is none of another path, an empty or a huge range", () => {
    for (const path of ["/", "/a/b/c", "/a/step-1/0x10-0x10/x", "/a/step-1/0x0-0xfffffffff/x", "/a/step-x/0x1-0x2/x"])
      assert.equal(parseMemoryPath(path), undefined, path);
  });

  it("has the bytes after the step, or says which are not known", async () => {
    const { recording } = recordingWith();
    const bytes = await bytesAt(recording, { step: 3, start: AT + 0x40, end: AT + 0x42 });
    assert.deepEqual([...bytes], [42, 7]);
    await assert.rejects(
      bytesAt(recording, { step: 3, start: AT + 3 * PAGE_SIZE, end: AT + 4 * PAGE_SIZE }),
      /not all known/,
    );
    await assert.rejects(bytesAt(recording, { step: 99, start: AT, end: AT + 1 }), /not kept any more/);
  });
});
