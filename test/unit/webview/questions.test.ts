// What the page asks, and when: by its reducer alone, answers given by hand.
import assert from "node:assert/strict";
import type { MapReply, PanelState, StepDetails, StepItem, StepsReply } from "../../../src/ui/protocol.ts";
import { failures } from "../../../webview/reduce.ts";
import { keptOf } from "../../../webview/state.ts";
import { ScriptedPage } from "./scripted-page.ts";

const PANEL: PanelState = {
  recordings: [
    {
      id: "a",
      kind: "live",
      title: "a",
      stepCount: 3,
      forgotten: 0,
      arming: { mappings: 1, pages: 1, microseconds: 1, notArmed: 0 },
    },
    { id: "b", kind: "scan", title: "scan of b (1)", stepCount: 0, forgotten: 0 },
  ],
  shown: "a",
};

const map = (revision: number, change: Partial<MapReply> = {}): MapReply => ({
  revision,
  contentHeight: 2000,
  columns: 80,
  deepest: 5,
  rowCount: 1,
  allRows: 1,
  blocks: [],
  marks: new Float32Array(),
  ...change,
});

const item = (number: number): StepItem => ({
  number,
  from: { source: "/a/main.c", line: number, function: "main" },
  by: "next",
  stops: 1,
  pages: 2,
  kernelPages: 1,
  debuggerPages: 0,
  summary: "2 heap",
  changed: "",
  way: "",
  doubts: [],
  settled: true,
});

const steps = (revision: number, last: number, change: Partial<StepsReply> = {}): StepsReply => ({
  revision,
  total: last,
  kept: last,
  from: 0,
  items: Array.from({ length: last }, (_, i) => item(i + 1)),
  ...change,
});

const details = (number: number): StepDetails => ({ ...item(number), facts: [], ranges: [], rangeCount: 0 });

/** A page that shows recording a with three steps, and has asked all there is to ask. */
function settled(): ScriptedPage {
  const page = ScriptedPage.begun();
  page.answer("panel", PANEL).answer("steps", steps(3, 3));
  return page.answer("map", map(3)).answer("details", details(3)).answer("place", null);
}

const newStep = (page: ScriptedPage, step: number): ScriptedPage =>
  page.on({ type: "changed", changed: { state: false, recording: "a", revision: step, step, isNew: true } });

