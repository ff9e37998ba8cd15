// Changed bytes get the names of what they lie in, and small variables their values.
import assert from "node:assert/strict";
import { numberWords } from "../../../src/memory/contents/byte-words.ts";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { ChangesWriter } from "../../../src/memory/contents/changes-writer.ts";
import { differences, MOST_RUNS } from "../../../src/memory/contents/difference.ts";
import { Kind } from "../../../src/memory/contents/form.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import type { Name, NamedRange } from "../../../src/names/name.ts";
import { type NamesHandle, namesOf } from "../../../src/session/step-names.ts";

const PAGE = 5;
const BASE = PAGE * PAGE_SIZE;
const PID = 42;

interface Variable {
  readonly symbol: string;
  readonly at: number;
  readonly size: number;
}

/** In use above it. */
const STACK_POINTER = 2048;

/** A page of variables; what lies in none is the main thread's stack. */
function agentWith(variables: readonly Variable[], bytes: Uint8Array): NamesHandle {
  const nameAt = (address: number): { readonly name: Name; readonly end: number } => {
    const found = variables.find(({ at, size }) => address >= BASE + at && address < BASE + at + size);
    if (!found) {
      const next = Math.min(...variables.map(({ at }) => BASE + at).filter(at => at > address), Infinity);
      const above = address - BASE - STACK_POINTER;
      const mark = above < 0 ? BASE + STACK_POINTER : Infinity;
      return { name: { kind: "stack", thread: PID, above }, end: Math.min(next, mark) };
    }
    const start = BASE + found.at;
    const { symbol, size } = found;
    const offset = address - start;
    return {
      name: {
        kind: "symbol",
        symbol,
        spelled: symbol,
        address: start,
        offset,
        size,
        function: false,
        file: "/program",
      },
      end: start + size,
    };
  };
  return {
    async names(_pid, ranges) {
      const named: NamedRange[][] = [];
      for (let i = 0; i < ranges.length; i += 2) {
        const pieces: NamedRange[] = [];
        for (let at = ranges[i]; at < ranges[i + 1]; ) {
          const { name, end } = nameAt(at);
          pieces.push({ start: at, end: Math.min(end, ranges[i + 1]), name });
          at = end;
        }
        named.push(pieces);
      }
      return { named, types: [], problems: [] };
    },
    contents: { newest: async () => ({ bytes, known: Uint8Array.of(1), version: 1 }) },
  };
}

function changesBetween(before: Uint8Array, after: Uint8Array): Changes {
  const writer = new ChangesWriter();
  const spans = new Uint16Array(2 * MOST_RUNS);
  const words = (bytes: Uint8Array): Int32Array => new Int32Array(bytes.buffer);
  const runs = differences(words(before), 0, words(after), 0, spans);
  writer.addRuns(PAGE, Kind.CHANGED, spans, runs, { bytes: before, at: 0 }, { bytes: after, at: 0 });
  return Changes.over(writer.take());
}

function pages(stores: readonly (readonly [number, readonly number[]])[]): { before: Uint8Array; after: Uint8Array } {
  const before = new Uint8Array(PAGE_SIZE);
  before.set([7, 1], 100);
  const after = before.slice();
  for (const [at, bytes] of stores) after.set(bytes, at);
  return { before, after };
}

async function toldOf(stores: readonly (readonly [number, readonly number[]])[], variables: readonly Variable[]) {
  const { before, after } = pages(stores);
  const { changes } = await namesOf(changesBetween(before, after), PID, agentWith(variables, after));
  return changes.map(({ words, value }) => (value === undefined ? words : `${words}: ${value}`));
}

describe("The names of what a step changed", () => {
  it("give a small variable its whole value, though only one byte of it changed", async () => {
    assert.deepEqual(await toldOf([[100, [8]]], [{ symbol: "total", at: 100, size: 4 }]), ["total: 263 → 264"]);
  });

  it("give a part of a large one its place and bytes", async () => {
    const table = { symbol: "table", at: 64, size: 256 };
    assert.deepEqual(await toldOf([[132, [1, 2]]], [table]), ["table+68: 0000 → 0102"]);
  });

  it("tell several changes of one variable once", async () => {
    const table = { symbol: "table", at: 64, size: 256 };
    const stores = [
      [132, [1]],
      [200, [2]],
    ] as const;
    assert.deepEqual(await toldOf(stores, [table]), ["table+68"]);
  });

  it("cut a run of bytes where one variable ends and the next begins", async () => {
    const variables = [
      { symbol: "name", at: 64, size: 16 },
      { symbol: "next", at: 80, size: 1 },
    ];
    assert.deepEqual(await toldOf([[77, [65, 66, 67, 9]]], variables), ['name+13: "ABC"', "next: 0 → 9"]);
  });

  it("call the main thread's stack so", async () => {
    assert.deepEqual(await toldOf([[2400, [3]]], []), ["stack of the main thread: 00 → 03"]);
  });

  it("keep a local apart from what calls that are over left below it", async () => {
    const stores = [
      [2000, [9, 9]],
      [2400, [3]],
    ] as const;
    const { before, after } = pages(stores);
    const { changes } = await namesOf(changesBetween(before, after), PID, agentWith([], after));
    assert.deepEqual(
      changes.map(({ value, isNoise }) => [value, isNoise]),
      [
        ["0000 → 0909", true],
        ["00 → 03", false],
      ],
    );
  });
});

describe("A number in words", () => {
  it("has its sign, and is hexadecimal where it is large", () => {
    assert.equal(numberWords(Uint8Array.of(255, 255, 255, 255)), "-1");
    assert.equal(numberWords(Uint8Array.of(0, 0, 0, 128)), "0x80000000");
    assert.equal(numberWords(Uint8Array.of(255, 127)), "32767");
    assert.equal(numberWords(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 64)), "0x4000000000000001");
  });
});
