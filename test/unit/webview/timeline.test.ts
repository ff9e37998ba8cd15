// The timeline on the page: bars found again under the pointer, and brushing, comparing, zooming and playing as events on a state.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PageSet } from "../../../src/memory/page-set.ts";
import { EMPTY_LAYOUT } from "../../../src/tracker/reports.ts";
import { MapLayer } from "../../../src/ui/protocol.ts";
import { barHeight, heightsOf } from "../../../webview/timeline/heights.ts";
import { barAt, barOfStep, barsIn, barWidth, placeOfSpan } from "../../../webview/timeline/scale.ts";
import { movedView, spanOf, viewWith, zoomedView } from "../../../webview/timeline/state.ts";
import { barWords } from "../../../webview/timeline/words.ts";
import { type Desk, desk, FakeSession, mappingOf, stepOf } from "../ui/page.ts";
import { ScriptedPage } from "./scripted-page.ts";

const layout = {
  ...EMPTY_LAYOUT,
  mappings: [mappingOf(100, 64, "[heap]"), mappingOf(1000, 64, "[stack]")],
};

const placed = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(3)), { minLength: 1, maxLength: 200 })
  .map(list => {
    let at = 1;
    const firsts: number[] = [];
    const lasts: number[] = [];
    for (const [length, gap] of list) {
      firsts.push(at + gap);
      lasts.push(at + gap + length - 1);
      at += gap + length;
    }
    return { firsts: Float64Array.from(firsts), lasts: Float64Array.from(lasts) };
  });

describe("The timeline's bars", () => {
  it("are found again under the pointer, and from each of their steps", () => {
    fc.assert(
      fc.property(placed, fc.integer({ min: 50, max: 1600 }), (bars, width) => {
        const wide = barWidth(bars, width);
        bars.firsts.forEach((first, bar) => {
          assert.equal(barAt(bars, width, bar * wide), bar);
          assert.equal(barAt(bars, width, bar * wide + wide - 0.5), bar);
          assert.equal(barOfStep(bars, first), bar);
          assert.equal(barOfStep(bars, bars.lasts[bar]), bar);
        });
        assert.equal(barAt(bars, width, -5), 0);
        assert.equal(barAt(bars, width, 1e6), bars.firsts.length - 1);
      }),
    );
  });

  it("lie under a brush's frame exactly where they hold one of its steps", () => {
    fc.assert(
      fc.property(placed, fc.nat(500), fc.nat(60), (bars, first, length) => {
        const span = { first, last: first + length };
        const wide = barWidth(bars, 800);
        const touched = [...bars.firsts.keys()].filter(
          bar => bars.firsts[bar] <= span.last && first <= bars.lasts[bar],
        );
        const place = placeOfSpan(bars, 800, span);
        if (touched.length === 0) assert.ok(place === undefined || place.left === place.right);
        else assert.deepEqual(place, { left: touched[0] * wide, right: ((touched.at(-1) ?? 0) + 1) * wide });
      }),
    );
  });

  it("fit into the room that they were asked for", () => {
    for (const width of [1, 50, 333, 1600])
      assert.ok(
        barsIn(width) * barWidth({ firsts: new Float64Array(barsIn(width)), lasts: new Float64Array() }, width) <=
          Math.max(3, width),
      );
  });

  it("show the smallest beside the largest, and nothing as nothing", () => {
    assert.equal(barHeight(0, 10_000, 40), 0);
    assert.equal(barHeight(10_000, 10_000, 40), 40);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }), (value, more) => {
        const [low, high] = [barHeight(value, value + more, 40), barHeight(value + more, value + more, 40)];
        assert.ok(low >= 2 && low <= high && high === 40);
      }),
    );
  });

  it("give way to nothing where it is low: first the lanes go, then the numbers", () => {
    const threads = [{ id: 1 }, { id: 2 }];
    const heights = (height: number) => heightsOf({ threads, ran: Uint8Array.of(1, 2) }, height);
    assert.ok(heights(74).lanes > 0 && heights(74).axis > 0);
    assert.ok(heights(40).lanes === 0 && heights(40).axis > 0);
    assert.ok(heights(20).lanes === 0 && heights(20).axis === 0);
    for (const height of [5, 20, 40, 74]) assert.ok(heights(height).bars >= 1);
    assert.equal(heightsOf({ threads: [{ id: 1 }], ran: Uint8Array.of(1) }, 74).lanes, 0);
  });

  it("are told in words", () => {
    const reply = {
      ...{ revision: 1, oldest: 1, newest: 4, view: { first: 1, last: 4 }, stepsPerBar: 2 },
      ...{ firsts: Float64Array.of(1, 3), lasts: Float64Array.of(2, 3), groups: ["[heap]", "[stack]"] },
      values: Float64Array.of(1200, 1, 0, 0),
      ...{ unknown: Uint8Array.of(0, 1), threads: [{ id: 7, name: "main" }, { id: 9 }], ran: Uint8Array.of(3, 4) },
    };
    assert.deepEqual(barWords(reply, 0, "pages"), {
      ...{ steps: "Steps 1 to 2", whole: "1,201 pages", parts: "1,200 [heap], 1 [stack]", threads: "main, thread 9" },
    });
    assert.deepEqual(barWords(reply, 1, "bytes"), {
      ...{ steps: "Step 3", whole: "0 changed bytes; the bytes are not known", parts: "", threads: "others" },
    });
  });
});

