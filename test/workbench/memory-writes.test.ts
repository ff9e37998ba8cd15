// The main job in the real workbench: arm, step, and see which pages the line wrote, in the panel, beside the line, in the bar.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/extension.ts";
import { programPages, type Step } from "../../src/recording/step.ts";
import type { TrackedSession } from "../../src/session/tracked-session.ts";
import { breakAt, type DebugRun, launch } from "./debug-session.ts";
import { drive, hasDriver, needsDriver } from "./driver.ts";
import { armInPage, click, element, pageShows, pageShowsText, picture, tableRows } from "./page.ts";
import { until } from "./simulated-session.ts";
import { missingPages } from "./written-pages.ts";

const programs = resolve(__dirname, "../../../test/programs");

async function writeWatch(): Promise<WriteWatchApi> {
  const extension = vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch");
  assert.ok(extension, "the extension is not installed");
  return extension.activate();
}

/** Resolves with the next step of any session. */
function nextStep(api: WriteWatchApi): Promise<Step> {
  return new Promise(done => {
    const subscription = api.sessions.onStep.listen(({ step }) => {
      subscription.dispose();
      done(step);
    });
  });
}

function shown(api: WriteWatchApi): TrackedSession {
  const session = api.sessions.shown;
  assert.ok(session, "no session is shown");
  return session;
}

