// The page's reducer and the real host, in one process: what a user sees after each thing that happens.
import assert from "node:assert/strict";
import { PageSet } from "../../../src/memory/page-set.ts";
import { MapLayer } from "../../../src/ui/protocol.ts";
import { isLayerVisible } from "../../../webview/map/geometry.ts";
import { failures } from "../../../webview/reduce.ts";
import { shownItem } from "../../../webview/wants.ts";
import { type Made, makeRecording, startOf, stepOf } from "../../workbench/made-recording.ts";
import { type Desk, desk, FakeSession } from "../ui/page.ts";
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

  it("put what the chosen step wrote first, at the top of the map", async () => {
    await page.on({ type: "chose", step: 498, reveal: false }).talk(host);
    await page.on({ type: "ordered", order: "written first" }).talk(host);
    assert.equal(page.state.map.scroll, 0);
    assert.equal(page.state.slots.map.shown?.reply.blocks[0].wrote, true);
  });

  it("keep a cell at its height while zooming", async () => {
    const at = startOf(MADE, 200) + 7;
    await page.on({ type: "sought", target: { to: "page", page: at } }).talk(host);
    const heightOf = async (): Promise<number> => {
      const { map } = page.state.slots;
      assert.ok(map.shown);
      const place = { query: map.shown.query, target: { to: "page" as const, page: at } };
      const { LocateRequest } = await import("../../../src/ui/protocol.ts");
      return ((await host.request(LocateRequest, place))?.y ?? 0) - page.state.map.scroll;
    };
    const before = await heightOf();
    await page.on({ type: "zoomed", by: 1, about: { page: at, offset: before } }).talk(host);
    assert.equal(page.state.map.zoom, 1);
    assert.equal(await heightOf(), before);
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