describe("The timeline's view", () => {
  const ends = { oldest: 1, newest: 1000 };

  it("stays within the steps that there are, and about the step that was pointed at", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 8, max: 500 }),
        fc.integer({ min: -3, max: 3 }),
        (first, length, by) => {
          const view = { first, last: Math.min(1000, first + length) };
          const about = Math.round((view.first + view.last) / 2);
          for (const after of [zoomedView(view, by, about, ends), movedView(view, by * 100, ends)]) {
            if (!after) continue;
            assert.ok(ends.oldest <= after.first && after.first <= after.last && after.last <= ends.newest);
          }
          const nearer = zoomedView(view, 1, about, ends);
          assert.ok(nearer && nearer.first <= about && about <= nearer.last);
        },
      ),
    );
  });

  it("is all steps again where it would be more, and moves as little as brings a step into it", () => {
    assert.equal(zoomedView({ first: 300, last: 900 }, -1, 500, ends), undefined);
    assert.deepEqual(viewWith({ first: 10, last: 20 }, 25), { first: 15, last: 25 });
    assert.deepEqual(viewWith({ first: 10, last: 20 }, 5), { first: 5, last: 15 });
    assert.deepEqual(viewWith({ first: 10, last: 20 }, 12), { first: 10, last: 20 });
  });
});

