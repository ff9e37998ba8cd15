// The inspector in the page: which change it shows, what it asks for, and how a line of bytes reads.
import assert from "node:assert/strict";
import { addressOf } from "../../../src/memory/page.ts";
import { MOST_RANGES, NOT_KEPT, NOT_KNOWN } from "../../../src/ui/protocol.ts";
import { hexPieces, textPieces } from "../../../webview/inspector/hex.ts";
import { failures } from "../../../webview/reduce.ts";
import { inspectedChange, inspectedRange } from "../../../webview/wants.ts";
import { HEAP, makeContents } from "../../workbench/made-contents.ts";
import { type Desk, desk, FakeSession } from "../ui/page.ts";
import { ScriptedPage } from "./scripted-page.ts";

const AT = addressOf(HEAP);

describe("The page's inspector", () => {
  let host: Desk;
  let page: ScriptedPage;
  let session: FakeSession;

  beforeEach(async () => {
    host = desk();
    session = new FakeSession("sample");
    session.recording = makeContents();
    host.sessions.add(session);
    page = await ScriptedPage.begun().talk(host);
  });

  afterEach(() => {
    assert.deepEqual(failures(page.state), []);
    host.dispose();
  });

  const shown = (): number[] | undefined =>
    page.state.slots.inspect.shown?.reply?.lines.map(({ address }) => address - AT);

  it("shows the bytes of the step's first change until the user marks another", async () => {
    assert.equal(inspectedChange(page.state)?.words, "counters[17]");
    assert.deepEqual(shown(), [0x40]);
    await page.on({ type: "inspected", start: AT + 0x10c, end: AT + 0x11f }).talk(host);
    assert.match(inspectedChange(page.state)?.words ?? "", /^block/);
    assert.deepEqual(shown(), [0x100, 0x110]);
  });

  it("stays with what the user marked while further steps change it, or with its page where they have no name for it", async () => {
    await page.on({ type: "inspected", start: AT + 0x10c, end: AT + 0x11f }).talk(host);
    const step = session.recording.steps.byNumber(3);
    assert.ok(step?.names);
    const changes = step.names.changes.map(each => (each.start === AT + 0x10c ? { ...each, end: AT + 0x10d } : each));
    session.recording.addStep({ ...step, number: 4, names: { changes, unnamed: 0 } });
    await page.talk(host);
    assert.deepEqual([page.state.chosen, inspectedChange(page.state)?.end], [4, AT + 0x10d]);
    // The line beside it is told in part, too.
    assert.deepEqual(shown(), [0x100, 0x110]);
    session.recording.addStep({ ...step, number: 5, names: { changes: changes.slice(0, 1), unnamed: 0 } });
    await page.talk(host);
    // What lies there then is its page, for the block has no name in that step.
    assert.match(inspectedChange(page.state)?.words ?? "", /page 0x10029000/);
  });

  it("asks for no bytes of a step whose bytes are not told", async () => {
    await page.on({ type: "chose", step: 1, reveal: false }).talk(host);
    assert.equal(inspectedChange(page.state), undefined);
    assert.equal(page.has("inspect"), false);
  });

  it("asks for no more ranges and changes than one answer holds, however often it is asked to", async () => {
    for (let i = 0; i < 9; i += 1) await page.on({ type: "moreRanges" }).talk(host);
    assert.equal(page.state.ranges, MOST_RANGES);
    assert.equal(page.state.slots.details.failed, undefined);
  });

  it("asks for more lines of what does not fit, and begins anew with another change", async () => {
    await page.on({ type: "inspected", start: AT + 2 * 4096, end: AT + 3 * 4096 }).talk(host);
    assert.deepEqual([shown()?.length, page.state.slots.inspect.shown?.reply?.hasMore], [32, true]);
    await page.on({ type: "moreLines" }).talk(host);
    assert.equal(shown()?.length, 128);
    for (let i = 0; i < 9; i += 1) await page.on({ type: "moreLines" }).talk(host);
    assert.equal(shown()?.length, 256);
    await page.on({ type: "inspected", start: AT + 0x40, end: AT + 0x44 }).talk(host);
    assert.equal(page.state.slots.inspect.shown?.query.count, 32);
  });
});

