// Stop at Write in a session: what the window sees of a hit, what is done unseen, and that nothing hangs.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { parseCondition } from "../../../src/session/watch-condition.ts";
import { PATIENCE, Scene, type Store, TABLE, TABLE_BYTES } from "./watch-scene.ts";

const ELSEWHERE = TABLE_BYTES;
const SCRIPT: readonly Store[] = [
  { thread: 1, offset: ELSEWHERE, value: 1 },
  { thread: 1, offset: 16, value: 5, function: "fill" },
  { thread: 2, offset: 17, value: 0, function: "clear" },
  { thread: 1, offset: ELSEWHERE, value: 1 },
  { thread: 2, offset: 16, value: 9, function: "fill" },
];

describe("A session that watches", () => {
  it("stands before the store, and the window is told of its thread and why", async () => {
    const scene = new Scene(SCRIPT);
    await scene.watch();
    await scene.press("continue");
    const [hit] = scene.hits;
    assert.deepEqual(scene.seen, ["data breakpoint in 1"]);
    assert.equal(scene.bytes[16], 0);
    assert.equal(hit, scene.watching.hit);
    assert.deepEqual(
      [hit?.address, hit?.place?.line, hit?.place?.function, hit?.isBefore],
      [TABLE + 16, 2, "fill", true],
    );
    assert.deepEqual(
      hit?.stack.map(frame => frame.function),
      ["fill", "caller"],
    );
    assert.equal(hit?.words, "Stopped before a write to table (byte 16).");
  });

  it("does that store alone before the program goes on, and no one sees it", async () => {
    const scene = new Scene(SCRIPT);
    await scene.watch();
    await scene.press("continue");
    scene.asked.length = 0;
    const { halts } = scene.phase;
    await scene.press("continue");
    assert.deepEqual(scene.asked, ["stepIn", "continue"]);
    assert.deepEqual(scene.seen, ["data breakpoint in 1", "data breakpoint in 2"]);
    assert.equal(scene.phase.halts, halts + 1);
    assert.equal(scene.bytes[16], 5);
    assert.deepEqual(
      scene.hits.map(({ place }) => place?.line),
      [2, 3],
    );
    assert.deepEqual(scene.passed, []);
  });

  it("tells every store once, to the program's end", async () => {
    const scene = new Scene(SCRIPT);
    await scene.watch();
    for (let i = 0; i < 4; i += 1) await scene.press("continue");
    assert.deepEqual(
      scene.hits.map(({ number, thread }) => [number, thread.id]),
      [
        [1, 1],
        [2, 2],
        [3, 2],
      ],
    );
    assert.equal(scene.phase.program, "ended");
    assert.equal(scene.watching.hit, undefined);
    assert.equal(scene.watching.state("w")?.hits, 3);
    assert.deepEqual([scene.bytes[16], scene.bytes[17]], [9, 0]);
  });

  it("ends a step where the store was all that was left of the line", async () => {
    const scene = new Scene(SCRIPT);
    await scene.watch();
    await scene.press("continue");
    await scene.press("next");
    assert.deepEqual(scene.seen, ["data breakpoint in 1", "step in 1"]);
    assert.equal(scene.bytes[16], 5);
    assert.equal(scene.phase.program, "stopped");
    assert.equal(scene.hits.length, 1);
  });

  it("shows no stop where the condition does not hold", async () => {
    for (const [text, lines] of [
      ["changes", [2, 5]],
      ["becomes 9 of 1 byte", [5]],
      ["from hit 3", [5]],
      ["not from fill", [3]],
      ["becomes 77", []],
    ] as [string, number[]][]) {
      const scene = new Scene(SCRIPT);
      const condition = parseCondition(text);
      await scene.watch(condition ? { condition } : {});
      for (let i = 0; i < 6 && scene.phase.program !== "ended"; i += 1) await scene.press("continue");
      assert.deepEqual(
        scene.hits.map(({ place }) => place?.line),
        lines,
        text,
      );
      assert.equal(scene.seen.length, lines.length, `${text}: ${scene.seen}`);
      assert.equal(scene.phase.program, "ended", text);
      assert.equal(scene.watching.state("w")?.hits, 3, text);
      assert.deepEqual([scene.bytes[16], scene.bytes[17]], [9, 0], text);
    }
  });

  it("tells the bytes after a store that its condition had done, and that the program stands behind it", async () => {
    const scene = new Scene(SCRIPT);
    await scene.watch({ condition: { changes: true } });
    await scene.press("continue");
    const [hit] = scene.hits;
    assert.deepEqual([hit?.before[0], hit?.after?.[0], hit?.isBefore], [0, 5, false]);
    assert.equal(hit?.words, "Stopped after a write to table (byte 16).");
  });

  it("logs each store without a stop", async () => {
    const scene = new Scene(SCRIPT);
    await scene.watch({ log: true });
    await scene.press("continue");
    assert.deepEqual(
      scene.hits.map(({ stopped, place }) => [stopped, place?.line]),
      [
        [false, 2],
        [false, 3],
        [false, 5],
      ],
    );
    assert.deepEqual(scene.seen, []);
    assert.equal(scene.phase.program, "ended");
  });

  it("stops at a logged store that has cut a step short, which can't be taken up again", async () => {
    const scene = new Scene(SCRIPT.slice(1));
    await scene.watch({ log: true });
    await scene.press("next");
    assert.deepEqual(
      scene.hits.map(({ stopped }) => stopped),
      [true],
    );
    assert.deepEqual(scene.seen, ["data breakpoint in 1"]);
  });

  it("tells of a store that met another stop when it comes again", async () => {
    const scene = new Scene(SCRIPT, { isDeaf: true });
    await scene.watch();
    const going = scene.press("continue");
    await sleep(5);
    scene.halt("breakpoint", 3);
    await going;
    assert.deepEqual(scene.seen, ["breakpoint in 3"]);
    assert.equal(scene.hits.length, 0);
    const again = scene.press("continue");
    await sleep(5);
    scene.halt("SIGHALT", 1);
    await again;
    assert.deepEqual(
      scene.hits.map(({ place }) => place?.line),
      [2],
    );
  });

  it("asks for a pause where the signal has no effect", async () => {
    const scene = new Scene(SCRIPT, { isDeaf: true });
    await scene.watch();
    await scene.press("continue");
    await sleep(PATIENCE + 20);
    await scene.rest();
    assert.deepEqual(scene.asked, ["continue", "pause"]);
    assert.deepEqual(scene.seen, ["data breakpoint in 1"]);
    assert.equal(scene.hits.length, 1);
  });

  it("lets the store through, and says so, where the program can't be halted at all", async () => {
    const scene = new Scene(SCRIPT.slice(0, 2), { isDeaf: true, mute: ["pause"] });
    await scene.watch();
    await scene.press("continue");
    await sleep(3 * PATIENCE);
    await scene.rest();
    assert.match(scene.hits[0]?.words ?? "", /^A write to table \(byte 16\) was let through: /);
    assert.deepEqual([scene.hits[0]?.stopped, scene.passed, scene.bytes[16]], [false, [1], 5]);
    assert.equal(scene.phase.program, "ended");
  });

  it("has a store beside what is watched done alone, while nobody sees the program stand", async () => {
    const beside = { thread: 2, offset: -8, value: 1 };
    const scene = new Scene([beside, { thread: 1, offset: 16, value: 2 }, beside]);
    await scene.watch();
    await scene.press("continue");
    assert.deepEqual(scene.asked, ["continue", "stepIn", "continue"]);
    assert.deepEqual(
      scene.seen.filter(stop => !/^step /.test(stop)),
      ["data breakpoint in 1"],
    );
    assert.deepEqual(
      scene.hits.map(({ beforeAt }) => beforeAt),
      [TABLE + 16],
    );
    assert.deepEqual(scene.passed, []);
    await scene.press("continue");
    assert.equal(scene.hits.length, 1);
    assert.deepEqual(scene.passed, []);
  });

  it("lets a store beside what is watched through at once where a halt would cut a step short", async () => {
    const scene = new Scene([{ thread: 1, offset: -8, value: 1 }]);
    await scene.watch();
    await scene.press("next");
    assert.deepEqual(scene.passed, [1]);
    assert.deepEqual(scene.hits, []);
  });

  it("asks again for a pause that came while the store was done unseen", async () => {
    const scene = new Scene(SCRIPT.slice(0, 2));
    await scene.watch();
    await scene.press("continue");
    const going = scene.press("continue");
    await scene.press("pause");
    await going;
    scene.asked.length = 0;
    await sleep(100);
    assert.deepEqual(scene.asked, ["pause"]);
  });

  it("does not hang where the debugger does not answer for a stack or an instruction", async () => {
    for (const mute of ["stackTrace", "stepIn"]) {
      const scene = new Scene(SCRIPT, { mute: [mute] });
      await scene.watch();
      await scene.press("continue");
      await scene.rest();
      assert.equal(scene.hits.length, 1, mute);
      await scene.press("continue");
      await sleep(2 * PATIENCE);
      await scene.rest();
      assert.ok(scene.hits.length >= 2 || scene.passed.length >= 1, mute);
    }
  });

  it("forgets what it halts for when it is told to watch nothing, or its memory is let go", async () => {
    const scene = new Scene(SCRIPT);
    await scene.watch();
    await scene.press("continue");
    await scene.watching.set([]);
    assert.deepEqual(scene.watching.list, []);
    assert.equal(scene.watching.state("w"), undefined);
  });
});