describe("The Memory Writes panel", () => {
  let folder: string;
  let output: string;
  let source: vscode.Uri;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-workbench-"));
    output = join(folder, "output.txt");
    writeFileSync(output, "");
    const program = join(folder, "global");
    execFileSync("gcc", ["-D_GNU_SOURCE", "-g", "-O0", "-pthread", "-o", program, join(programs, "global.c")]);
    source = vscode.Uri.file(join(programs, "global.c"));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  async function stoppedAtFirstStore(): Promise<{ api: WriteWatchApi; run: DebugRun }> {
    const api = await writeWatch();
    await vscode.commands.executeCommand("writewatch.showPanel");
    const configuration: vscode.DebugConfiguration = {
      name: "What a line writes",
      type: "lldb-dap",
      request: "launch",
      program: join(folder, "global"),
      cwd: folder,
      initCommands: [`settings set target.output-path "${output}"`],
    };
    await breakAt(source, "global = 7;");
    const run = await launch(configuration);
    await run.stop();
    return { api, run };
  }

  it("tells for each line the pages that the program itself says it wrote", async () => {
    const { api, run } = await stoppedAtFirstStore();
    const steps: Step[] = [];
    try {
      await vscode.commands.executeCommand("writewatch.arm");
      assert.ok(shown(api).isArmed, shown(api).status.message);
      for (let i = 0; i < 12; i += 1) {
        const step = nextStep(api);
        await run.next();
        steps.push(await step);
      }
      assert.match(api.lineNotes.text ?? "", /wrote (\d+ pages?|no page)/);
      assert.match(api.statusBar.text, /pages written/);
      await picture("panel-steps");
    } finally {
      await vscode.commands.executeCommand("workbench.action.debug.continue");
      await run.ended;
      await run.end();
    }
    const said = readFileSync(output, "latin1");
    const lines = new Set(said.match(/^ran \d+/gm)?.map(line => Number(line.slice(4))));
    const checked = steps.filter(step => lines.has(step.from?.line ?? 0));
    assert.ok(checked.length >= 5, `only ${checked.length} steps ran a line with a store`);
    for (const step of checked) {
      assert.deepEqual(missingPages(said, step), [], `step ${step.number}, line ${step.from?.line}`);
    }
  });

  it("shows the steps in the page, and beside the line", async function () {
    needsDriver(this);
    const { api, run } = await stoppedAtFirstStore();
    try {
      await armInPage();
      const stepped = nextStep(api);
      await drive({ do: "press", keys: "F10" });
      const { number } = await stepped;
      const { steps } = shown(api).recording;
      // It is told as soon as its pages are known, and more fully a moment later.
      const step = await until("the whole of the step", () => {
        const kept = steps.byNumber(number);
        return kept?.settled ? kept : undefined;
      });
      const wrote = `,${programPages(step).pageCount},`;
      await pageShows(
        `[...${element("step-1")}?.children ?? []].map(each => "," + each.textContent + ",").includes("${wrote}")`,
      );
      await click("as-table");
      await pageShows(`${element("mappings")}.querySelectorAll("tbody tr").length > 3`);
      const written = (await tableRows()).reduce((sum, row) => sum + Number(row["Written by the chosen step"]), 0);
      assert.equal(written, programPages(step).pageCount);
      await click("as-table");
      const note = api.lineNotes.text ?? "";
      await drive({
        do: "waitInPage",
        script: `[...document.querySelectorAll(".view-line span")].some(span => getComputedStyle(span, "::after").content.replaceAll("\\u00a0", " ").includes(${JSON.stringify(note)}))`,
        timeoutMs: 10_000,
      });
      await pageShows(`${element("map")}.width > 0`);
      await picture("panel-after-step");
    } finally {
      await run.end();
    }
  });

  it("tells who wrote a variable, with the bytes before and after, and goes to the line", async function () {
    needsDriver(this);
    const { api, run } = await stoppedAtFirstStore();
    try {
      await armInPage();
      await shown(api).bookToDebugger();
      const lineOf = (text: string): number => {
        const lines = readFileSync(source.fsPath, "utf8").split("\n");
        return lines.findIndex(line => line.includes(text)) + 1;
      };
      for (let line = 0; line <= lineOf("global += 1") - lineOf("global = 7"); line += 1) await run.next();
      await shown(api).quiet();
      const asked = vscode.commands.executeCommand("writewatch.whoWrote", { variable: { evaluateName: "global" } });
      const rows = `[...document.querySelectorAll(".quick-input-list .monaco-list-row")].map(row => row.textContent)`;
      // The second store left the value as it was: it changed nothing.
      await drive({
        do: "waitInPage",
        script: `${rows}.length === 2 && ${rows}[0].includes("global.c:${lineOf("global += 1")}") && ${rows}[0].includes("07 → 08") && ${rows}[1].includes("00 → 07")`,
        timeoutMs: 10_000,
      });
      await picture("who-wrote");
      await drive({ do: "press", keys: "Enter" });
      await asked;
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.uri.fsPath, source.fsPath);
      assert.equal(editor.selection.active.line + 1, lineOf("global += 1"));
    } finally {
      await run.end();
    }
  });

  it("says so when its agent is killed, lets the program run on, and arms again", async () => {
    const { api, run } = await stoppedAtFirstStore();
    try {
      await vscode.commands.executeCommand("writewatch.arm");
      const session = shown(api);
      assert.ok(session.isArmed, session.status.message);
      const pid = api.agent.processes[0]?.pid;
      assert.ok(pid, "no agent runs");
      const lost = new Promise<void>(done => {
        session.onChange.listen(() => {
          if (session.status.memory === "lost") done();
        });
      });
      process.kill(pid, "SIGKILL");
      await lost;
      assert.match(session.status.message, /program runs on.*[Aa]rm again/);
      await picture("panel-lost");
      await run.next();
      await vscode.commands.executeCommand("writewatch.arm");
      assert.ok(session.isArmed, session.status.message);
      const step = nextStep(api);
      await run.next();
      assert.ok((await step).written.pageCount >= 0);
    } finally {
      await run.end();
    }
  });

  it("leaves no descriptor in the program, and exports its steps as JSON Lines", async () => {
    const { api, run } = await stoppedAtFirstStore();
    try {
      await vscode.commands.executeCommand("writewatch.arm");
      const session = shown(api);
      const links = execFileSync("ls", ["-l", `/proc/${session.processId}/fd`], { encoding: "utf8" });
      assert.doesNotMatch(links, /userfaultfd/);
      const step = nextStep(api);
      await run.next();
      await step;
      const target = join(folder, "steps.jsonl");
      await api.saver.exportTo(session.recording, vscode.Uri.file(target));
      const events = readFileSync(target, "utf8")
        .trim()
        .split("\n")
        .map(line => JSON.parse(line));
      assert.deepEqual(
        events.map(({ event }) => event),
        ["armed", "layout", "step"],
      );
    } finally {
      await run.end();
    }
  });

  it("scans a process by category, arming and changing nothing", async () => {
    const api = await writeWatch();
    const scan = await api.scanPid(api.agent, api.panel, process.pid, "extension host");
    assert.ok(scan.snapshot.categories.length > 10);
    const json = api.scanJson(scan) as { regions: { categories: string[] }[] };
    assert.ok(json.regions.some(({ categories }) => categories.includes("PRESENT")));
    assert.ok(json.regions.every(({ categories }) => !categories.includes("WPALLOWED")));
    if (!hasDriver()) return;
    await pageShowsText("phase", /Pages: .*scanned in/);
    await picture("panel-scan");
    await click("close");
  });
});