describe("A page with a timeline", () => {
  let host: Desk;
  let session: FakeSession;
  let page: ScriptedPage;

  const step = (number: number): void => {
    const start = number % 2 === 0 ? 100 : 1000;
    session.recording.addStep(
      stepOf({ number, layout, written: PageSet.of(start, start + number), thread: { id: number % 2 } }),
    );
  };

  beforeEach(async () => {
    host = desk();
    session = host.sessions.add(new FakeSession("s"));
    session.recording.armed(
      1,
      { backend: "wp-async", populatedOnly: [], notArmed: [], microseconds: 1, mappings: 2, pages: 128 },
      layout,
    );
    for (let number = 1; number <= 12; number += 1) step(number);
    page = ScriptedPage.begun();
    page.on({ type: "timelineResized", width: 600, height: 70 });
    await page.talk(host);
  });

  afterEach(() => host.dispose());

  const brush = () => page.state.slots.brush.shown?.reply;
  const layers = (): Set<number> =>
    new Set(
      page.state.slots.map.shown?.reply.blocks.flatMap(({ levels }) => [...levels].filter((_, i) => i % 2 === 0)),
    );

  it("has a bar of each step, and one more with each that comes", async () => {
    const bars = () => page.state.slots.timeline.shown?.reply.firsts.length;
    assert.equal(bars(), 12);
    step(13);
    await page.talk(host);
    assert.equal(bars(), 13);
  });

  it("brushes from the chosen step on, and shows on the map what any of the steps wrote", async () => {
    page.on({ type: "chose", step: 4, reveal: false }).on({ type: "brushBegun" }).on({ type: "brushExtended", by: 3 });
    await page.talk(host);
    assert.match(brush()?.title ?? "", /^Steps 4 to 7: 4 steps wrote 13 pages$/);
    assert.deepEqual(
      brush()?.ranges.map(({ start, end, first, last, steps }) => [start, end, first, last, steps]),
      [
        [100, 106, 4, 6, 2],
        [1000, 1007, 5, 7, 2],
      ],
    );
    assert.ok(page.done.some(effect => effect.do === "announce" && /13 pages/.test(effect.text)));
    const map = page.state.slots.map.shown?.reply;
    assert.deepEqual(
      map?.blocks.map(({ caption }) => caption),
      ["6 of 64 written", "7 of 64 written"],
    );
  });

  it("draws a brush to the left as well, and not beyond the steps that there are", async () => {
    page.on({ type: "chose", step: 3, reveal: false }).on({ type: "brushExtended", by: -50 });
    await page.talk(host);
    assert.match(brush()?.title ?? "", /^Steps 1 to 3/);
    page.on({ type: "brushExtended", by: 500 });
    await page.talk(host);
    assert.match(brush()?.title ?? "", /^Steps 3 to 12/);
  });

  it("compares two brushes, and lets go of one after the other", async () => {
    page.on({ type: "compared", isComparing: true });
    assert.equal(page.state.timeline.isComparing, false, "there is nothing to compare with yet");
    page.on({ type: "brushed", brush: { anchor: 2, head: 4 } });
    page.on({ type: "compared", isComparing: true });
    page.on({ type: "brushed", brush: { anchor: 8, head: 6 } });
    await page.talk(host);
    assert.deepEqual(page.state.timeline.brush && spanOf(page.state.timeline.brush), { first: 2, last: 4 });
    assert.deepEqual(brush()?.facts, ["only here: 0 pages", "only there: 8 pages", "both: 7 pages"]);
    assert.ok(layers().has(MapLayer.BOTH) && layers().has(MapLayer.ONLY_THERE) && !layers().has(MapLayer.ONLY_HERE));
    page.on({ type: "brushLetGo" });
    await page.talk(host);
    assert.match(brush()?.title ?? "", /^Steps 2 to 4: 3 steps/);
    page.on({ type: "brushLetGo" });
    await page.talk(host);
    assert.equal(page.state.slots.map.shown?.query.look, undefined);
  });

  it("plays step after step once the map shows each, and stops at the end, of the brush where there is one", async () => {
    const played = async (): Promise<number[]> => {
      const steps: number[] = [];
      page.on({ type: "played", isPlaying: true });
      while (page.state.timeline.isPlaying && steps.length < 30) {
        steps.push(page.state.chosen ?? 0);
        await page.talk(host);
        const tick = page.state.timeline.tick;
        assert.ok(tick !== undefined && page.done.some(effect => effect.do === "tick" && effect.tick === tick));
        page.on({ type: "ticked", tick });
      }
      return steps;
    };
    page.on({ type: "chose", step: 9, reveal: false });
    assert.deepEqual(await played(), [9, 10, 11, 12]);
    assert.deepEqual((await played()).slice(0, 3), [1, 2, 3], "from the end it begins anew");
    page.on({ type: "brushed", brush: { anchor: 5, head: 7 } });
    await page.talk(host);
    assert.deepEqual(await played(), [5, 6, 7]);
  });

  it("waits with playing for a map that has not come, and forgets a tick of playing that was stopped", async () => {
    page.on({ type: "chose", step: 2, reveal: false }).on({ type: "played", isPlaying: true });
    assert.equal(page.state.timeline.tick, undefined);
    await page.talk(host);
    const { tick } = page.state.timeline;
    assert.ok(tick !== undefined);
    page.on({ type: "played", isPlaying: false }).on({ type: "ticked", tick });
    assert.equal(page.state.chosen, 2);
  });

  it("keeps nothing of a brush for another recording", async () => {
    page.on({ type: "brushed", brush: { anchor: 5, head: 7 } });
    await page.talk(host);
    const other = host.sessions.add(new FakeSession("other"));
    other.recording.armed(
      2,
      { backend: "wp-async", populatedOnly: [], notArmed: [], microseconds: 1, mappings: 2, pages: 128 },
      layout,
    );
    host.recordings.show(other.recording.id);
    await page.talk(host);
    assert.equal(page.state.timeline.brush, undefined);
    assert.equal(page.state.slots.brush.shown, undefined);
  });

  it("asks for no timeline where that is put away", async () => {
    page.on({ type: "timelineShown", isShown: false });
    step(13);
    await page.talk(host);
    assert.equal(page.state.slots.timeline.shown?.reply.newest, 12);
  });

  it("tells by the map's colours age, count, kind and thread", async () => {
    const color = async (value: "last" | "first" | "count" | "kind" | "thread"): Promise<Set<number>> => {
      page.on({ type: "colored", color: value });
      await page.talk(host);
      return layers();
    };
    const { DEGREE_FIRST, DEGREE_LAST, CLASS_FIRST } = MapLayer;
    // Page 100 was written by all six even steps, page 111 by the last one alone.
    assert.ok((await color("last")).has(DEGREE_LAST));
    const counted = await color("count");
    assert.ok(counted.has(DEGREE_FIRST) && counted.has(DEGREE_FIRST + 2) && !counted.has(DEGREE_FIRST + 3));
    assert.deepEqual([...(await color("kind"))].filter(layer => layer >= CLASS_FIRST).sort(), [
      CLASS_FIRST,
      CLASS_FIRST + 1,
    ]);
    assert.deepEqual([...(await color("thread"))].filter(layer => layer >= CLASS_FIRST).sort(), [
      CLASS_FIRST,
      CLASS_FIRST + 1,
    ]);
    assert.deepEqual(page.state.slots.map.shown?.reply.classes, ["thread 0", "thread 1"]);
  });
});
