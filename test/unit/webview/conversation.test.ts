// The page's reducer and the real host, in one process: what a user sees after each thing that happens.
import assert from "node:assert/strict";
import { PageSet } from "../../../src/memory/page-set.ts";
import { LocateRequest, MapLayer } from "../../../src/ui/protocol.ts";
import { isLayerVisible } from "../../../webview/map/geometry.ts";
import { failures } from "../../../webview/reduce.ts";
import { shownItem } from "../../../webview/wants.ts";
import { type Made, makeRecording, startOf, stepOf } from "../../workbench/made-recording.ts";
import { type Desk, desk, FakeSession, mappingOf } from "../ui/page.ts";
import { ScriptedPage } from "./scripted-page.ts";

const MADE: Made = { title: "made up", mappings: 300, pages: 400, steps: 500 };

describe("A page and its host", () => {
  let host: Desk;
  let page: ScriptedPage;
  let session: FakeSession;

  beforeEach(async () => {
    host = desk();
    session = new FakeSession("sample");
    session.recording = makeRecording(MADE);
    host.sessions.add(session);
    page = await ScriptedPage.begun().talk(host);
  });

  afterEach(() => {
    assert.deepEqual(failures(page.state), []);
    host.dispose();
  });

  /** Whether the map shows, in its box, a cell that the chosen step wrote. */
  function showsWritten(): boolean {
    const { scroll, height } = page.state.map;
    const reply = page.state.slots.map.shown?.reply;
    return reply !== undefined && isLayerVisible(reply, layer => layer === MapLayer.WRITTEN, scroll, scroll + height);
  }

  it("show the newest step, its row, what it says, and where it wrote", () => {
    assert.equal(shownItem(page.state)?.title, "sample");
    assert.equal(page.state.chosen, 500);
    assert.equal(page.state.list.goTo?.position, 499);
    assert.equal(page.state.slots.details.shown?.reply?.number, 500);
  });

  it("bring each new step's writes into sight, wherever they are", async () => {
    for (const [number, mapping] of [
      [501, 299],
      [502, 3],
      [503, 160],
    ]) {
      const start = startOf(MADE, mapping);
      assert.ok(session.recording.layout);
      const step = { ...stepOf(MADE, session.recording.layout, number), written: PageSet.of(start, start + 64) };
      session.recording.addStep(step);
      await page.talk(host);
      assert.equal(page.state.chosen, number);
      assert.ok(showsWritten(), `step ${number}`);
    }
  });

  it("reach any step by keys, by search and from outside", async () => {
    await page.on({ type: "choiceMoved", by: -Infinity }).talk(host);
    assert.equal(page.state.chosen, 1);
    await page.on({ type: "choiceMoved", by: 250 }).talk(host);
    assert.equal(page.state.chosen, 251);
    await page.on({ type: "selected", recording: session.recording.id, step: 77 }).talk(host);
    assert.equal(page.state.chosen, 77);
    assert.equal(page.state.list.goTo?.position, 76);
    await page.on({ type: "listFiltered", text: "loop.c:42" }).talk(host);
    const numbers = page.state.slots.steps.shown?.reply.items.map(({ number }) => number) ?? [];
    assert.ok(numbers.includes(420) && !numbers.includes(77));
    await page.on({ type: "listFiltered", text: "" }).talk(host);
    assert.equal(page.state.list.goTo?.position, 76, "its row is sought again when the list is whole again");
    await page.on({ type: "listFiltered", writingOnly: true }).talk(host);
    const { from, items } = page.state.slots.steps.shown?.reply ?? { from: 0, items: [] };
    const position = from + items.findIndex(({ number }) => number === 77);
    assert.equal(page.state.list.goTo?.position, position);
  });

  it("go to addresses and names, and say so where there is none", async () => {
    await page.on({ type: "sought", target: { to: "text", text: "libmade-270.so" } }).talk(host);
    assert.equal(page.state.map.cursor, startOf(MADE, 270));
    assert.ok(page.state.map.scroll > 0);
    await page.on({ type: "sought", target: { to: "text", text: "nowhere" } }).talk(host);
    assert.match(page.state.sought ?? "", /nowhere/);
  });

  it("go to a variable that the recording knows, and to what else the debugger does", async () => {
    const heap = startOf(MADE, 1);
    const change = { start: heap * 4096 + 64, end: heap * 4096 + 68, bytes: 1, words: "counters[1]", isNoise: false };
    const object = { name: "counters", start: heap * 4096 + 60, end: heap * 4096 + 80 };
    const last = session.recording.steps.last;
    assert.ok(last);
    session.recording.replaceStep({ ...last, names: { changes: [{ ...change, object }], unnamed: 0 } });
    const to = (text: string) => page.on({ type: "sought", target: { to: "text", text } }).talk(host);
    await to("counters");
    assert.equal(page.state.map.cursor, heap + 60 / 4096);
    await to("list->next");
    assert.match(page.state.sought ?? "", /list->next/);
    host.expressions.set("list->next", (heap + 2) * 4096 + 8);
    host.expressions.set("1 / 0", undefined);
    await to("list->next");
    assert.equal(page.state.map.cursor, heap + 2 + 8 / 4096);
    await to("1 / 0");
    assert.match(page.state.sought ?? "", /1 \/ 0/);
  });

  it("put what the chosen step wrote first, at the top of the map", async () => {
    await page.on({ type: "chose", step: 498, reveal: false }).talk(host);
    await page.on({ type: "ordered", order: "written first" }).talk(host);
    assert.equal(page.state.map.scroll, 0);
    assert.equal(page.state.slots.map.shown?.reply.blocks[0].wrote, true);
  });

  describe("with a cell in sight", () => {
    const at = startOf(MADE, 200) + 7;
    /** Pixels from the box's top to the cell. */
    const heightOf = async (): Promise<number> => {
      const { map } = page.state.slots;
      assert.ok(map.shown);
      const place = { query: map.shown.query, target: { to: "page" as const, page: at } };
      return ((await host.request(LocateRequest, place))?.y ?? 0) - page.state.map.scroll;
    };

    beforeEach(async () => {
      await page.on({ type: "sought", target: { to: "page", page: at } }).talk(host);
    });

    it("keep it at its height while zooming", async () => {
      const before = await heightOf();
      await page.on({ type: "zoomed", by: 1, about: { page: at, offset: before } }).talk(host);
      assert.equal(page.state.map.zoom, 1);
      assert.equal(await heightOf(), before);
    });

    it("keep it there through quick keys, of which the later ones come before the map of the first", async () => {
      const before = await heightOf();
      for (let key = 0; key < 11; key += 1) {
        // Where the cell seems to be on the map of the zoom before, below the scroll position of this one.
        const offset = before - key * 100;
        page.on({ type: "zoomed", by: 1, about: { page: at, offset } });
        // The answer to where it is may come before the map.
        if (key === 5) await page.answerFrom(host, "place");
      }
      await page.talk(host);
      assert.equal(page.state.map.zoom, 11);
      assert.equal(await heightOf(), before);
    });

    it("keep it in its place when mappings come and go above it", async () => {
      const { layout } = session.recording;
      assert.ok(layout);
      const before = await heightOf();
      const come = Array.from({ length: 30 }, (_, i) => mappingOf(i * 40, 9));
      const newer = { ...layout, mappings: [...come, ...layout.mappings.slice(3)] };
      await page.on({ type: "followed", following: false }).talk(host);
      session.recording.setLayout(newer);
      await page.talk(host);
      assert.equal(page.state.slots.map.shown?.reply.allRows, MADE.mappings + 27);
      assert.equal(await heightOf(), before);
      session.recording.setLayout({ ...layout });
      await page.talk(host);
      assert.equal(await heightOf(), before);
    });
  });

  it("keep nothing of steps but what the page shows", async () => {
    for (let number = 501; number < 560; number += 1) {
      assert.ok(session.recording.layout);
      session.recording.addStep(stepOf(MADE, session.recording.layout, number));
      await page.talk(host);
    }
    const { length } = page.state.slots.steps.shown?.reply.items ?? [];
    assert.ok(Number(length) <= 160);
    assert.ok(JSON.stringify(page.state).length < 400_000);
  });
});
