// Recordings as files: what was saved comes back as it was, what is cut off opens as far as it goes, and what is no recording is refused in words.
import assert from "node:assert/strict";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { toWords } from "../../../src/names/name.ts";
import { fileHead } from "../../../src/recording/file/blocks.ts";
import { FileRecording } from "../../../src/recording/file/file-recording.ts";
import { recordingBytes } from "../../../src/recording/file/save.ts";
import { RecordingWriter } from "../../../src/recording/file/writer.ts";
import { stepJson } from "../../../src/recording/json.ts";
import type { Step } from "../../../src/recording/step.ts";
import { summarize } from "../../../src/recording/summary.ts";
import { inspect } from "../../../src/ui/inspector/inspect.ts";
import type { InspectQuery } from "../../../src/ui/protocol.ts";
import { ARMING, changesOf, countingRecording, HEAD, LAYOUT, recordingOf, STEPS, someRecording } from "./made.ts";

const QUERY: Omit<InspectQuery, "start" | "end"> = { recording: "", step: 4, count: 10 };

const read = (bytes: Uint8Array): Promise<FileRecording> => FileRecording.read("run.writewatch", bytes);

describe("A recording's file", () => {
  it("gives back what was saved", async () => {
    const saved = someRecording();
    const opened = await read(await recordingBytes(saved, HEAD));
    assert.deepEqual([opened.kind, opened.title, opened.pid, opened.lack], ["file", "run.writewatch", 42, undefined]);
    assert.deepEqual(opened.head, HEAD);
    assert.deepEqual(opened.arming, ARMING);
    assert.deepEqual({ ...opened.layout, revision: 0 }, { ...LAYOUT, revision: 0 });
    assert.equal(opened.steps.count, STEPS.length);
    for (const step of STEPS) {
      const back = opened.steps.byNumber(step.number);
      assert.ok(back);
      sameStep(back, step);
    }
    assert.ok(opened.everWritten.equals(saved.everWritten));
    assert.ok(opened.resident.equals(saved.resident));
  });

  it("is the same when it is saved again", async () => {
    const first = await recordingBytes(someRecording(), HEAD);
    const opened = await read(first);
    assert.deepEqual(await recordingBytes(opened, opened.head), first);
    const { recording, copies } = countingRecording(4);
    const second = await recordingBytes(recording, HEAD, [{ ...copies(4), pages: PageSet.of(7, 8) }, copies(2)]);
    const again = await read(second);
    assert.deepEqual(await recordingBytes(again, again.head, again.copyRecords()), second);
  });

  it("knows the variables that its steps changed by their names and types", async () => {
    const opened = await read(await recordingBytes(someRecording(), HEAD));
    const [object] = STEPS[0].names?.changes.flatMap(change => change.object ?? []) ?? [];
    assert.ok(object);
    const names = await opened.memory.names?.(object.start - 2, object.end + 2, 10);
    assert.deepEqual(
      names?.pieces.map(({ start, end, name }) => [start - object.start, end - object.start, toWords(name)]),
      [
        [-2, 0, "[heap]+0x1006"],
        [0, 4, "counter"],
        [4, 6, "[heap]+0x100c"],
      ],
    );
    const { values, facts } = (await inspect(opened, { ...QUERY, start: object.start, end: object.end })) ?? {};
    assert.deepEqual(values?.[0], { words: "counter.low", type: "short", before: "0", after: "513", isChanged: true });
    assert.match(facts?.[0] ?? "", /^Part of counter, struct counter, 4 bytes from 0x\w+, a variable\.$/);
  });

  it("of a writer that knew no types opens as well", async () => {
    const untyped = STEPS.map(step => {
      const changes = step.names?.changes.map(({ object, ...rest }) =>
        object ? { ...rest, object: { ...object, types: undefined } } : rest,
      );
      return changes ? { ...step, names: { changes, unnamed: 0 } } : step;
    });
    const opened = await read(await recordingBytes(recordingOf(untyped), HEAD));
    const names = await opened.memory.names?.(101 * PAGE_SIZE + 8, 101 * PAGE_SIZE + 12, 10);
    assert.deepEqual(names?.types, []);
    assert.deepEqual(
      names?.pieces.map(({ name }) => toWords(name)),
      ["counter"],
    );
  });

  it("shares layouts, notes and places between steps that have the same", async () => {
    const opened = await read(await recordingBytes(someRecording(), HEAD));
    const [first, second] = [...opened.steps];
    assert.equal(first.layout, second.layout);
    assert.equal(opened.layout, second.layout);
  });

  it("tells how many steps were forgotten before it was saved, and what they wrote", async () => {
    const recording = recordingOf(STEPS, { steps: 1, bytes: 1e9, contents: 1e9 });
    const opened = await read(await recordingBytes(recording, HEAD));
    assert.deepEqual([opened.steps.count, opened.steps.forgotten], [1, STEPS.length - 1]);
    assert.ok(opened.everWritten.equals(recording.everWritten));
  });

  it("is read within a budget, the oldest steps forgotten", async () => {
    const many = Array.from({ length: 30 }, (_, i): Step => ({ ...STEPS[1], number: i + 1 }));
    const bytes = await recordingBytes(recordingOf(many), HEAD);
    const { steps } = await FileRecording.read("many", bytes, { steps: 10, bytes: 1e9, contents: 1e9 });
    assert.deepEqual([steps.count, steps.forgotten, steps.at(0)?.number], [10, 20, 21]);
  });

  it("holds steps that are larger than a block", async () => {
    // Bytes that can't be compressed, nine MiB of them.
    const noise = new Uint8Array(9 << 20);
    for (let at = 0; at < noise.length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536));
    const changes = changesOf(200, noise);
    const step: Step = { ...STEPS[1], contents: { changes, byDebugger: Changes.NONE } };
    const opened = await read(await recordingBytes(recordingOf([step]), HEAD));
    assert.deepEqual(opened.steps.at(0)?.contents?.changes.toBytes(), changes.toBytes());
  });

  it("that is cut off opens up to its last whole block, and says so", async () => {
    const writer = new RecordingWriter(HEAD);
    const parts: Uint8Array[] = [];
    for (const number of [1, 2, 3]) {
      writer.step({ ...STEPS[1], number });
      writer.flush();
      parts.push(await writer.take());
    }
    const whole = Buffer.concat(parts);
    for (const [length, last] of [
      [whole.length - 1, 2],
      [parts[0].length + parts[1].length, 2],
      [parts[0].length + parts[1].length - 5, 1],
      [parts[0].length + 3, 1],
    ]) {
      const opened = await read(whole.subarray(0, length));
      assert.equal(opened.steps.last?.number, last);
      assert.match(opened.lack ?? "", new RegExp(`not whole.*its last step is ${last}`));
    }
  });

  it("with a damaged block opens up to it, and says so", async () => {
    const bytes = await recordingBytes(someRecording(), HEAD);
    const twice = Buffer.concat([bytes, bytes.subarray(16)]);
    twice[bytes.length + 40] ^= 1;
    const opened = await read(twice);
    assert.equal(opened.steps.count, STEPS.length);
    assert.match(opened.lack ?? "", /a block is damaged after byte/);
  });

  describe("is refused in words where", () => {
    const newer = fileHead();
    newer[8] = 2;
    const cases: readonly [string, () => Uint8Array | Promise<Uint8Array>, RegExp][] = [
      ["it is empty", () => new Uint8Array(0), /run\.writewatch can't be opened: it is empty\./],
      ["it is of something else", () => Buffer.from("\x7fELF and so on, for a while"), /no recording of WriteWatch's/],
      ["it is an export as text", () => Buffer.from('{"event":"step"}\n'), /no recording of WriteWatch's/],
      ["it is of a newer version", () => newer, /newer WriteWatch \(format 2; this one reads 1\)/],
      ["nothing is behind its head", () => fileHead(), /holds no whole record/],
      ["it is cut off in its head", () => fileHead().subarray(0, 10), /cut off before its first block/],
      [
        "it is cut off in its first block",
        async () => (await recordingBytes(someRecording(), HEAD)).subarray(0, 60),
        /cut off/,
      ],
    ];
    for (const [what, bytes, words] of cases) {
      it(what, async () => {
        await assert.rejects(read(await bytes()), words);
      });
    }
  });

  it("tells a page as it was after each step, from one copy", async () => {
    const { recording, copies, pageAfterStep } = countingRecording(10);
    for (const after of [0, 3, 10]) {
      const opened = await read(await recordingBytes(recording, HEAD, [copies(after)]));
      for (let number = 0; number <= 10; number += 1)
        assert.deepEqual(opened.pageAfter(100, number), { bytes: pageAfterStep(number), isMixed: false });
    }
  });

  it("without a copy says that the page is not known", async () => {
    const opened = await read(await recordingBytes(countingRecording(3).recording, HEAD));
    assert.ok("unknown" in opened.pageAfter(100, 2));
  });
});

function sameStep(back: Step, step: Step): void {
  assert.deepEqual(stepJson(back), stepJson(step));
  assert.deepEqual(
    { ...back, layout: undefined, settled: true, ...sets(back) },
    { ...step, layout: undefined, settled: true, ...sets(step) },
  );
  assert.equal(summarize(back), summarize(step));
}

/** Page sets by their runs: what they have counted for themselves is no difference. */
function sets({ written, kernel, debugger: debuggers, discarded, contents }: Step): object {
  const runs = (set: PageSet): number[][] => [...set.pairs()];
  return {
    written: runs(written),
    kernel: runs(kernel),
    debugger: runs(debuggers),
    discarded: runs(discarded),
    contents: contents && [contents.changes.toBytes(), contents.byDebugger.toBytes(), contents.missing],
  };
}
