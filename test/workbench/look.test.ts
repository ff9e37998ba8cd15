// Every state of the panel in the four kinds of theme, in the panel and in a narrow side bar: clean by axe-core, and pictured.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/extension.ts";
import { drive, needsDriver } from "./driver.ts";
import { makeRecording } from "./made-recording.ts";
import { armInPage, click, element, inAllThemes, inPage, pageShows, pageShowsText } from "./page.ts";
import {
  breakAtLines,
  end,
  lineOf,
  openProgram,
  press,
  setLaunchAside,
  stands,
  standsAt,
  start,
  until,
} from "./simulated-session.ts";

const PROGRAM = `fn fill_some(memory, turn) {
  memory[turn * page] = turn
  return turn
}

fn main() {
  let memory = mmap(4000 pages)
  var turn = 1
  fill memory, 900 pages, 1
  fill_some(memory, turn)
  fill memory, 300 pages, 2
  fill_some(memory, turn)
  print "done"
}
`;

describe("The look of the panel", () => {
  let api: WriteWatchApi;
  let session: vscode.DebugSession;
  let document: vscode.TextDocument;

  before(async function () {
    needsDriver(this);
    this.timeout(120_000);
    const found = await vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch")?.activate();
    assert.ok(found, "the extension is not installed");
    api = found;
    await setLaunchAside(true);
    await vscode.commands.executeCommand("writewatch.showPanel");
  });

  after(async () => {
    // Skipped for want of a driver: nothing was begun.
    if (!api) return;
    await vscode.commands.executeCommand("vscode.moveViews", {
      viewIds: ["writewatch.panel"],
      destinationId: "workbench.view.extension.writewatch",
    });
    await end();
    await setLaunchAside(false);
  });

  it("is clean while nothing can be shown but how to begin", async () => {
    for (const { id } of api.panel.recordings.items()) api.panel.recordings.close(id);
    await pageShowsText("empty-state", /Start a debug session/);
    await inAllThemes("empty");
  });

  it("is clean while a program stands and can be armed, with one Arm", async () => {
    document = await openProgram("look.wsim", PROGRAM);
    breakAtLines(document, { "var turn = 1": undefined });
    session = await start();
    const line = lineOf(document, "var turn = 1");
    if ((await until("the first stop", () => stands(session))).line !== line) await press("continue");
    await standsAt(session, line);
    await pageShows(
      `[...document.querySelectorAll('[data-testid="arm"]')].filter(each => each.checkVisibility()).length === 1`,
    );
    await inAllThemes("can-arm");
  });

  it("is clean with steps", async () => {
    await armInPage();
    for (let line = lineOf(document, "var turn = 1"); line < lineOf(document, 'print "done"'); line += 1) {
      await press("stepOver");
      await standsAt(session, line + 1);
    }
    await pageShows(`${element("step-5")} !== null`);
    await inAllThemes("steps");
  });

  it("is clean with a menu open, which gives the keyboard back", async () => {
    await inPage(`(${element("steps")}.focus(), 0)`);
    await drive({ do: "press", keys: "Shift+F10" });
    await pageShows(`${element("menu")}?.contains(document.activeElement) === true`);
    await inAllThemes("menu");
    await drive({ do: "press", keys: "Escape" });
    await pageShows(`${element("menu")} === null && document.activeElement === ${element("steps")}`);
  });

  it("is clean as a table", async () => {
    await click("as-table");
    await pageShows(`${element("mappings")}.querySelectorAll("tbody tr").length > 2`);
    await inAllThemes("table");
    await click("as-table");
  });

  it("is clean in a window half as large, as at twice the size of letters", async () => {
    await drive({ do: "resizeWindow", width: 720, height: 480 });
    await inAllThemes("200-percent");
    await drive({ do: "resizeWindow", width: 1440, height: 960 });
  });

  it("is clean in the side bar", async () => {
    await vscode.commands.executeCommand("vscode.moveViews", {
      viewIds: ["writewatch.panel"],
      destinationId: "workbench.view.explorer",
    });
    await vscode.commands.executeCommand("writewatch.showPanel");
    // As high as who works with it there makes it: the tree of files is folded.
    await drive({ do: "clickInPage", selector: '.pane-header[aria-label^="Explorer Section"]' });
    await pageShows(`${element("step-5")} !== null`);
    await inAllThemes("side-bar");
  });

  it("is clean in the side bar with more steps than fit", async () => {
    await vscode.commands.executeCommand("vscode.moveViews", {
      viewIds: ["writewatch.panel"],
      destinationId: "workbench.view.explorer",
    });
    await vscode.commands.executeCommand("writewatch.showPanel");
    const recording = makeRecording({ title: "made up", mappings: 40, pages: 900, steps: 30 });
    api.panel.recordings.open(recording);
    await pageShowsText("step-count", /^30$/);
    // Heights that are shared out end between two pixels.
    const bottom = (name: string): string => `${element(name)}?.getBoundingClientRect().bottom`;
    await pageShows(`${bottom("step-30")} < ${bottom("steps")} + 1`);
    await inAllThemes("side-bar-made");
    api.panel.recordings.close(recording.id);
    await drive({ do: "clickInPage", selector: '.pane-header[aria-label^="Explorer Section"]' });
  });

  it("is clean with a process scan, which opens beside the session", async () => {
    await vscode.commands.executeCommand("vscode.moveViews", {
      viewIds: ["writewatch.panel"],
      destinationId: "workbench.view.extension.writewatch",
    });
    const scan = await api.scanPid(api.agent, api.panel, process.pid, "extension host");
    await pageShowsText("phase", /Pages: .*scanned in/);
    await inAllThemes("scan");
    await click("close");
    await pageShows(`${element("step-5")} !== null`);
    assert.ok(!api.panel.recordings.items().some(({ id }) => id === scan.id));
  });
});
