// Older steps in less memory: everything that is asked of them is answered as before.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { PageFilter } from "../../../src/memory/page-filter.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { LiveRecording } from "../../../src/recording/live.ts";
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

describe("A filter of pages", () => {
  it("never denies a page that it holds, and few that it does not", () => {
    const pages = Array.from({ length: 1000 }, (_, i) => 0x7f0000000 + i * i * 3);
    const filter = new PageFilter(pages, pages.length);
    assert.ok(pages.every(page => filter.mayHold(page)));
    const others = Array.from({ length: 10_000 }, (_, i) => 0x600000000 + i * 11);
    const wrong = others.filter(page => filter.mayHold(page)).length;
    assert.ok(wrong < 600, `${wrong}`);
  });
});
