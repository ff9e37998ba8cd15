// The page and its host, by the protocol: what is asked is answered from the recordings, and every message field by field.
import assert from "node:assert/strict";
import { PageSet } from "../../../src/memory/page-set.ts";
import { EMPTY_LAYOUT, type Layout } from "../../../src/tracker/reports.ts";
import * as Protocol from "../../../src/ui/protocol.ts";
import { type Desk, desk, FakeSession, mappingOf, stepOf, turn } from "./page.ts";

const FILTER = { writtenOnly: false, foldLibraries: false, text: "" };

/** Heap at page 100, a library in four parts from page 1000, a stack at page 5000. */
const LAYOUT: Layout = {
  ...EMPTY_LAYOUT,
  mappings: [
    mappingOf(100, 10, "[heap]"),
    mappingOf(1000, 4, "/lib/libc.so.6", "r--p"),
    mappingOf(1004, 20, "/lib/libc.so.6", "r-xp"),
    mappingOf(1024, 2, "/lib/libc.so.6"),
    mappingOf(1026, 3),
    mappingOf(5000, 8, "[stack]"),
  ],
  armed: [
    { start: 100, end: 110, way: "complete" },
    { start: 1024, end: 1029, way: "complete" },
    { start: 5000, end: 5008, way: "populated" },
  ],
  notArmed: [{ start: 1004, end: 1024, name: "/lib/libc.so.6", reason: "not writable" }],
};

function known(): { at: Desk; session: FakeSession } {
  const at = desk();
  const session = at.sessions.add(new FakeSession("sample"));
  const { recording } = session;
  recording.armed(
    42,
    {
      backend: "wp-async",
      mappings: 3,
      pages: 23,
      populatedOnly: [],
      notArmed: LAYOUT.notArmed,
      microseconds: 900,
    },
    LAYOUT,
  );
  recording.setResident(PageSet.from([[100, 106]]));
  recording.addStep(
    stepOf({
      number: 1,
      from: { source: "/src/main.c", line: 10, function: "main" },
      to: { source: "/src/main.c", line: 11, function: "main" },
      thread: { id: 7, name: "worker" },
      written: PageSet.from([
        [101, 103],
        [5001, 5002],
        [1026, 1027],
      ]),
      kernel: PageSet.of(1026, 1027),
      notes: [{ start: 1026, end: 1027, note: "rseq" }],
      debugger: PageSet.of(5003, 5006),
      layout: LAYOUT,
      scanMicroseconds: 77,
    }),
  );
  return { at, session };
}

const mapQuery = (recording: string, over: Partial<Protocol.MapQuery> = {}): Protocol.MapQuery => ({
  recording,
  width: 1000,
  height: 400,
  scroll: 0,
  overscan: 0,
  zoom: 0,
  order: "address",
  filter: FILTER,
  ...over,
});

