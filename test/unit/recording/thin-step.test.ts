// Older steps in less memory: everything that is asked of them is answered as before.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { LiveRecording } from "../../../src/recording/live.ts";
import { StepStore } from "../../../src/recording/step-store.ts";
import { thinned, writtenBytes, wroteIn } from "../../../src/recording/thin-step.ts";
import { stepOf } from "../ui/page.ts";
import { changedPages } from "./made.ts";

const someStep = (written: readonly number[], changed: readonly number[]) =>
  stepOf({
    number: 1,
    written: PageSet.from(written.map((page): [number, number] => [page, page + 1])),
    contents: {
      changes: changedPages(...changed.map((page): [number, [number, number[], number[]]] => [page, [4, [1], [2]]])),
      byDebugger: Changes.NONE,
    },
  });

const many = Array.from({ length: 400 }, (_, i) => 1000 + i * 7);

describe("A thin step", () => {
  it("takes less memory, and has the same pages", () => {
    const step = someStep([...many, 9000], [...many, 9100]);
    const thin = thinned(step);
    assert.ok(writtenBytes(thin) < writtenBytes(step) / 1.5, `${writtenBytes(thin)} of ${writtenBytes(step)}`);
    assert.ok(thin.written.equals(step.written));
    assert.ok({ ...thin }.written.equals(step.written));
  });

  it("is the step itself where nothing would be saved", () => {
    for (const step of [someStep([1], [1]), stepOf({ number: 1, written: PageSet.of(5, 9) }), someStep(many, [1])])
      assert.equal(thinned(step), step);
  });

  it("says of each range whether it wrote there, as its pages do", () => {
    fc.assert(
      fc.property(fc.nat(4200), fc.nat(40), (start, length) => {
        const step = someStep([...many, 2500, 2501], [...many, 2600]);
        const thin = thinned(step);
        assert.notEqual(thin, step);
        assert.equal(wroteIn(thin, start, start + length + 1), step.written.countIn(start, start + length + 1) > 0);
      }),
      { numRuns: 300 },
    );
  });

  it("is what a recording makes of a step that many others followed", () => {
    const recording = new LiveRecording("thin");
    for (let number = 1; number <= 100; number += 1) recording.addStep({ ...someStep(many, many), number });
    const { steps } = recording;
    assert.ok(writtenBytes(steps.at(0) as never) < writtenBytes(steps.at(99) as never));
    assert.ok(steps.at(0)?.written.equals(steps.at(99)?.written ?? PageSet.EMPTY));
    recording.clear();
    assert.equal(steps.bytes, 0);
  });
});

describe("The steps that may have touched some pages", () => {
  it("are all that did, newest first, whatever was forgotten, and few others", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(5), fc.nat(2 ** 31), (budget, spread, seed) => {
        const store = new StepStore({ steps: budget, bytes: 1e9, contents: 1e9 });
        const pageOf = (number: number, i: number): number =>
          0x7f0000000 + ((number * 7919 + i * 104_729 + seed) % (50 * 10 ** spread));
        for (let number = 1; number <= 400; number += 1) {
          const written = PageSet.from(
            Array.from({ length: number % 50 }, (_, i) => [pageOf(number, i), pageOf(number, i) + 1]),
          );
          const discarded = number % 9 === 0 ? PageSet.of(pageOf(number, 60), pageOf(number, 60) + 3) : PageSet.EMPTY;
          store.add(stepOf({ number, written, discarded }));
        }
        store.replace(stepOf({ number: 380, written: PageSet.of(5, 6) }));
        for (const first of [pageOf(390, 3), pageOf(200, 7), pageOf(9, 60), 5, 6]) {
          for (const last of [first + 1, first + 9, first + 40]) {
            const named = [...store.touching(first, last)].map(({ number }) => number);
            assert.deepEqual(
              named,
              [...named].sort((a, b) => b - a),
            );
            const did = [...store].filter(
              ({ written, discarded }) => written.countIn(first, last) + discarded.countIn(first, last) > 0,
            );
            for (const { number } of did) assert.ok(named.includes(number), `${number} of ${first} to ${last}`);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it("are few of many that wrote elsewhere", () => {
    const store = new StepStore();
    for (let number = 1; number <= 3000; number += 1)
      store.add(stepOf({ number, written: PageSet.of(number * 10, number * 10 + 3) }));
    const named = [...store.touching(10_001, 10_002)].map(({ number }) => number);
    assert.ok(named.includes(1000));
    assert.ok(named.length < 300, `${named.length}`);
  });
});
