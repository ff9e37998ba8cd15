// From the debugger's `stopped` to the panel's first frame with the step in it, beside VS Code's own highlighted line.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../../src/extension.ts";
import { breakAt, type DebugRun, launch } from "../../workbench/debug-session.ts";
import { drive } from "../../workbench/driver.ts";
import { element, pageShows } from "../../workbench/page.ts";
import { lineFrame, now, panelFrame, watchHighlightedLine } from "./frames.ts";

const STEPS = 20;
const PROGRAMS = [
  ["small", "a small program"],
  ["pages", "1 Mi armed pages, every second one written"],
  ["mappings", "5,000 mappings, 100 of them written"],
] as const;

/** How long a frame is waited for. */
const SEEN_MS = 5000;

interface Figures {
  readonly scan: number[];
  /** From the stop, milliseconds. */
  readonly told: number[];
  readonly line: number[];
  readonly panel: number[];
}

describe("Stop to panel painted", () => {
  const source = resolve(__dirname, "../../../test/bench/panel/stops.c");
  let folder: string;
  let api: WriteWatchApi;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-panel-"));
    execFileSync("gcc", ["-g", "-O0", "-o", join(folder, "stops"), source]);
    const found = await vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch")?.activate();
    assert.ok(found, "the extension is not installed");
    api = found;
    await vscode.commands.executeCommand("writewatch.showPanel");
    await watchHighlightedLine();
    await report(
      `${STEPS} steps each, lldb-dap, VS Code ${vscode.version} in Chromium without a GPU; milliseconds from the stop`,
    );
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [what, words] of PROGRAMS) {
    it(`is told as medians for ${words}`, async function () {
      this.timeout(240_000);
      await breakAt(vscode.Uri.file(source), "break here");
      const run = await launch({
        name: what,
        type: "lldb-dap",
        request: "launch",
        program: join(folder, "stops"),
        args: [what],
        cwd: folder,
        // The debug console would take the panel's place.
        internalConsoleOptions: "neverOpen",
      });
      try {
        await run.stop();
        vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
        await vscode.commands.executeCommand("writewatch.showPanel");
        await vscode.commands.executeCommand("writewatch.arm");
        await pageShows(`${element("map")}?.checkVisibility() === true`);
        const figures = await measure(run);
        await tell(words, figures);
        assert.equal(figures.panel.length, STEPS);
      } finally {
        await run.end();
      }
    });
  }

  async function measure(run: DebugRun): Promise<Figures> {
    const figures: Figures = { scan: [], told: [], line: [], panel: [] };
    let stoppedAt = 0;
    const watching = run.onStopped(() => {
      stoppedAt = now();
    });
    let last = 0;
    // A step is told again where more of it is known.
    const step = (): Promise<{ number: number; at: number; scan: number }> =>
      new Promise(done => {
        const subscription = api.sessions.onStep.listen(({ step: { number, scanMicroseconds: scan } }) => {
          if (number <= last) return;
          last = number;
          subscription.dispose();
          done({ number, at: now(), scan });
        });
      });
    // The first ones fill caches, the debugger's among them.
    for (let i = -2; i < STEPS; i += 1) {
      const stepped = step();
      await run.next();
      const { number, at, scan } = await stepped;
      await pageShows(`performance.getEntriesByName("writewatch: step ${number} painted").length > 0`);
      await pageShows(`${element(`step-${number}`)} !== null`);
      const line = await lineFrame(stoppedAt, SEEN_MS);
      const panel = await panelFrame(number);
      assert.ok(line !== undefined && panel !== undefined, "a frame was not seen");
      if (i < 0) continue;
      figures.scan.push(scan / 1000);
      figures.told.push(at - stoppedAt);
      figures.line.push(line - stoppedAt);
      figures.panel.push(panel - stoppedAt);
    }
    watching.dispose();
    return figures;
  }
});

async function tell(words: string, { scan, told, line, panel }: Figures): Promise<void> {
  const notLater = panel.filter((at, i) => at <= line[i] + FRAME_MS).length;
  for (const text of [
    `${words}:`,
    figure("scan in the agent", scan),
    figure("the step told in the extension", told),
    figure("VS Code's highlighted line painted", line),
    figure("the panel painted", panel),
    `  the panel is ${(median(panel) / median(line)).toFixed(2)} times as late as the line; in the same frame or before in ${notLater} of ${panel.length}`,
  ]) {
    await report(text);
  }
}

/** A frame at 60 a second. */
const FRAME_MS = 1000 / 60;

function figure(what: string, values: readonly number[]): string {
  return `  ${what}: median ${median(values).toFixed(1)} ms (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;
}

function report(line: string): Promise<unknown> {
  return drive({ do: "report", line });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