describe("The panel's page is told by its host", () => {
  let at: Desk;
  let session: FakeSession;

  beforeEach(() => {
    ({ at, session } = known());
  });
  afterEach(() => at.dispose());

  it("which recordings there are, and how the shown one stands", async () => {
    const state = await at.request(Protocol.StateRequest, {});
    assert.deepEqual(state, {
      shown: session.recording.id,
      recordings: [
        {
          id: session.recording.id,
          kind: "live",
          title: "sample",
          pid: 42,
          stepCount: 1,
          forgotten: 0,
          status: session.status,
          debugType: "lldb-dap",
          arming: { mappings: 3, pages: 23, microseconds: 900, notArmed: 1 },
        },
      ],
    });
  });

  it("what a step wrote: the program's, the kernel's and the debugger's pages apart", async () => {
    const { items, ...rest } = await at.request(Protocol.StepsRequest, {
      recording: session.recording.id,
      from: -5,
      count: 5,
      text: "",
      writingOnly: false,
    });
    assert.deepEqual(rest, { revision: session.recording.revision, total: 1, kept: 1, from: 0 });
    const item: Protocol.StepItem = {
      number: 1,
      from: { source: "/src/main.c", line: 10, function: "main" },
      to: { source: "/src/main.c", line: 11, function: "main" },
      by: "next",
      stops: 1,
      thread: { id: 7, name: "worker" },
      pages: 3,
      kernelPages: 1,
      debuggerPages: 3,
      summary: "2 heap, 1 stack",
      changed: "",
      way: "",
      doubts: [],
      settled: true,
    };
    assert.deepEqual(items, [item]);
    const details = await at.request(Protocol.StepRequest, {
      recording: session.recording.id,
      step: 1,
      from: 0,
      count: 10,
    });
    assert.deepEqual(details, {
      ...item,
      facts: [
        "The program wrote 3 pages: 2 heap, 1 stack.",
        "1 page more holds a thread's control block: the kernel itself writes there (rseq) when it schedules a thread.",
        "Before it, the debugger wrote 3 pages.",
        "The scan took 77 µs.",
      ],
      ranges: [
        { start: 101, end: 103, mapping: "[heap]", by: "program", notes: [] },
        { start: 1026, end: 1027, mapping: "[anon]", by: "kernel", notes: ["rseq"] },
        { start: 5001, end: 5002, mapping: "[stack]", by: "program", notes: [] },
        { start: 5003, end: 5006, mapping: "[stack]", by: "debugger", notes: [] },
      ],
      rangeCount: 4,
    });
  });

  it("the map's visible part, cell by cell", async () => {
    const reply = await at.request(Protocol.MapRequest, mapQuery(session.recording.id, { step: 1 }));
    assert.equal(reply.revision, session.recording.revision);
    assert.equal(reply.rowCount, 6);
    assert.equal(reply.allRows, 6);
    assert.equal(reply.columns, 93);
    const { levels, ...heap } = reply.blocks[0];
    assert.deepEqual(heap, {
      start: 100,
      end: 110,
      top: 4,
      height: 18,
      cellsLeft: 250,
      cellsTop: 9,
      pagesPerCell: 1,
      cells: 10,
      firstCell: 0,
      name: "[heap]",
      permissions: "rw-p",
      kind: "heap",
      armed: "complete",
      caption: "2 of 10 written",
      wrote: true,
    });
    const { HOLE, RESIDENT, WRITTEN, KERNEL, DEBUGGER } = Protocol.MapLayer;
    assert.deepEqual(
      pairs(levels),
      [RESIDENT, WRITTEN, WRITTEN, RESIDENT, RESIDENT, RESIDENT, HOLE, HOLE, HOLE, HOLE].map(layer => [
        layer,
        layer === HOLE ? 0 : 255,
      ]),
    );
    assert.deepEqual(
      reply.blocks.map(({ name, armed, wrote }) => [name, armed, wrote]),
      [
        ["[heap]", "complete", true],
        ["/lib/libc.so.6", "no", false],
        ["/lib/libc.so.6", "no", false],
        ["/lib/libc.so.6", "complete", false],
        ["/lib/libc.so.6 (.bss)", "complete", false],
        ["[stack]", "populated", true],
      ],
    );
    assert.deepEqual(pairs(reply.blocks[4].levels)[0], [KERNEL, 255]);
    assert.deepEqual(
      pairs(reply.blocks[5].levels).map(([layer]) => layer),
      [HOLE, WRITTEN, HOLE, DEBUGGER, DEBUGGER, DEBUGGER, HOLE, HOLE],
    );
    assert.ok(reply.marks.length >= 2);
  });

  it("the mappings as a table", async () => {
    const { total, rows } = await at.request(Protocol.TableRequest, {
      recording: session.recording.id,
      step: 1,
      from: 0,
      count: 3,
    });
    assert.equal(total, 6);
    assert.deepEqual(rows, [
      {
        start: 100,
        end: 110,
        permissions: "rw-p",
        name: "[heap]",
        armed: "complete",
        resident: 6,
        written: 2,
        everWritten: 2,
      },
      {
        start: 1000,
        end: 1004,
        permissions: "r--p",
        name: "/lib/libc.so.6",
        armed: "no",
        resident: 0,
        written: 0,
        everWritten: 0,
      },
      {
        start: 1004,
        end: 1024,
        permissions: "r-xp",
        name: "/lib/libc.so.6",
        armed: "no",
        reason: "not writable",
        resident: 0,
        written: 0,
        everWritten: 0,
      },
    ]);
  });

  it("of the table what the program wrote, without the kernel's own pages", async () => {
    const { recording } = session;
    const { rows } = await at.request(Protocol.TableRequest, { recording: recording.id, step: 1, from: 4, count: 2 });
    assert.deepEqual(
      rows.map(({ start, written, everWritten }) => [start, written, everWritten]),
      [
        [1026, 0, 1],
        [5000, 1, 1],
      ],
    );
  });

  it("of a step's ranges a part, and how many there are", async () => {
    const { recording } = session;
    const details = await at.request(Protocol.StepRequest, { recording: recording.id, step: 1, from: 1, count: 2 });
    assert.deepEqual([details?.rangeCount, details?.ranges.map(({ start }) => start)], [4, [1026, 5001]]);
    const gone = await at.request(Protocol.StepRequest, { recording: recording.id, step: 9, from: 0, count: 2 });
    assert.equal(gone, null);
  });

  it("a cell in words, where a step stands, and places on the map", async () => {
    const { id } = session.recording;
    const told = await at.request(Protocol.DescribeRequest, { recording: id, start: 101, end: 104, step: 1 });
    assert.deepEqual(told, {
      lines: ["0x65000-0x68000 (3 pages)", "[heap] rw-p", "2 pages written by step 1", "3 in memory"],
      writers: [1],
    });
    const filter = { recording: id, from: 0, count: 1, text: "", writingOnly: true };
    assert.equal(await at.request(Protocol.StepPositionRequest, { ...filter, step: 1 }), 0);
    const query = mapQuery(id, { step: 1 });
    const place = await at.request(Protocol.LocateRequest, { query, target: { to: "page", page: 105 } });
    assert.deepEqual(place, { page: 105, x: 250 + 5 * 8, y: 9 });
    assert.equal(await at.request(Protocol.LocateRequest, { query, target: { to: "page", page: 1 } }), null);
  });

  it("that a step came, in one notice for all that came with it", async () => {
    await turn();
    at.notices.length = 0;
    session.recording.setResident(PageSet.of(100, 108));
    session.recording.addStep(stepOf({ number: 2, layout: LAYOUT }));
    at.sessions.onChange.fire(session);
    await turn();
    assert.deepEqual(at.notices, [
      {
        state: true,
        recording: session.recording.id,
        revision: session.recording.revision,
        step: 2,
        isNew: true,
        layout: false,
      },
    ]);
  });
});

function pairs(levels: Uint8Array): [number, number][] {
  return Array.from({ length: levels.length / 2 }, (_, i) => [levels[i * 2], levels[i * 2 + 1]]);
}
