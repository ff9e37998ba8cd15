// A live process in the real workbench, without a debugger: attached to, armed, run for slices of time, and sampled.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/connect.ts";
import type { SamplingView } from "../../src/ui/sampling/view.ts";
import { until } from "./simulated-session.ts";

const BUSY =
  "let i = 0; const b = Buffer.alloc(1 << 22); setInterval(() => b.fill(++i & 255), 2); console.log('ready');";

describe("A process without a debugger", () => {
  let api: WriteWatchApi;
  let child: ChildProcess;

  before(async () => {
    const extension = vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch");
    assert.ok(extension, "the extension is not installed");
    api = await extension.activate();
  });

  beforeEach(async () => {
    child = spawn(process.execPath, ["-e", BUSY], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    await new Promise(resolve => child.stdout?.once("data", resolve));
  });

  afterEach(async () => {
    await vscode.debug.stopDebugging();
    child.kill("SIGKILL");
  });

  it("is attached to and armed, tells what each slice of its time wrote, and runs on when it is left", async () => {
    await vscode.commands.executeCommand("writewatch.attachProcess", child.pid);
    const session = await until("it stands", () =>
      api.sessions.all.find(({ debugType, status }) => debugType === "writewatch" && status.can.arm),
    );
    await vscode.commands.executeCommand("writewatch.arm");
    for (let i = 1; i <= 3; i += 1) {
      await vscode.commands.executeCommand("workbench.action.debug.stepOver");
      await until(
        "the slice is told",
        () => session.recording.steps.count >= i && session.status.program === "stopped",
      );
      await session.quiet();
    }
    const pages = [...session.recording.steps].reduce((sum, { written }) => sum + written.pageCount, 0);
    assert.ok(pages > 0);
    await vscode.debug.stopDebugging();
    await until("it is let go", () => /^TracerPid:\t0$/m.test(readFileSync(`/proc/${child.pid}/status`, "latin1")));
    assert.equal(child.exitCode, null);
  });

  it("is sampled in a tab of its own", async () => {
    const view = (await vscode.commands.executeCommand("writewatch.sampleProcess", child.pid)) as SamplingView;
    await until("something is drawn", () => /Written now: [1-9][\d.]* MiB\/s/.test(view.html));
    assert.match(view.html, /At 1,000 Mbit\/s a migration/);
    view.close();
    await view.over;
    assert.equal(child.exitCode, null);
  });
});
