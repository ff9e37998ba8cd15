// From the debugger's `stopped` to the end of the panel's first frame with the step in it.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../../src/extension.ts";
import { breakAt, launch } from "../../workbench/debug-session.ts";
import { drive } from "../../workbench/driver.ts";

const STEPS = 20;

describe("Stop to panel painted", () => {
  it("is told as medians", async () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder, "no folder is open");
    const api = await vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch")?.activate();
    assert.ok(api, "the extension is not installed");
    await vscode.commands.executeCommand("writewatch.showPanel");

    let stoppedAt = 0;
    const watching = vscode.debug.registerDebugAdapterTrackerFactory("*", {
      createDebugAdapterTracker: () => ({
        onDidSendMessage(message) {
          if (message.type === "event" && message.event === "stopped") stoppedAt = performance.now();
        },
      }),
    });
    await breakAt(vscode.Uri.joinPath(folder.uri, "main.c"), "setbuf");
    const run = await launch("Sample (lldb-dap)");
    const scans: number[] = [];
    const told: number[] = [];
    const painted: number[] = [];
    const inPage: number[] = [];
    try {
      await run.stop();
      await vscode.commands.executeCommand("writewatch.arm");
      for (let i = 0; i < STEPS; i += 1) {
        const done = new Promise<number>(resolve => {
          const subscription = api.panel.onPainted.listen(({ milliseconds }) => {
            subscription.dispose();
            inPage.push(milliseconds);
            resolve(performance.now());
          });
        });
        const step = new Promise<number>(resolve => {
          const subscription = api.sessions.onStep.listen(({ step: { scanMicroseconds } }) => {
            subscription.dispose();
            scans.push(scanMicroseconds);
            resolve(performance.now());
          });
        });
        await run.next();
        told.push((await step) - stoppedAt);
        painted.push((await done) - stoppedAt);
      }
    } finally {
      watching.dispose();
      await run.end();
    }
    const line = (what: string, values: number[], unit: string): string =>
      `${what}: median ${median(values).toFixed(unit === "ms" ? 1 : 0)} ${unit} (least ${Math.min(...values).toFixed(1)}, most ${Math.max(...values).toFixed(1)})`;
    for (const text of [
      `${STEPS} steps of the sample program, lldb-dap, VS Code ${vscode.version} in Chromium without a GPU`,
      line("scan in the agent", scans, "µs"),
      line("stop to the step told (scan, mappings, place)", told, "ms"),
      line("of it in the panel's page, from the message to the end of the frame", inPage, "ms"),
      line("stop to the panel painted", painted, "ms"),
    ]) {
      await drive({ do: "report", line: text });
    }
    assert.equal(painted.length, STEPS);
  });
});

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
