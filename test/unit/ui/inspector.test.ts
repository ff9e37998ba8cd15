// What the page is told of changed bytes: which changes there are, their lines of bytes, and why bytes are not known.
import assert from "node:assert/strict";
import { addressOf } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import * as Protocol from "../../../src/ui/protocol.ts";
import { HEAP, makeContents } from "../../workbench/made-contents.ts";
import { type Desk, desk, FakeSession, stepOf, turn } from "./page.ts";

const AT = addressOf(HEAP);
const { NOT_KEPT, NOT_KNOWN } = Protocol;

describe("The inspector is told by its host", () => {
  let at: Desk;
  let session: FakeSession;

  beforeEach(() => {
    at = desk();
    session = new FakeSession("sample");
    session.recording = makeContents();
    at.sessions.add(session);
  });
  afterEach(() => at.dispose());

  const changes = async (step: number, count = 100): Promise<Protocol.ChangeList | undefined> => {
    const { id } = session.recording;
    return (await at.request(Protocol.StepRequest, { recording: id, step, from: 0, count }))?.changes;
  };
  const inspect = async (start: number, end: number, more: Partial<Protocol.InspectQuery> = {}) => {
    const { id: recording } = session.recording;
    const reply = await at.request(Protocol.InspectRequest, { recording, step: 3, start, end, count: 10, ...more });
    assert.ok(reply);
    return reply;
  };
  const bytes = async (start: number, end: number, count = 10, step = 3) => {
    const { lines, hasMore, notes } = await inspect(start, end, { count, step });
    return { lines, hasMore, notes };
  };

  it("what a step changed by name, pages without names behind it, and bookkeeping apart", async () => {
    const list = await changes(3);
    assert.deepEqual(
      list?.items.map(({ words, what }) => `${words}: ${what}`),
      [
        "counters[17]: 0 → 42",
        "block of 48 bytes at 0x10029108: 7 bytes changed",
        "[heap], page 0x10029000: 1 byte changed",
        "[heap], page 0x1002a000: written, same bytes",
        "[heap], page 0x1002b000: before unknown: the page had not been copied when the program wrote it",
        "[heap], page 0x1002c000: before unknown: the page can't be read",
        "[heap], page 0x1002d000: written, same bytes",
      ],
    );
    assert.deepEqual(
      list?.bookkeeping.map(({ words }) => words),
      ["malloc's top of the heap"],
    );
    assert.deepEqual([list?.total, list?.bookkeepingTotal, list?.unlistedPages], [7, 1, 0]);
  });

  it("of many changes the first, and how many there are", async () => {
    const list = await changes(3, 2);
    assert.deepEqual([list?.items.length, list?.total, list?.bookkeeping.length], [2, 7, 1]);
  });

  it("nothing of a step whose bytes are not told", async () => {
    assert.equal(await changes(1), undefined);
    assert.deepEqual(await bytes(AT, AT + 1, 10, 1), {
      lines: [],
      hasMore: false,
      notes: ["The bytes of this step are not known."],
    });
  });

  it("that pages side by side were written with the bytes they had, in one row", async () => {
    const step = session.recording.steps.byNumber(3);
    assert.ok(step?.contents);
    const { layout, contents } = step;
    const written = PageSet.of(HEAP + 5, HEAP + 9);
    session.recording.addStep(stepOf({ number: 4, written, layout, contents }));
    const [row] = (await changes(4))?.items ?? [];
    assert.equal(`${row.words}: ${row.what}`, "[heap], 4 pages from 0x1002e000: written, same bytes");
    session.recording.addStep(stepOf({ number: 5, written, layout, contents: { ...contents, missing: "overtaken" } }));
    const [unknown] = (await changes(5))?.items ?? [];
    assert.match(unknown.what, /^before unknown: the program was let go before/);
  });

  it("the lines around changed bytes, before and after, and which bytes changed", async () => {
    const { lines, hasMore, notes } = await bytes(AT + 0x40, AT + 0x44);
    assert.deepEqual([lines.length, hasMore, notes], [1, false, []]);
    const [{ address, before, after, changed }] = lines;
    assert.deepEqual([address, changed], [AT + 0x40, 1]);
    assert.deepEqual([...before], [0, ...new Array(15).fill(NOT_KEPT)]);
    assert.deepEqual([...after], [42, ...new Array(15).fill(NOT_KEPT)]);
  });

  it("lines with changed bytes alone, so many as it asks for", async () => {
    const all = await bytes(AT, AT + 4096);
    assert.deepEqual(
      all.lines.map(({ address }) => address - AT),
      [0x40, 0x100, 0x110, 0x800],
    );
    const some = await bytes(AT, AT + 4096, 2);
    assert.deepEqual([some.lines.length, some.hasMore], [2, true]);
  });

  it("why bytes are not known, and what is there now all the same", async () => {
    const now = await bytes(AT + 2 * 4096, AT + 3 * 4096);
    assert.match(now.notes.join(" "), /^The bytes before are not known: the page had not been copied/);
    assert.deepEqual([...now.lines[0].before], new Array(16).fill(NOT_KNOWN));
    assert.deepEqual([...now.lines[0].after].slice(0, 4), [1, 2, 3, 0]);
    assert.equal(now.lines[0].changed, 0);
    const nothing = await bytes(AT + 3 * 4096, AT + 4 * 4096);
    assert.deepEqual(nothing, {
      lines: [],
      hasMore: false,
      notes: ["The bytes are not known: the page can't be read."],
    });
    const same = await bytes(AT + 4 * 4096, AT + 5 * 4096);
    assert.match(same.notes.join(" "), /^Written, same bytes/);
  });

  it("nothing where the step is not kept, or the range is none", async () => {
    const { id: recording } = session.recording;
    const query = { recording, step: 99, start: AT, end: AT + 1, count: 1 };
    assert.equal(await at.request(Protocol.InspectRequest, query), null);
    assert.deepEqual((await bytes(AT + 64, AT)).lines, []);
  });

  it("and tells it who is to be asked for, of a range that is one", async () => {
    const { recording } = session;
    const tell = (start: number, end: number): void =>
      at.page.tell(Protocol.WhoWroteNotification.method, { recording: recording.id, start, end });
    tell(AT + 4, AT);
    tell(AT, AT + 4);
    await turn();
    assert.deepEqual(
      at.done.map(([name, shown, ...range]) => [name, shown === recording, ...range]),
      [["whoWrote", true, AT, AT + 4]],
    );
  });
});
