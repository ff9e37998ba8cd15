// JavaScript in the real workbench, under the js-debug that is built into VS Code: the program's own session is the one that is armed.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/connect.ts";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import type { Step } from "../../src/recording/step.ts";
import type { TrackedSession } from "../../src/session/tracked-session.ts";
import { breakAt } from "./debug-session.ts";
import { until } from "./simulated-session.ts";

const PROGRAM = `const buffer = Buffer.alloc(1 << 20);
function work(value) {
  buffer.fill(value);
  const text = "x".repeat(value);
  return text.length + buffer[1000];
}
let sum = 0;
for (const value of [0xa7, 0xa8]) sum += work(value);
require("node:fs").writeFileSync(__dirname + "/output", "sum " + sum);
`;
const PAGES = (1 << 20) / PAGE_SIZE;

describe("A JavaScript program", () => {
  const folder = mkdtempSync(join(tmpdir(), "writewatch-javascript-"));
  const program = join(folder, "main.js");
  const output = join(folder, "output");
  let api: WriteWatchApi;
  let inspected: ChildProcess | undefined;

  before(async () => {
    writeFileSync(program, PROGRAM);
    const extension = vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch");
    assert.ok(extension, "the extension is not installed");
    api = await extension.activate();
    await breakAt(vscode.Uri.file(program), "buffer.fill");
  });

  afterEach(async () => {
    await vscode.debug.stopDebugging();
    inspected?.kill("SIGKILL");
    rmSync(output, { force: true });
  });

  after(() => {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    rmSync(folder, { recursive: true, force: true });
  });

  /** @returns the session that stands in the program. */
  async function stoppedBy(configuration: object): Promise<TrackedSession> {
    const whole = { name: "JavaScript", type: "node", ...configuration } as vscode.DebugConfiguration;
    assert.ok(await vscode.debug.startDebugging(undefined, whole));
    return until("it stands at the breakpoint", () =>
      api.sessions.all.find(({ status }) => status.program === "stopped" && status.can.arm),
    );
  }

  async function stepOver(): Promise<Step> {
    const steps = () => api.sessions.shown?.recording.steps;
    const number = (steps()?.last?.number ?? 0) + 1;
    await vscode.commands.executeCommand("workbench.action.debug.stepOver");
    return until("the whole of the step", () => {
      const step = steps()?.byNumber(number);
      return step?.settled && step.to ? step : undefined;
    });
  }

  async function check(session: TrackedSession): Promise<number> {
    assert.equal(
      api.sessions.shown,
      session,
      "the program's session is the one that is shown, not the one that started it",
    );
    await vscode.commands.executeCommand("writewatch.arm");
    assert.ok(session.isArmed, session.status.message);
    const pid = session.processId ?? assert.fail("no process");
    const step = await stepOver();
    assert.equal(step.from?.line, 3);
    assert.equal(step.to?.line, 4);
    assert.ok(step.doubts.includes("debugger within"));
    const filled = [...step.written.pairs()].flatMap(([start, end]) => pagesFullOf(0xa7, pid, start, end));
    // An allocation has a head before it, so that its first and last page are shared with something else.
    assert.ok(filled.length >= PAGES - 1, `${filled.length} pages of ${PAGES} are told`);
    await assert.rejects(session.locate("buffer"), /tells no addresses/);
    const next = await stepOver();
    assert.deepEqual(
      filled.filter(page => next.written.has(page)),
      [],
      "the next line leaves the buffer alone",
    );
    await session.disarm();
    const said = await until("it has ended", async () => {
      // It comes to the breakpoint once more.
      if (session.status.program === "stopped") await vscode.commands.executeCommand("workbench.action.debug.continue");
      return readFileSync(output, "utf8") || undefined;
    });
    assert.equal(said, `sum ${2 * (0xa7 + 0xa8)}`);
    return pid;
  }

  it("is launched by F5, armed, and tells the pages of a buffer that a line fills", async () => {
    const session = await stoppedBy({ request: "launch", program, runtimeExecutable: process.execPath });
    await check(session);
    const starter = api.sessions.all.find(each => each !== session && each.debugType === session.debugType);
    assert.equal(starter?.isArmed, false);
  });

  it("is attached to by its inspector's port, and armed", async () => {
    const child = spawn(process.execPath, ["--inspect-brk=127.0.0.1:0", program], {
      stdio: ["ignore", "ignore", "pipe"],
      // Not the variables by which js-debug takes up what is started from VS Code.
      env: { PATH: process.env.PATH },
    });
    inspected = child;
    const port = await new Promise<number>(done => {
      child.stderr.setEncoding("utf8").on("data", text => {
        const told = /ws:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1];
        if (told) done(Number(told));
      });
    });
    const session = await stoppedBy({ request: "attach", address: "127.0.0.1", port, continueOnAttach: true });
    assert.equal(await check(session), child.pid);
  });
});

/** Those of pages [start, end) whose every byte is that one. */
function pagesFullOf(byte: number, pid: number, start: number, end: number): number[] {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  const wanted = Buffer.alloc(PAGE_SIZE, byte);
  const found: number[] = [];
  const bytes = Buffer.alloc(PAGE_SIZE);
  for (let page = start; page < end; page += 1) {
    try {
      readSync(memory, bytes, 0, PAGE_SIZE, BigInt(page) * BigInt(PAGE_SIZE));
      if (bytes.equals(wanted)) found.push(page);
    } catch {
      // It has gone since.
    }
  }
  closeSync(memory);
  return found;
}