describe("The page's questions", () => {
  it("are asked for what there is to show before anything else", () => {
    const page = ScriptedPage.begun();
    assert.deepEqual(
      page.asked.map(({ slot }) => slot),
      ["panel"],
    );
  });

  it("are all asked in one turn when a step has come, and each once", () => {
    const page = newStep(settled(), 4);
    assert.deepEqual(page.asked.map(({ slot }) => slot).sort(), ["details", "map", "place", "steps"]);
    assert.equal(page.question("map").query.step, 4);
    assert.equal(page.question("details").query.step, 4);
    assert.ok(page.question("steps").query.from < 0, "the list's end is asked for, wherever it is");
    const asked = page.count;
    page.answer("steps", steps(4, 4)).answer("map", map(4)).answer("details", details(4)).answer("place", null);
    assert.equal(page.count, asked);
    assert.equal(page.state.chosen, 4);
  });

  it("are not asked while the page is hidden, and once when it shows again", () => {
    const page = settled().on({ type: "visible", visible: false });
    for (let step = 4; step < 50; step += 1) newStep(page, step);
    assert.deepEqual(page.asked, []);
    page.on({ type: "visible", visible: true });
    assert.deepEqual(page.asked.map(({ slot }) => slot).sort(), ["details", "map", "place", "steps"]);
    assert.equal(page.question("details").query.step, 49);
  });

  it("go on where the hidden view was scrolled to, in the recording that it showed and in no other", () => {
    const before = keptOf(settled().on({ type: "scrolled", to: 900 }).state);
    for (const [recording, scroll] of [
      ["a", 900],
      ["another", 0],
    ] as const) {
      const page = ScriptedPage.begun({ ...before, recording });
      page.answer("panel", PANEL);
      assert.equal(page.question("map").query.scroll, scroll, recording);
    }
  });

  it("bring the followed step back into sight when the list becomes lower, but not where the user scrolled away from it", () => {
    const page = newStep(settled(), 60)
      .answer("steps", steps(60, 60))
      .on({ type: "listScrolled", first: 50, rows: 10 });
    const { goTo } = page.state.list;
    page.on({ type: "listScrolled", first: 50, rows: 4 });
    assert.equal(page.state.list.goTo?.position, 59);
    assert.notEqual(page.state.list.goTo?.serial, goTo?.serial);
    page.on({ type: "listScrolled", first: 20, rows: 4 });
    const away = page.state.list.goTo;
    page.on({ type: "listScrolled", first: 20, rows: 3 });
    assert.equal(page.state.list.goTo, away);
  });

  it("are given up for newer ones, and a late answer to them changes nothing", () => {
    const page = newStep(settled(), 4);
    const old = page.question("map");
    newStep(page, 5);
    assert.ok(page.cancelled.some(({ id }) => id === old.id));
    const before = page.state;
    page.on({ type: "replied", slot: "map", id: old.id, reply: map(4) });
    assert.equal(page.state.slots.map.shown, before.slots.map.shown);
    assert.equal(page.question("map").query.step, 5);
  });

  it("are left to be answered after three were given up in a row, so that quick steps don't leave the page blank", () => {
    const page = settled();
    for (let step = 4; step < 30; step += 1) newStep(page, step);
    assert.equal(page.question("map").query.step, 7);
    page.answer("map", map(7));
    assert.equal(page.state.slots.map.shown?.reply.revision, 7);
    assert.equal(page.question("map").query.step, 29, "and then the newest is asked for");
  });

  it("wait for the answer on its way when the recording changes but the question does not", () => {
    const page = newStep(settled(), 4);
    const { id } = page.question("map");
    page.on({ type: "changed", changed: { state: false, recording: "a", revision: 5 } });
    assert.equal(page.question("map").id, id);
    page.answer("map", map(4));
    assert.equal(page.state.slots.map.shown?.reply.revision, 4);
    page.answer("map", map(5));
    assert.equal(page.has("map"), false);
  });

  it("are not answered by anything older than what is shown", () => {
    const page = settled().on({ type: "scrolled", to: 900 });
    page.answer("map", map(2, { contentHeight: 1 }));
    assert.equal(page.state.slots.map.shown?.reply.revision, 3);
  });

  it("are told of when they fail, and asked again only when the user says so", () => {
    const page = newStep(settled(), 4).fail("map", "No answer for the map: it is gone");
    assert.deepEqual(failures(page.state), ["No answer for the map: it is gone"]);
    page.on({ type: "focused", hasFocus: true });
    assert.equal(page.has("map"), false);
    page.on({ type: "retried" });
    page.answer("map", map(4));
    assert.deepEqual(failures(page.state), []);
  });

  it("follow the scroll position only once half of what lies around it is used up", () => {
    const page = settled();
    page.on({ type: "scrolled", to: 100 });
    assert.equal(page.has("map"), false);
    page.on({ type: "scrolled", to: 400 });
    assert.equal(page.question("map").query.scroll, 400);
    page.on({ type: "scrolled", to: 1e9 });
    assert.equal(page.state.map.scroll, 1700, "not beyond the layout's end");
  });

  it("begin anew for another recording, and nothing of the one before is left in sight", () => {
    const page = settled().on({ type: "scrolled", to: 900 }).answer("map", map(3));
    page.on({ type: "changed", changed: { state: true } }).answer("panel", { ...PANEL, shown: "b" });
    assert.equal(page.state.chosen, undefined);
    assert.equal(page.state.slots.map.shown, undefined);
    assert.deepEqual(page.question("map").query.scroll, 0);
    assert.equal("step" in page.question("map").query, false);
    assert.equal(page.has("steps"), false, "a process scan has no steps");
  });

  it("ask for all mappings of a process scan, which no step wrote, though only written ones were shown before", () => {
    const page = settled().on({ type: "filtered", filter: { writtenOnly: true, text: "heap" } });
    page.on({ type: "ordered", order: "written first" });
    page.on({ type: "changed", changed: { state: true } }).answer("panel", { ...PANEL, shown: "b" });
    const { filter, order } = page.question("map").query;
    assert.deepEqual(filter, { writtenOnly: false, foldLibraries: false, text: "heap" });
    assert.equal(order, "address");
  });

  it("keep a zoomed map's place: it is looked for first, then the map is asked for there", () => {
    const page = settled();
    page.on({ type: "zoomed", by: 1, about: { page: 77, offset: 40 } });
    assert.equal(page.has("map"), false);
    assert.deepEqual(page.question("place").query.target, { to: "page", page: 77 });
    page.answer("place", { page: 77, x: 0, y: 640 });
    assert.equal(page.question("map").query.scroll, 600);
    assert.equal(page.question("map").query.zoom, 1);
  });

  it("look on for what was sought where the map is zoomed before it is found", () => {
    const page = settled();
    page.on({ type: "sought", target: { to: "page", page: 77 } });
    page.on({ type: "zoomed", by: 1, about: { page: 3, offset: 40 } });
    const { target, query } = page.question("place").query;
    assert.deepEqual([target, query.zoom], [{ to: "page", page: 77 }, 1]);
    page.answer("place", { page: 77, x: 0, y: 640 });
    assert.equal(page.state.map.cursor, 77);
  });

  it("don't hold the map back for a place that is never told", () => {
    const page = settled();
    page.on({ type: "zoomed", by: 1, about: { page: 77, offset: 40 } }).fail("place", "No answer for a place");
    assert.equal(page.question("map").query.zoom, 1);
    assert.equal(page.state.sought, "No answer for a place");
  });
});

