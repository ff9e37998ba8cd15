// Files that somebody has cut off, changed, or made up: each opens or is refused in words; none hangs, none takes the memory.
import assert from "node:assert/strict";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { blockOf, fileHead, MOST_BLOCK_BYTES, readBlocks } from "../../../src/recording/file/blocks.ts";
import { FileRecording } from "../../../src/recording/file/file-recording.ts";
import { Kind } from "../../../src/recording/file/records.ts";
import { recordingBytes } from "../../../src/recording/file/save.ts";
import { Sink, WrittenBefore } from "../../../src/recording/file/sink.ts";
import { ReadBefore, Source } from "../../../src/recording/file/source.ts";
import { stepJson } from "../../../src/recording/json.ts";
import { sentence } from "../../../src/recording/summary.ts";
import { byteWritersOf } from "../../../src/recording/writers.ts";
import { mapReply } from "../../../src/ui/map/view.ts";
import { tableOf } from "../../../src/ui/table.ts";
import { SEED } from "../../seeds.ts";
import { countingRecording, HEAD, someRecording } from "./made.ts";

const CASES = Number(process.env.WRITEWATCH_CASES ?? 3000);
const BUDGET = { steps: 1000, bytes: 64 << 20, contents: 32 << 20 };

/** Opens it, and asks all that anyone asks of a recording. */
async function openAndAsk(bytes: Uint8Array): Promise<FileRecording | string> {
  let recording: FileRecording;
  try {
    recording = await FileRecording.read("x.writewatch", bytes, BUDGET);
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.match(error.message, /^x\.writewatch can't be opened: .+\.$/, error.stack);
    return error.message;
  }
  const { steps } = recording;
  for (const step of [steps.at(0), steps.last]) {
    if (!step) continue;
    JSON.stringify(stepJson(step));
    sentence(step);
    const page = step.written.next(0) ?? 100;
    byteWritersOf(steps, page * PAGE_SIZE, (page + 1) * PAGE_SIZE, 10);
    recording.pageAfter(page, step.number);
    tableOf(recording, { step: step.number, from: 0, count: 10 });
    mapReply(recording, {
      ...{ recording: recording.id, step: step.number, width: 800, height: 300, scroll: 0, overscan: 100, zoom: 0 },
      ...{ order: "address", filter: { writtenOnly: false, foldLibraries: true, text: "" } },
    });
  }
  return recording;
}

/** Numbers from a seed (mulberry32): the same cases on every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % below;
  };
}

/** Some bytes changed, cut out, doubled or put in. */
function mutated(bytes: Uint8Array, below: (most: number) => number): Uint8Array {
  let changed = Uint8Array.from(bytes);
  for (let times = 1 + below(4); times > 0; times -= 1) {
    const at = below(changed.length + 1);
    const length = Math.min(changed.length - at, 1 + below(12));
    const head = changed.subarray(0, at);
    const tail = changed.subarray(at + length);
    switch (below(6)) {
      case 0:
        changed[at] ^= 1 << below(8);
        break;
      case 1:
        changed[at] = [0, 1, 0x7f, 0x80, 0xff][below(5)];
        break;
      case 2:
        changed = Uint8Array.from([...head, ...tail]);
        break;
      case 3:
        changed = Uint8Array.from([...head, ...changed.subarray(at, at + length), ...changed.subarray(at)]);
        break;
      case 4:
        changed = Uint8Array.from([...head, ...Array.from({ length }, () => below(256)), ...changed.subarray(at)]);
        break;
      case 5:
        // A number as large as there are.
        changed = Uint8Array.from([...head, ...Array(below(8)).fill(0xff), below(128), ...tail]);
        break;
    }
  }
  return changed;
}

/** One record's bytes changed, and its length told as it is then. */
function mutatedWithin(records: Uint8Array, below: (most: number) => number): Uint8Array {
  const source = new Source(records, new ReadBefore());
  const found: { readonly kind: number; readonly body: Uint8Array }[] = [];
  while (source.left > 0) found.push({ kind: source.whole(), body: source.raw(source.whole()) });
  const chosen = below(found.length);
  return Buffer.concat(found.map(({ kind, body }, i) => record(kind, i === chosen ? mutated(body, below) : body)));
}

function numbers(...values: readonly number[]): Uint8Array {
  const sink = new Sink(new WrittenBefore());
  for (const value of values) sink.whole(value);
  return sink.written().slice();
}

function record(kind: number, body: Uint8Array): Uint8Array {
  return Buffer.concat([numbers(kind, body.length), body]);
}

async function fileOf(...blocks: readonly Uint8Array[]): Promise<Uint8Array> {
  return Buffer.concat([fileHead(), ...(await Promise.all(blocks.map(blockOf)))]);
}

async function recordsOf(file: Uint8Array): Promise<Uint8Array> {
  const blocks: Uint8Array[] = [];
  await readBlocks(file, bytes => blocks.push(bytes));
  return Buffer.concat(blocks);
}

describe("A hostile recording", () => {
  let files: Uint8Array[];

  before(async () => {
    const { recording, copies } = countingRecording(5);
    files = [await recordingBytes(someRecording(), HEAD), await recordingBytes(recording, HEAD, [copies(5)])];
  });

  const title = `opens or is refused in words, ${CASES.toLocaleString("en")} times`;
  it(`${title}: its bytes changed or cut off`, async function () {
    this.timeout(0);
    const below = random(SEED);
    for (let i = 0; i < CASES / 3; i += 1) {
      const file = files[i % files.length];
      await openAndAsk(below(3) === 0 ? file.subarray(0, below(file.length)) : mutated(file, below));
    }
  });

  it(`${title}: its records changed, and packed as they should be`, async function () {
    this.timeout(0);
    const below = random(SEED + 1);
    const records = await Promise.all(files.map(recordsOf));
    let opened = 0;
    for (let i = 0; i < (CASES * 2) / 3; i += 1) {
      const change = below(4) === 0 ? mutated : mutatedWithin;
      const result = await openAndAsk(await fileOf(change(records[i % records.length], below)));
      if (typeof result !== "string") opened += 1;
    }
    // Were all refused at once, nothing behind would be tried.
    assert.ok(opened > CASES / 20, `only ${opened} were opened`);
  });

  const head = Buffer.concat([numbers(Kind.HEAD, 3), Uint8Array.of(0, 0, 0)]);

  describe("is refused before it takes the memory, where", () => {
    const cases: readonly [string, () => Uint8Array | Promise<Uint8Array>, RegExp][] = [
      [
        "a block says that it holds gigabytes",
        () => {
          const block = new DataView(new ArrayBuffer(16));
          block.setUint32(0, 0x31425757, true);
          block.setUint32(8, 0xf0000000, true);
          return Buffer.concat([fileHead(), new Uint8Array(block.buffer)]);
        },
        /says that it holds 4026531840 bytes/,
      ],
      [
        "a block unpacks to more than it says",
        async () => {
          const block = await blockOf(new Uint8Array(MOST_BLOCK_BYTES));
          new DataView(block.buffer).setUint32(8, 100, true);
          return Buffer.concat([fileHead(), block]);
        },
        /a block holds more than the 100 bytes that it says/,
      ],
      [
        "thousands of blocks unpack to zeroes",
        async () => {
          const block = await blockOf(new Uint8Array(MOST_BLOCK_BYTES));
          return Buffer.concat([fileHead(), ...Array(600).fill(block)]);
        },
        /can't be opened: /,
      ],
      [
        "a record says that it has gigabytes",
        () => fileOf(Buffer.concat([head, numbers(Kind.STEP, 2 ** 40)])),
        /a record says that it has 1099511627776 bytes/,
      ],
      [
        "a list says that it has millions of items",
        () => fileOf(Buffer.concat([head, record(Kind.LAYOUT, numbers(1_000_000))])),
        /record 2 can't be read: a list of 1000000 items ends too early/,
      ],
      [
        "pages lie beyond all addresses",
        () => fileOf(Buffer.concat([head, record(Kind.RESIDENT, numbers(1, 2 ** 52, 5))])),
        /are none that a process could have/,
      ],
      [
        "copies are told of more pages than there are bytes",
        () => fileOf(Buffer.concat([head, record(Kind.COPIES, numbers(1, 1, 5, 2 ** 40))])),
        /fewer copies than pages/,
      ],
      ["a step comes before the head", () => fileOf(record(Kind.STEP, numbers(1))), /before the file's head/],
    ];
    for (const [what, bytes, words] of cases) {
      it(what, async () => {
        const result = await openAndAsk(await bytes());
        assert.ok(typeof result === "string");
        assert.match(result, words);
      });
    }
  });

  it("may hold records of kinds that are not known yet: they are passed over", async () => {
    const records = Buffer.concat([head, record(99, Uint8Array.of(1, 2, 3)), record(Kind.END, Uint8Array.of(7))]);
    const opened = await openAndAsk(await fileOf(records));
    assert.ok(typeof opened !== "string");
    assert.equal(opened.lack, undefined);
  });
});
