// Python programs under the real debugpy: launched and attached to, by the agent's own ptrace.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pageOf } from "../../../src/memory/page.ts";
import { byteWritersOf } from "../../../src/recording/writers.ts";
import type { Hit } from "../../../src/session/watch-hit.ts";
import { Mirror } from "../../foreign/mirror.ts";
import { descriptorsOf, isStanding, ProcessMemory, registeredMappings } from "../../foreign/process-files.ts";
import { tellCell } from "../cells.ts";
import { RuntimeProgram, type Start } from "./program.ts";

const SOURCE = fileURLToPath(new URL("programs/steps.py", import.meta.url));
const RELAY = fileURLToPath(new URL("tcp-adapter.ts", import.meta.url));
/** Debian's own, which its debugpy is for. */
const PYTHON = "/usr/bin/python3";
const FIRST_LINE = 19;

/** It lives long enough to be paused. */
const LASTING = `import time
counters = bytearray(3 * 4096)

def work():
    counters[5000] = 1
    for _ in range(200):
        time.sleep(0.05)

work()
`;

function start(configuration: Start["configuration"]): Start {
  return {
    debugType: "debugpy",
    command: { command: PYTHON, args: ["-m", "debugpy.adapter"] },
    configuration: { ...configuration, subProcess: false },
    breakpoints: { path: SOURCE, lines: [FIRST_LINE] },
  };
}

describe("A Python program under debugpy", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "writewatch-debugpy-"));

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is launched, armed and stepped: pages told are those that differ, and its output is as ever", async () => {
    const plain = execFileSync(PYTHON, [SOURCE], { encoding: "utf8" });
    const watched = await RuntimeProgram.start(
      start({ request: "launch", program: SOURCE, python: [PYTHON], console: "internalConsole" }),
    );
    try {
      await checkSteps(watched);
      await watched.session.disarm();
      await watched.client.request("setBreakpoints", { source: { path: SOURCE }, breakpoints: [] });
      await watched.runToEnd();
    } finally {
      await watched.close();
    }
    assert.ok(watched.output.endsWith(plain), watched.output);
    tellCell({ debugger: "debugpy", language: "Python", request: "launch", outcome: "works" });
  });

  it("is attached to where it listens, armed and stepped, and let go again", async () => {
    const out = openSync(join(folder, "output"), "w");
    const port = 20_000 + (process.pid % 10_000);
    const listen = [
      "-m",
      "debugpy",
      "--listen",
      `127.0.0.1:${port}`,
      "--configure-subProcess",
      "false",
      "--wait-for-client",
    ];
    const child = spawn(PYTHON, [...listen, SOURCE], {
      stdio: ["ignore", out, out],
      // Else it prints a warning of its own among what the program prints.
      env: { ...process.env, PYDEVD_DISABLE_FILE_VALIDATION: "1" },
    });
    closeSync(out);
    const exited = new Promise<number | null>(resolve => child.once("exit", code => resolve(code)));
    const watched = await RuntimeProgram.start({
      ...start({ request: "attach", connect: { host: "127.0.0.1", port } }),
      command: { command: process.execPath, args: [RELAY, String(port), "/dev/null"] },
    });
    try {
      await checkSteps(watched);
      assert.equal(watched.session.processId, child.pid);
      await watched.session.disarm();
      await watched.client.request("setBreakpoints", { source: { path: SOURCE }, breakpoints: [] });
      await watched.client.request("disconnect", { terminateDebuggee: false });
      assert.equal(await exited, 0);
    } finally {
      child.kill("SIGKILL");
      await watched.close();
    }
    assert.equal(readFileSync(join(folder, "output"), "utf8"), execFileSync(PYTHON, [SOURCE], { encoding: "utf8" }));
    tellCell({ debugger: "debugpy", language: "Python", request: "attach", outcome: "works" });
  });

  it("is paused behind a write to a watched buffer, since nothing can be held before it", async () => {
    const source = join(folder, "lasting.py");
    writeFileSync(source, LASTING);
    const configuration = { request: "launch" as const, program: source, python: [PYTHON], console: "internalConsole" };
    const watched = await RuntimeProgram.start({ ...start(configuration), breakpoints: { path: source, lines: [5] } });
    const { session } = watched;
    try {
      await session.arm();
      const { address } = await session.locate("counters");
      const watch = { id: "w", what: "counters[5000]", ranges: [{ start: address + 5000, end: address + 5001 }] };
      await watched.client.request("setBreakpoints", { source: { path: source }, breakpoints: [] });
      await session.watching.set([watch]);
      const { state, notes = [] } = session.watching.state("w") ?? assert.fail();
      assert.equal(state, "watched");
      assert.match(notes.join(" "), /a moment after the write.*hold up the whole language/);
      const hit = new Promise<Hit>(resolve => void session.watching.onHit.listen(resolve));
      await session.bookToDebugger();
      await watched.client.request("continue", { threadId: watched.thread });
      assert.equal((await watched.halt()).reason, "data breakpoint");
      const { before, after = [] } = await hit;
      assert.deepEqual([[...before], [...after]], [[0], [1]]);
    } finally {
      await watched.close();
    }
  });
});

async function checkSteps(watched: RuntimeProgram): Promise<void> {
  const place = await watched.frame();
  await watched.session.arm();
  assert.deepEqual(await watched.frame(), place, "the program stands where it stood");
  const pid = watched.session.processId ?? assert.fail("no process");
  assert.ok(!descriptorsOf(pid).some(each => each.includes("userfaultfd")), "no descriptor is left in the program");
  const { address, size } = await watched.session.locate("counters");
  assert.equal(size, 3 * 4096);
  const page = pageOf(address + 5000);
  const memory = new ProcessMemory(pid);
  const mirror = new Mirror(memory);
  await watched.session.bookToDebugger();
  const first = await watched.newlyTold();
  await frozen(pid, () => mirror.copy(first));
  const lost: string[] = [];
  const wrote: [number | undefined, boolean][] = [];
  for (let i = 0; i < 5; i += 1) {
    const told = await watched.step("next");
    const step = told.steps.at(-1) ?? assert.fail("no step");
    lost.push(...(await frozen(pid, () => mirror.check(told))));
    wrote.push([step.from?.line, step.written.has(page)]);
    assert.deepEqual(step.doubts.includes("debugger within"), true);
  }
  memory.close();
  assert.deepEqual(lost, [], "every page that differs was told, at its own stop or at the next one");
  assert.ok(mirror.compared > 1000);
  assert.deepEqual(wrote.slice(0, 3), [
    [19, true],
    [20, false],
    [21, false],
  ]);
  const { writers } = byteWritersOf(watched.session.recording.steps, address + 5000, address + 5001, 10);
  assert.equal(writers[0]?.step.from?.line, 19);
  await watched.session.disarm();
  assert.deepEqual(registeredMappings(pid), []);
  await watched.session.arm();
}

/** A look at the memory while nothing in the process moves, debugpy's own threads neither. */
async function frozen<T>(pid: number, look: () => T): Promise<T> {
  process.kill(pid, "SIGSTOP");
  while (!isStanding(pid)) await new Promise(resolve => setTimeout(resolve, 1));
  try {
    return look();
  } finally {
    process.kill(pid, "SIGCONT");
  }
}