describe("The page's chosen step", () => {
  it("is the newest one for a page that has just been opened", () => {
    assert.equal(settled().state.chosen, 3);
  });

  it("is the newest until the user picks an older one, and again when it is followed", () => {
    const page = settled().on({ type: "chose", step: 2, reveal: true });
    assert.deepEqual(page.done.at(-1), { do: "tell chosen", recording: "a", step: 2, reveal: true, stay: true });
    newStep(page, 4);
    assert.equal(page.state.chosen, 2);
    page.on({ type: "followed", following: true });
    assert.equal(page.state.chosen, 4);
    newStep(page, 5);
    assert.equal(page.state.chosen, 5);
  });

  it("stays where the user froze it", () => {
    const page = settled().on({ type: "followed", following: false });
    newStep(page, 4);
    assert.equal(page.state.chosen, 3);
  });

  it("is told in words once, as soon as they are there", () => {
    const page = newStep(settled(), 4);
    assert.ok(!page.done.some(effect => effect.do === "announce"));
    page.answer("details", details(4));
    const words = "Step 4, main.c, line 4, in main: wrote 2 pages: 2 heap; the kernel 1 page.";
    assert.deepEqual(page.done.at(-1), { do: "announce", text: words });
    page.on({ type: "changed", changed: { state: false, recording: "a", revision: 5 } });
    page.answer("details", details(4));
    assert.equal(page.done.filter(effect => effect.do === "announce").length, 1);
  });

  it("is gone when all steps are forgotten, and the first one after that is followed", () => {
    const page = settled().on({ type: "chose", step: 1, reveal: false });
    page.on({ type: "changed", changed: { state: false, recording: "a", revision: 4 } });
    page.answer("steps", steps(4, 0));
    assert.equal(page.state.chosen, undefined);
    newStep(page, 1);
    assert.equal(page.state.chosen, 1);
  });

  it("moves by keys to steps that the page has not seen yet", () => {
    const page = ScriptedPage.begun();
    page.answer("panel", PANEL);
    const tail = Array.from({ length: 160 }, (_, i) => item(1841 + i));
    page.answer("steps", steps(3, 2000, { from: 1840, items: tail }));
    assert.equal(page.state.chosen, 2000);
    page.on({ type: "choiceMoved", by: -Infinity });
    assert.equal(page.question("steps").query.from, 0);
    page.answer("steps", steps(3, 2000, { items: Array.from({ length: 160 }, (_, i) => item(1 + i)) }));
    assert.equal(page.state.chosen, 1);
    assert.equal(page.state.list.goTo?.position, 0);
  });

  it("goes by Enter on a cell to the newest step that wrote it, then to older ones", () => {
    const block = {
      start: 100,
      end: 110,
      top: 0,
      height: 20,
      cellsLeft: 10,
      cellsTop: 4,
      pagesPerCell: 1,
      cells: 10,
      firstCell: 0,
      levels: new Uint8Array(20),
      name: "",
      permissions: "rw-p",
      kind: "anonymous" as const,
      armed: "complete" as const,
      caption: "",
      wrote: false,
    };
    const page = newStep(settled(), 4).answer("map", map(4, { blocks: [block] }));
    page.on({ type: "activated", page: 103 }).on({ type: "focused", hasFocus: true });
    assert.deepEqual(page.question("cell").query, { recording: "a", start: 103, end: 104, step: 4 });
    page.answer("cell", { lines: ["a cell"], writers: [3, 1] });
    assert.equal(page.state.chosen, 3);
  });
});
