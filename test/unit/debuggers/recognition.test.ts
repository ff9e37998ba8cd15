// Who speaks, by what it shows: the answers of real adapters to `initialize`, several of which go by one debug type.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { debuggerFor, KNOWN } from "../../../src/debuggers/index.ts";
import type { AdapterSigns, Fields } from "../../../src/debuggers/signs.ts";

interface Shown {
  readonly from: string;
  readonly configuration: Fields;
  readonly initialize: Fields;
}

const folder = new URL("adapters/", import.meta.url);
const shown = new Map(
  readdirSync(folder).map(file => [
    file.replace(/\.json$/, ""),
    JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Shown,
  ]),
);

function signsOf(name: string): AdapterSigns {
  const adapter = shown.get(name) ?? assert.fail(`no answers of ${name} on file`);
  const { type, request, ...configuration } = adapter.configuration;
  return {
    debugType: String(type),
    request: request === "attach" ? "attach" : "launch",
    configuration,
    capabilities: adapter.initialize,
  };
}

/** Adapters on file, and the debugger that each is; undefined: none that is known. */
const EXPECTED: Readonly<Record<string, string | undefined>> = {
  "cdt-gdb-adapter-1.7.0": "gdb (cdt-gdb-adapter)",
  "codelldb-1.12.2": "CodeLLDB",
  "debugpy-1.6.6": "debugpy",
  "delve-1.20.2": "delve",
  "gdb-16.3": "gdb",
  "lldb-dap-19": "lldb-dap",
  cppdbg: "cppdbg",
  "native-debug-0.27": "gdb (Native Debug)",
};

describe("Recognizing a debug adapter", () => {
  for (const [name, expected] of Object.entries(EXPECTED)) {
    it(`tells ${name} by its answer to initialize`, () => {
      const signs = signsOf(name);
      assert.equal(debuggerFor(signs).debugger?.name, expected);
      const verdicts = KNOWN.filter(one => one.recognizes(signs) === "yes");
      assert.equal(verdicts.length, expected === undefined ? 0 : 1, "one debugger and no other takes it for its own");
    });
  }

  it("has an expectation for every adapter on file", () => {
    assert.deepEqual([...shown.keys()].sort(), Object.keys(EXPECTED).sort());
  });

  it("leaves open which of several an adapter is until it has answered, and says so", () => {
    const before = debuggerFor({ debugType: "gdb" });
    assert.equal(before.debugger, undefined);
    assert.ok(before.lacks !== undefined && before.mayCome);
    assert.match(before.lacks, /'gdb' may be .*gdb.* or .*cdt-gdb-adapter.*has not shown yet which/);
    assert.equal(debuggerFor({ debugType: "gdb", configuration: { program: "/p" } }).debugger, undefined);
  });

  it("finds lldb-dap and gdb's own adapter behind debug types of other extensions", () => {
    assert.equal(debuggerFor({ ...signsOf("lldb-dap-19"), debugType: "swift" }).debugger?.name, "lldb-dap");
    assert.equal(debuggerFor({ ...signsOf("gdb-16.3"), debugType: "rocgdb" }).debugger?.name, "gdb");
  });

  it("tells CodeLLDB from lldb-dap under either's debug type, and takes one whose languages have no exceptions", () => {
    assert.equal(debuggerFor({ ...signsOf("lldb-dap-19"), debugType: "lldb" }).debugger?.name, "lldb-dap");
    assert.equal(debuggerFor({ ...signsOf("codelldb-1.12.2"), debugType: "swift" }).debugger?.name, "CodeLLDB");
    const without = { exceptionBreakpointFilters: [], supportsConfigurationDoneRequest: true };
    assert.equal(debuggerFor({ ...signsOf("codelldb-1.12.2"), capabilities: without }).debugger?.name, "CodeLLDB");
    assert.match(debuggerFor({ debugType: "lldb" }).lacks ?? "", /may be CodeLLDB/);
  });

  it("takes an adapter that nobody knows once it has named its program's process", async () => {
    const signs: AdapterSigns = { debugType: "zig", capabilities: {}, configuration: {} };
    const unknown = debuggerFor(signs);
    assert.ok(unknown.lacks !== undefined && !unknown.mayCome);
    assert.match(
      unknown.lacks,
      /does not know the debugger 'zig', and it has not told the number .* use one of lldb-dap/,
    );
    for (const more of [
      { process: { pid: 77 } },
      { configuration: { processId: "77" } },
      { configuration: { pid: 77 } },
    ]) {
      const { debugger: found } = debuggerFor({ ...signs, ...more });
      assert.equal(found?.name, "an unknown debugger");
      assert.equal(found.quirks.leavesUntraced, "perhaps");
    }
  });

  it("takes a JavaScript program's session for itself, and not the one that started it", () => {
    assert.equal(debuggerFor({ debugType: "pwa-node" }).debugger, undefined);
    const program = { __pendingTargetId: "7", name: "main.js [123]" };
    assert.equal(debuggerFor({ debugType: "pwa-node", configuration: program }).debugger?.name, "js-debug");
    for (const debugType of ["node", "pwa-node", "node-terminal"])
      assert.match(
        debuggerFor({ debugType, configuration: {} }).lacks ?? "",
        /a session of its own below it: arm that/,
      );
  });

  it("takes nothing on trust", () => {
    const nonsense: Fields[] = [
      { exceptionBreakpointFilters: "Ada assertions" },
      { exceptionBreakpointFilters: [null, 3, { label: 4 }] },
      { supportsReadMemoryRequest: "yes", supportsDisassembleRequest: 1 },
    ];
    for (const capabilities of nonsense) {
      assert.equal(debuggerFor({ debugType: "gdb", capabilities, configuration: {} }).debugger, undefined);
    }
    assert.equal(debuggerFor({ debugType: "zig", configuration: { pid: -1 } }).debugger, undefined);
    assert.equal(debuggerFor({ debugType: "zig", configuration: { pid: { $gt: 1 } } }).debugger, undefined);
  });
});