describe("The thing that the page inspects", () => {
  let host: Desk;
  let page: ScriptedPage;
  let session: FakeSession;

  beforeEach(async () => {
    host = desk();
    session = new FakeSession("sample");
    session.recording = makeContents();
    host.sessions.add(session);
    page = await ScriptedPage.begun().talk(host);
  });

  afterEach(() => {
    assert.deepEqual(failures(page.state), []);
    host.dispose();
  });

  const range = (): unknown[] => {
    const { start = 0, end = 0, step } = inspectedRange(page.state) ?? {};
    return [start - AT, end - AT, step];
  };
  const addStep = (number: number): void => {
    const step = session.recording.steps.byNumber(3);
    assert.ok(step);
    session.recording.addStep({ ...step, number });
  };

  it("is what was picked, whatever the step changed, and follows the steps", async () => {
    await page.on({ type: "picked", start: AT + 0x900, end: AT + 0x908, words: "spare" }).talk(host);
    assert.deepEqual([...range(), inspectedRange(page.state)?.words], [0x900, 0x908, 3, "spare"]);
    assert.equal(page.state.slots.inspect.shown?.query.step, 3);
    addStep(4);
    await page.talk(host);
    assert.deepEqual(range(), [0x900, 0x908, 4]);
    await page.on({ type: "inspected", start: AT + 0x40, end: AT + 0x44 }).talk(host);
    assert.deepEqual(range(), [0x40, 0x44, 4]);
  });

  it("stays where it was frozen, until it is let go or something else is looked at", async () => {
    await page.on({ type: "frozen", isFrozen: true }).talk(host);
    addStep(4);
    await page.on({ type: "chose", step: 4, reveal: false }).talk(host);
    assert.deepEqual(range(), [0x40, 0x44, 3]);
    await page.on({ type: "frozen", isFrozen: false }).talk(host);
    assert.deepEqual(range(), [0x40, 0x44, 4]);
    page.on({ type: "frozen", isFrozen: true });
    await page.on({ type: "picked", start: AT, end: AT + 1 }).talk(host);
    assert.deepEqual([page.state.frozen, ...range()], [undefined, 0, 1, 4]);
  });

  it("goes through its history: the step before and behind that wrote it is chosen", async () => {
    for (const number of [4, 5]) addStep(number);
    await page.talk(host);
    await page.on({ type: "picked", start: AT + 0x40, end: AT + 0x44 }).talk(host);
    assert.equal(page.state.chosen, 5);
    await page.on({ type: "historyMoved", by: -1 }).talk(host);
    assert.equal(page.state.chosen, 4);
    await page.on({ type: "historyMoved", by: 1 }).talk(host);
    assert.equal(page.state.chosen, 5);
    await page.on({ type: "historyMoved", by: 1 }).talk(host);
    assert.equal(page.state.chosen, 5);
    await page.on({ type: "frozen", isFrozen: true }).talk(host);
    await page.on({ type: "historyMoved", by: -1 }).talk(host);
    assert.deepEqual([page.state.chosen, page.state.frozen?.step], [5, 4]);
  });

  it("is of all brushed steps, from before the first to after the last, until one step is gone to", async () => {
    addStep(4);
    await page.on({ type: "picked", start: AT + 0x40, end: AT + 0x44 }).talk(host);
    await page.on({ type: "brushed", brush: { anchor: 4, head: 2 } }).talk(host);
    assert.deepEqual(inspectedRange(page.state)?.brush, { first: 2, last: 4 });
    const { query, reply } = page.state.slots.inspect.shown ?? {};
    assert.deepEqual([query?.brush, query?.step], [{ first: 2, last: 4 }, undefined]);
    assert.ok((reply?.lines.length ?? 0) > 0);
    await page.on({ type: "frozen", isFrozen: true }).talk(host);
    assert.deepEqual(page.state.frozen?.brush, { first: 2, last: 4 });
    await page.on({ type: "frozen", isFrozen: false }).talk(host);
    assert.deepEqual([reply?.earlier, reply?.later], [1, undefined]);
    await page.on({ type: "historyMoved", by: -1 }).talk(host);
    assert.deepEqual([page.state.chosen, page.state.timeline.brush, ...range()], [1, undefined, 0x40, 0x44, 1]);
  });

  it("is the same change in the step before, though that has no such row in its list", async () => {
    addStep(4);
    await page.talk(host);
    await page.on({ type: "historyMoved", by: -1 }).talk(host);
    assert.deepEqual([page.state.chosen, ...range()], [3, 0x40, 0x44, 3]);
  });

  it("shows all lines where that is asked for, and those with changes for another thing", async () => {
    await page.on({ type: "picked", start: AT, end: AT + 4096 }).talk(host);
    const lines = (): number => page.state.slots.inspect.shown?.reply?.lines.length ?? 0;
    assert.deepEqual([lines(), page.state.slots.inspect.shown?.reply?.isAll], [4, false]);
    await page.on({ type: "allBytes", all: true }).talk(host);
    assert.deepEqual([lines(), page.state.slots.inspect.shown?.reply?.isAll], [32, true]);
    page.on({ type: "picked", start: AT, end: AT + 8192 });
    assert.equal(page.state.allBytes, undefined);
  });

  it("asks for nothing else on a page of its own, and follows what is chosen elsewhere", async () => {
    const inspector = ScriptedPage.begun(undefined, {
      start: AT + 0x40,
      end: AT + 0x44,
      step: 3,
      words: "counters[17]",
    });
    await inspector.talk(host);
    assert.deepEqual([inspector.state.chosen, inspector.state.slots.map.shown], [3, undefined]);
    assert.equal(inspector.state.slots.inspect.shown?.reply?.lines[0].address, AT + 0x40);
    inspector.on({ type: "selected", recording: session.recording.id, step: 2 });
    await inspector.talk(host);
    assert.equal(inspector.state.slots.inspect.shown?.query.step, 2);
  });
});

describe("A line of bytes", () => {
  const line = [0x2a, 0, 0x41, NOT_KEPT, NOT_KNOWN, 0xff];
  const joined = (pieces: readonly { text: string }[]): string => pieces.map(({ text }) => text).join("");

  it("tells what changed by brackets, which take the place of spaces", () => {
    assert.equal(joined(hexPieces(line, 0)), " 2a 00 41 ·· ?? ff ");
    assert.equal(joined(hexPieces(line, 0b000110)), " 2a[00 41]·· ?? ff ");
    assert.equal(joined(hexPieces(line, 0b100001)), "[2a]00 41 ·· ??[ff]");
    assert.equal(joined(hexPieces(line, 0b111111)), "[2a 00 41 ·· ?? ff]");
  });

  it("has in its changed parts what changed, its brackets, and nothing else", () => {
    const changed = hexPieces(line, 0b100110).filter(({ isChanged }) => isChanged);
    assert.deepEqual(
      changed.map(({ text }) => text),
      ["[00 41]", "[ff]"],
    );
    assert.deepEqual(textPieces(line, 0b000100), [
      { text: "*.", isChanged: false },
      { text: "A", isChanged: true },
      { text: "·?.", isChanged: false },
    ]);
  });
});
