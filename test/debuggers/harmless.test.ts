// Requests that are taken for harmless write nothing in the program, by measurement: each is sent, and then the memory scanned.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { attachThroughDebugger } from "../../src/debuggers/injection.ts";
import { findAdapter } from "../../src/trace/adapters.ts";
import { LaunchedProgram } from "../../src/trace/debuggee.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { DEBUGGERS } from "../debuggers-here.ts";

const agentModule = fileURLToPath(new URL("../../src/agent/main.ts", import.meta.url));
const folder = fileURLToPath(new URL("../../dist/test/", import.meta.url));

/** Stands once in a function with containers around it, once while an exception is being handled. */
const PROGRAM = `#include <map>
#include <stdexcept>
#include <string>
#include <vector>
int global_value = 1;
static void stopped() { global_value += 1; }
static int work(const std::vector<int>& numbers, std::map<std::string, int>& names) {
  std::string text = "text";
  names["a"] = numbers[0];
  stopped();
  return static_cast<int>(text.size());
}
int main() {
  std::vector<int> numbers{1, 2, 3};
  std::map<std::string, int> names{{"x", 1}};
  work(numbers, names);
  try { throw std::runtime_error("thrown"); }
  catch (const std::exception& error) { work(numbers, names); }
  return 5;
}
`;

/** lldb-dap 19 ends, and the program with it, when it gets a request that it does not know. */
const KNOWN_TO_END_LLDB_DAP = ["breakpointLocations", "loadedSources", "gotoTargets", "stepInTargets", "readMemory"];

function compiledProgram(): string {
  mkdirSync(folder, { recursive: true });
  const source = join(folder, "harmless.cc");
  writeFileSync(source, PROGRAM);
  const program = join(folder, "harmless");
  execFileSync("g++", ["-g", "-O0", "-o", program, source]);
  return program;
}

for (const name of DEBUGGERS) {
  describe(`What ${name} is asked while the program stands`, () => {
    it("writes nothing where the request is taken for harmless, and is noticed where it is not", async function () {
      this.timeout(120_000);
      const program = compiledProgram();
      const adapter = findAdapter(name);
      const launched = new LaunchedProgram(adapter, 30_000);
      const keeper = new AgentKeeper(agentModule, NO_LOG);
      const { client } = launched;
      try {
        const request = { program, args: [], cwd: "/", input: "/dev/null", output: "/dev/null" };
        await launched.launch(request, "stopped");
        const first = await launched.next();
        assert.ok(first.kind === "stopped");
        const { threadId } = first;
        const asked = adapter.debugger;
        const tracker = keeper.tracker();
        const context = { port: client, threadId };
        const pid = await asked.processId(context);
        await attachThroughDebugger({ debugger: asked, context, pid }, tracker, DEFAULT_ARM_OPTIONS);
        await tracker.arm();

        const writes = async (command: string, args: object): Promise<number> => {
          await tracker.scan();
          await client.request(command, args).catch(() => {});
          const { written, text } = await tracker.scan();
          return written.pageCount + text.pageCount;
        };
        const seen: string[] = [];
        for (let stop = 0; stop < 2; stop += 1) {
          for (const [command, args] of await requests(client, threadId, program)) {
            if (name === "lldb-dap" && KNOWN_TO_END_LLDB_DAP.includes(command)) continue;
            const pages = await writes(command, args);
            if (asked.quirks.harmless.has(command)) assert.equal(pages, 0, `${command} has written`);
            if (pages > 0) seen.push(command);
          }
          await client.request("continue", { threadId });
          const happening = await launched.next();
          assert.equal(happening.kind, stop === 0 ? "stopped" : "ended");
        }
        // An expression has a place in the program's memory under lldb; gdb writes what it is told to.
        assert.ok(seen.includes("evaluate"), `written by ${seen.join(", ")}`);
        if (name === "lldb-dap") assert.ok(seen.includes("stackTrace"), `written by ${seen.join(", ")}`);
      } finally {
        keeper.dispose();
        await launched.dispose();
      }
    });
  });
}

/** What VS Code, and people, ask at a stop. */
async function requests(
  client: LaunchedProgram["client"],
  threadId: number,
  program: string,
): Promise<(readonly [string, object])[]> {
  const stack = (await client.request("stackTrace", { threadId })) as DebugProtocol.StackTraceResponse["body"];
  const [, caller] = stack.stackFrames;
  const frameId = caller?.id;
  const { scopes } = (await client.request("scopes", { frameId })) as DebugProtocol.ScopesResponse["body"];
  const source = { path: `${program}.cc` };
  return [
    ["threads", {}],
    ["stackTrace", { threadId, startFrame: 0, levels: 20 }],
    ["scopes", { frameId }],
    ...scopes.map(({ variablesReference }) => ["variables", { variablesReference }] as const),
    ["modules", {}],
    ["source", { sourceReference: 0, source }],
    ["loadedSources", {}],
    ["exceptionInfo", { threadId }],
    ["breakpointLocations", { source, line: 10 }],
    ["completions", { frameId, text: "glo", column: 4 }],
    ["disassemble", { memoryReference: caller?.instructionPointerReference ?? "0x0", instructionCount: 10 }],
    ["readMemory", { memoryReference: "&global_value", count: 16 }],
    ["dataBreakpointInfo", { name: "global_value", frameId }],
    ["stepInTargets", { frameId }],
    ["gotoTargets", { source, line: 10 }],
    ["evaluate", { expression: "global_value = 7", frameId, context: "repl" }],
    [
      "evaluate",
      { expression: `${client.debugType === "lldb" ? "/nat " : ""}global_value += 1`, frameId, context: "watch" },
    ],
  ];
}
