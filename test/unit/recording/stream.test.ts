// A recording that is written down while its session runs: each moment's file opens, and the last one is the whole.
import assert from "node:assert/strict";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { FileRecording } from "../../../src/recording/file/file-recording.ts";
import { RecordingStream } from "../../../src/recording/file/stream.ts";
import { stepJson } from "../../../src/recording/json.ts";
import { LiveRecording } from "../../../src/recording/live.ts";
import type { Step } from "../../../src/recording/step.ts";
import { stepOf } from "../ui/page.ts";
import { ARMING, changedPages, HEAD, LAYOUT } from "./made.ts";

const step = (number: number, more: Partial<Step> = {}): Step =>
  stepOf({
    number,
    layout: LAYOUT,
    written: PageSet.of(100, 101),
    contents: { changes: changedPages([100, [7, [number - 1], [number]]]), byDebugger: Changes.NONE },
    ...more,
  });

function streamed() {
  const recording = new LiveRecording("sample");
  const parts: Uint8Array[] = [];
  const copied: number[] = [];
  const stream = new RecordingStream(recording, {
    head: HEAD,
    write: async bytes => void parts.push(bytes),
    copies: async pages => {
      const after = recording.steps.last?.number ?? 0;
      copied.push(after);
      const bytes = new Uint8Array(pages.pageCount * PAGE_SIZE).fill(0xee);
      bytes[7] = after;
      return { after, pages, bytes };
    },
  });
  const opened = () => FileRecording.read("now.writewatch", Buffer.concat(parts));
  return { recording, stream, opened, copied };
}

describe("A recording written while its session runs", () => {
  it("opens at each moment with the steps that were told, and in the end is whole", async () => {
    const { recording, stream, opened } = streamed();
    recording.armed(42, ARMING, LAYOUT);
    for (const number of [1, 2, 3]) {
      recording.addStep(step(number));
      await stream.flush();
      const now = await opened();
      assert.deepEqual([now.steps.last?.number, now.pid], [number, 42]);
      assert.match(now.lack ?? "", /ended before it was complete/);
    }
    await stream.close();
    const whole = await opened();
    assert.equal(whole.lack, undefined);
    assert.deepEqual([...whole.steps].map(stepJson), [...recording.steps].map(stepJson));
  });

  it("takes a fuller account of a step that was written already", async () => {
    const { recording, stream, opened } = streamed();
    recording.addStep(step(1, { from: { line: 1, function: "f" } }));
    recording.addStep(step(2));
    await stream.flush();
    recording.replaceStep(step(1, { from: { line: 5, function: "g" } }));
    await stream.close();
    const { steps } = await opened();
    assert.deepEqual([steps.count, steps.at(0)?.from], [2, { line: 5, function: "g" }]);
  });

  it("copies each page once, at the first step that changed it, so that it is known after every step", async () => {
    const { recording, stream, opened, copied } = streamed();
    for (const number of [1, 2, 3]) {
      recording.addStep(step(number));
      await stream.flushStep();
    }
    await stream.close();
    assert.deepEqual(copied, [1]);
    const { pageAfter, steps } = await opened().then(file => ({
      steps: file.steps,
      pageAfter: file.pageAfter.bind(file),
    }));
    assert.equal(steps.count, 3);
    for (const number of [0, 1, 2, 3]) {
      const found = pageAfter(100, number);
      assert.ok("bytes" in found);
      assert.deepEqual([found.bytes[7], found.bytes[8]], [number, 0xee]);
    }
  });

  it("begins with what was recorded before, and forgets what is cleared", async () => {
    const recording = new LiveRecording("sample");
    for (const number of [1, 2]) recording.addStep(step(number));
    const parts: Uint8Array[] = [];
    const stream = new RecordingStream(recording, { head: HEAD, write: async bytes => void parts.push(bytes) });
    await stream.flush();
    const before = await FileRecording.read("x", Buffer.concat(parts));
    assert.equal(before.steps.count, 2);
    recording.clear();
    recording.addStep(step(1));
    await stream.close();
    const after = await FileRecording.read("x", Buffer.concat(parts));
    assert.deepEqual(
      [...after.steps].map(({ number }) => number),
      [1],
    );
  });

  it("tells once that it can't go on, and close says why", async () => {
    const recording = new LiveRecording("sample");
    const told: string[] = [];
    const stream = new RecordingStream(recording, {
      head: HEAD,
      write: async () => {
        throw new Error("no space left on device");
      },
      failed: why => void told.push(why),
    });
    recording.addStep(step(1));
    await stream.flush();
    recording.addStep(step(2));
    await stream.flush();
    await assert.rejects(stream.close(), /no space left/);
    assert.deepEqual(told, ["no space left on device"]);
  });
});
