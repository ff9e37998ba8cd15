// What the host does with messages that no page of ours would send: it refuses in words or drops them, and goes on.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PageSet } from "../../../src/memory/page-set.ts";
import { EMPTY_LAYOUT } from "../../../src/tracker/reports.ts";
import * as Protocol from "../../../src/ui/protocol.ts";
import { type Desk, desk, FakeSession, mappingOf, stepOf, turn } from "./page.ts";

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

const LAYOUT = { ...EMPTY_LAYOUT, mappings: [mappingOf(10, 10, "[heap]")] };
const QUERY: Omit<Protocol.MapQuery, "recording"> = {
  step: 1,
  width: 800,
  height: 300,
  scroll: 0,
  overscan: 100,
  zoom: 0,
  order: "address",
  filter: { writtenOnly: false, foldLibraries: true, text: "" },
};
const STEPS = { from: 0, count: 5, text: "", writingOnly: false };

describe("A page that says nonsense", () => {
  let at: Desk;
  let recording: string;
  let next = 1000;

  beforeEach(() => {
    at = desk();
    const session = at.sessions.add(new FakeSession("sample"));
    session.recording.setLayout(LAYOUT);
    session.recording.addStep(stepOf({ number: 1, written: PageSet.of(11, 13), layout: LAYOUT }));
    recording = session.recording.id;
  });
  afterEach(() => at.dispose());

  /** A good payload of each request. */
  function requests(): Record<string, unknown> {
    const query = { ...QUERY, recording };
    return {
      state: {},
      map: query,
      locate: { query, target: { to: "written", direction: 1 } },
      describe: { recording, start: 10, end: 12, step: 1 },
      steps: { ...STEPS, recording },
      stepPosition: { ...STEPS, recording, step: 1 },
      step: { recording, step: 1, from: 0, count: 10 },
      inspect: { recording, step: 1, start: 45056, end: 45060, count: 10 },
      table: { recording, step: 1, from: 0, count: 10 },
    };
  }

  async function reply(method: string, params: unknown): Promise<Reply> {
    next += 1;
    at.received.length = 0;
    at.post({ jsonrpc: "2.0", id: next, method, ...(params === undefined ? {} : { params }) });
    await turn();
    const found = (at.received as Reply[]).find(({ id }) => id === next);
    assert.ok(found, `'${method}' with ${JSON.stringify(params)} was left without an answer`);
    return found;
  }

  it("is answered where its request is good", async () => {
    for (const [method, params] of Object.entries(requests())) {
      const { result, error } = await reply(method, params);
      assert.equal(error, undefined, method);
      assert.notEqual(result, undefined, method);
    }
  });

  it("is refused each request with a property left out, or of another kind", async () => {
    const optional = new Set(["step", "from"]);
    for (const [method, params] of Object.entries(requests())) {
      if (method === "state") continue;
      for (const [name, value] of Object.entries(params as object)) {
        const { [name]: _, ...without } = params as Record<string, unknown>;
        const left = await reply(method, without);
        // The map and what goes with it may be asked for without a chosen step.
        const mayMiss =
          optional.has(name) && ["map", "describe", "table", "inspect"].includes(method) && name === "step";
        assert.equal(left.error === undefined, mayMiss, `${method} without ${name}`);
        const others = [null, [], {}, Number.NaN, "x".repeat(100_000), typeof value === "number" ? "1" : 1, true];
        for (const other of others) {
          if (typeof other === typeof value && typeof other === "boolean") continue;
          const { error } = await reply(method, { ...(params as object), [name]: other });
          assert.ok(error, `${method} with ${name} = ${String(other).slice(0, 20)}`);
          assert.ok(error.message.length > 0 && error.message.length < 500);
        }
      }
    }
  });

  it("is refused a request whose parameters are no object at all", async () => {
    for (const method of Object.keys(requests())) {
      for (const params of [undefined, null, 7, "text", [], [1, 2, 3], [[]]]) {
        const { error } = await reply(method, params);
        assert.ok(error, `${method} with ${JSON.stringify(params)}`);
      }
    }
  });

  it("is refused what lies out of bounds: a screen of that size, pages that no process has", async () => {
    const query = { ...QUERY, recording };
    const cases: [string, object][] = [
      ["map", { ...query, width: 1e9 }],
      ["map", { ...query, height: -1 }],
      ["map", { ...query, zoom: 1e6 }],
      ["map", { ...query, zoom: 1.5 }],
      ["map", { ...query, scroll: Infinity }],
      ["map", { ...query, order: "by luck" }],
      ["map", { ...query, filter: { ...QUERY.filter, text: "x".repeat(10_000) } }],
      ["locate", { query, target: { to: "constructor" } }],
      ["locate", { query, target: { to: "page", page: 2 ** 50 } }],
      ["locate", { query, target: { to: "written", direction: 0 } }],
      ["describe", { recording, start: -1, end: 5 }],
      ["steps", { ...STEPS, recording, count: 1e9 }],
      ["step", { recording, step: 1, from: 0, count: 1e9 }],
      ["table", { recording, from: -1, count: 10 }],
    ];
    for (const [method, params] of cases) {
      assert.ok((await reply(method, params)).error, `${method} ${JSON.stringify(params).slice(0, 100)}`);
    }
  });

  it("is told of a recording that is gone in a sentence", async () => {
    for (const [method, params] of Object.entries(requests())) {
      if (method === "state") continue;
      const gone = JSON.parse(JSON.stringify(params).replaceAll(recording, "live-0"));
      const { error } = await reply(method, gone);
      assert.match(error?.message ?? "", /no longer there/, method);
    }
  });

  it("gets an answer to each of many random requests, and the host lives", async () => {
    const names = Object.keys(requests());
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names, "toString", "nothing"), fc.jsonValue(), async (method, noise) => {
        const good = requests()[method];
        const mixed =
          typeof good === "object" && typeof noise === "object" && noise !== null && !Array.isArray(noise)
            ? { ...good, ...noise }
            : noise;
        const { result, error } = await reply(method, mixed);
        assert.ok((result === undefined) !== (error === undefined));
      }),
      { numRuns: 60, seed: 7 },
    );
    assert.equal((await reply("state", {})).error, undefined);
  });

  it("can't make the host throw by what is no message of JSON-RPC", async () => {
    const noise = [
      null,
      7,
      "text",
      [],
      {},
      { jsonrpc: "1.0", method: "state", id: 1 },
      { jsonrpc: "2.0" },
      { jsonrpc: "2.0", id: {}, method: "state" },
      { jsonrpc: "2.0", id: null, method: "state" },
      { jsonrpc: "2.0", id: 5 },
      { jsonrpc: "2.0", id: 5, error: "no" },
      { jsonrpc: "2.0", id: 987_654, result: 1 },
      { jsonrpc: "2.0", method: 7 },
      { jsonrpc: "2.0", method: "$/cancelRequest" },
      { jsonrpc: "2.0", method: "$/cancelRequest", params: null },
      { jsonrpc: "2.0", method: "$/cancelRequest", params: { id: null } },
      { jsonrpc: "2.0", method: "$/progress", params: [] },
      { jsonrpc: "2.0", method: "$/setTrace", params: {} },
    ];
    for (const message of noise) assert.doesNotThrow(() => at.post(message), JSON.stringify(message));
    await turn();
    assert.equal((await reply("state", {})).error, undefined);
    assert.ok(at.log.length > 0, "nothing was logged of it");
  });

  it("has only the panel's own commands run", async () => {
    for (const command of ["workbench.action.terminal.new", "showPanel", "../arm", "", null, "constructor", ["arm"]]) {
      at.post({ jsonrpc: "2.0", method: "command", params: { command } });
    }
    await turn();
    assert.deepEqual(at.done, []);
    assert.equal(at.log.filter(line => line.includes("'command' was dropped")).length, 7);
    for (const command of Protocol.PANEL_COMMANDS) {
      at.post({ jsonrpc: "2.0", method: "command", params: { command } });
    }
    await turn();
    assert.deepEqual(
      at.done,
      Protocol.PANEL_COMMANDS.map(command => ["execute", command]),
    );
  });

  it("has what it tells dropped and logged where it is not what it should be", async () => {
    const told: [string, unknown][] = [
      ["show", { recording: 7 }],
      ["close", {}],
      ["save", { recording: "live-0" }],
      ["choose", { recording, step: "1", reveal: true }],
      ["choose", { recording: "live-0", step: 1, reveal: true }],
      ["copy", { text: {} }],
      ["copy", { text: "x".repeat(5 * 1024 * 1024) }],
      ["painted", { step: 1, milliseconds: Number.NaN }],
      ["dismissProblem", 7],
    ];
    for (const [method, params] of told) at.post({ jsonrpc: "2.0", method, params });
    await turn();
    assert.deepEqual(at.done, []);
    assert.equal(at.log.length, told.length, at.log.join("\n"));
  });

  it("has what it tells done where it is good", async () => {
    const { recording: shown } = at.sessions.all[0];
    at.post({ jsonrpc: "2.0", method: "save", params: { recording } });
    at.post({ jsonrpc: "2.0", method: "choose", params: { recording, step: 1, reveal: true } });
    at.post({ jsonrpc: "2.0", method: "choose", params: { recording, step: 1, reveal: false, stay: true } });
    at.post({ jsonrpc: "2.0", method: "copy", params: { text: "0x1000" } });
    at.post({ jsonrpc: "2.0", method: "painted", params: { step: 1, milliseconds: 3.5 } });
    at.post({ jsonrpc: "2.0", method: "dismissProblem", params: {} });
    await turn();
    assert.deepEqual(at.done, [
      ["save", shown],
      ["choose", shown, 1, { reveal: true, stay: false }],
      ["choose", shown, 1, { reveal: false, stay: true }],
      ["copy", "0x1000"],
      ["painted", { step: 1, milliseconds: 3.5 }],
      ["dismissProblem"],
    ]);
  });
});
