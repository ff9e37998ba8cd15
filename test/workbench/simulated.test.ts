// Simulated programs in the real workbench: no debugger, no Linux, and in whichever extension host WriteWatch runs.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { drive, needsDriver } from "./driver.ts";
import {
  armInPage,
  click,
  element,
  inPage,
  inThemes,
  pageShows,
  pageShowsText,
  picture,
  runTitleAction,
} from "./page.ts";
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

const PAGES = `// Writes one page a turn.
fn touch(memory, turn) {
  memory[turn * page] = turn + 1
  return turn
}

fn main() {
  let memory = mmap(64 pages)
  var turn = 0
  while turn < 16 {
    touch(memory, turn)
    turn += 1
  }
  fill memory, 64 pages, 7
  print "done"
}
`;

const FAULT = `fn main() {
  let memory = mmap(1 page, read)
  print "about to write"
  memory[0] = 1
}
`;

const ENDLESS = `fn main() {
  let memory = mmap(4 pages)
  var turn = 0
  loop {
    memory[(turn % 4) * page] = turn
    turn += 1
  }
}
`;

/** Text in the window, an editor's notes behind its lines among it. */
function windowShows(pattern: string): Promise<unknown> {
  const notes = `[...document.querySelectorAll(".view-line span")].map(span => getComputedStyle(span, "::after").content)`;
  const script = `new RegExp(${JSON.stringify(pattern)}).test([document.body.innerText, ...${notes}].join("\\n").replaceAll("\\u00a0", " "))`;
  return drive({ do: "waitInPage", script, timeoutMs: 15_000 });
}

describe("A simulated program", () => {
  // F5 would take the sample's first configuration.
  before(() => setLaunchAside(true));
  after(() => setLaunchAside(false));
  afterEach(() => end());

  it("runs where WriteWatch was put", () => {
    const here = vscode.extensions.getExtension("writewatch.writewatch") !== undefined;
    assert.equal(here, process.env.WRITEWATCH_TEST_WORKER === undefined);
  });

  // Elsewhere other tests have filled the panel before.
  if (process.env.WRITEWATCH_TEST_WORKER) {
    it("is what the empty panel offers where native programs can't be watched", async () => {
      await vscode.commands.executeCommand("writewatch.showPanel");
      await pageShowsText("missing", /can't be watched here/);
      await inThemes(theme => picture(`simulated-offer-${theme}`));
      await click("open-simulated");
      await windowShows("first-steps\\.wsim");
      await picture("simulated-examples");
      await drive({ do: "press", keys: "Escape" });
    });

    it("is all that can be scanned there", async () => {
      await vscode.commands.executeCommand("writewatch.scanProcess");
      await windowShows("no process to scan here, other than simulated programs");
      await vscode.commands.executeCommand("notifications.clearAll");
    });
  }

  it("starts by F5 without a launch configuration, and stops at breakpoints, a conditional one too", async () => {
    const document = await openProgram("pages.wsim", PAGES);
    breakAtLines(document, { "    touch(memory, turn)": "turn == 5", "fill memory": undefined });
    const session = await start();
    assert.equal(session.type, "writewatch-sim");
    const conditional = lineOf(document, "    touch(memory, turn)");
    if ((await until("the first stop", () => stands(session))).line !== conditional) await press("continue");
    await standsAt(session, conditional);
    const { variables } = await variablesOf(session);
    assert.equal(variables.turn, "5");
    await press("continue");
    await standsAt(session, lineOf(document, "fill memory"));
    await press("continue");
    await until("the program's end", () => vscode.debug.activeDebugSession === undefined);
  });

  it("steps over, into and out of a function", async () => {
    const document = await openProgram("pages.wsim", PAGES);
    const call = lineOf(document, "    touch(memory, turn)");
    breakAtLines(document, { "    touch(memory, turn)": undefined });
    const session = await start();
    if ((await until("the first stop", () => stands(session))).line !== call) await press("continue");
    await standsAt(session, call);
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    await press("stepInto");
    const inside = await standsAt(session, lineOf(document, "memory[turn * page] = "));
    assert.match(inside.function, /touch/);
    assert.equal(inside.depth, 2);
    await press("stepOut");
    await until("the caller", async () => (await stands(session)).depth === 1);
    await press("stepOver");
    await until("the next turn's line", async () => /main/.test((await stands(session)).function));
  });

  it("is disarmed and armed again from the panel's title, by keys alone", async function () {
    needsDriver(this);
    const document = await openProgram("pages.wsim", PAGES);
    const call = lineOf(document, "    touch(memory, turn)");
    breakAtLines(document, { "    touch(memory, turn)": undefined });
    const session = await start();
    if ((await until("the first stop", () => stands(session))).line !== call) await press("continue");
    await standsAt(session, call);
    await armInPage();
    await runTitleAction("Disarm");
    await pageShowsText("phase", /not armed/);
    await runTitleAction("Arm");
    await pageShowsText("phase", /Stopped; armed/);
    await picture("view-title");
  });

  it("shows in the panel, in the map and beside the line what each step wrote", async function () {
    needsDriver(this);
    const document = await openProgram("pages.wsim", PAGES);
    const call = lineOf(document, "    touch(memory, turn)");
    breakAtLines(document, { "    touch(memory, turn)": undefined, "fill memory": undefined });
    const session = await start();
    if ((await until("the first stop", () => stands(session))).line !== call) await press("continue");
    await standsAt(session, call);
    await armInPage();
    await press("stepOver");
    await pageShows(`${element("step-1")} !== null`);
    await windowShows("wrote \\d+ pages?");
    const first = String(await inPage(`${element("step-1")}.textContent`));
    assert.match(first, /1 anonymous|anon/i, first);
    breakAtLines(document, { "fill memory": undefined });
    await press("continue");
    await standsAt(session, lineOf(document, "fill memory"));
    await press("stepOver");
    await pageShows(`/64 anonymous/.test(${element("step-3")}?.textContent ?? "")`);
    await click("as-table");
    await pageShows(`${element("mappings")}.querySelectorAll("tbody tr").length >= 3`);
    // The table of the step before stands until this one's has come.
    const column = `[...${element("mappings")}.querySelectorAll("thead th")].findIndex(({ textContent }) => /chosen step/.test(textContent))`;
    await pageShows(
      `[...${element("mappings")}.querySelectorAll("tbody tr")].some(({ cells }) => Number(cells[${column}].textContent) >= 64)`,
    );
    await click("as-table");
    await pageShows(`${element("map")}.width > 0`);
    await inThemes(theme => picture(`simulated-step-${theme}`));
    // The note goes to the line of whichever step is chosen.
    await click("step-1");
    await windowShows("wrote \\d+ pages?: .*\\b1 anonymous");
  });

  it("stops where it faults, and the panel keeps its steps", async function () {
    needsDriver(this);
    const document = await openProgram("fault.wsim", FAULT);
    breakAtLines(document, { "about to write": undefined });
    await vscode.commands.executeCommand("writewatch.runSimulatedProgram");
    const session = await until("a debug session", () => vscode.debug.activeDebugSession);
    const before = lineOf(document, "about to write");
    if ((await until("the first stop", () => stands(session))).line !== before) await press("continue");
    await standsAt(session, before);
    // Nothing of the session before is left in sight.
    await vscode.commands.executeCommand("writewatch.showPanel");
    await pageShows(`${element("empty-state")}?.querySelector('[data-testid="arm"]')?.checkVisibility() === true`);
    await armInPage();
    await press("continue");
    await standsAt(session, lineOf(document, "memory[0] = 1"));
    await windowShows("SIGSEGV");
    await pageShows(`${element("step-1")} !== null`);
    await picture("simulated-fault");
  });

  it("can be paused in an endless loop, and goes on", async function () {
    needsDriver(this);
    const document = await openProgram("endless.wsim", ENDLESS);
    breakAtLines(document, { "  loop {": undefined });
    const session = await start();
    await until("the first stop", () => stands(session));
    await armInPage();
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    await press("continue");
    await until("the program to run", () => !(vscode.debug.activeStackItem instanceof vscode.DebugStackFrame));
    await press("pause");
    const paused = await until("the pause", () => stands(session));
    assert.ok(paused.line >= lineOf(document, "loop {"), String(paused.line));
    await pageShows(`${element("step-1")} !== null`);
    await press("stepOver");
    await pageShows(`${element("step-2")} !== null`);
  });

  it("is launched by a configuration that names its file", async () => {
    const document = await openProgram("pages.wsim", PAGES);
    breakAtLines(document, { "fill memory": undefined });
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    const configuration: vscode.DebugConfiguration = {
      type: "writewatch-sim",
      request: "launch",
      name: "Pages",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: VS Code fills it in.
      program: "${workspaceFolder}/pages.wsim",
      kernel: "6.7",
    };
    await vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], configuration);
    const session = await until("a debug session", () => vscode.debug.activeDebugSession);
    await standsAt(session, lineOf(document, "fill memory"));
    assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), document.uri.toString());
  });

  it("needs no file: an untitled one runs, with breakpoints and notes", async function () {
    needsDriver(this);
    const document = await vscode.workspace.openTextDocument({ language: "wsim", content: PAGES });
    await vscode.window.showTextDocument(document);
    breakAtLines(document, { "fill memory": undefined });
    await vscode.commands.executeCommand("writewatch.runSimulatedProgram");
    const session = await until("a debug session", () => vscode.debug.activeDebugSession);
    const line = lineOf(document, "fill memory");
    if ((await until("the first stop", () => stands(session))).line !== line) await press("continue");
    await standsAt(session, line);
    await armInPage();
    await press("stepOver");
    await windowShows("wrote 64 pages: 64 anonymous");
    await end();
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("can be scanned as any process can", async function () {
    needsDriver(this);
    const document = await openProgram("pages.wsim", PAGES);
    breakAtLines(document, { print: undefined });
    const session = await start();
    const line = lineOf(document, "print");
    if ((await until("the first stop", () => stands(session))).line !== line) await press("continue");
    await standsAt(session, line);
    const scanned = vscode.commands.executeCommand("writewatch.scanProcess");
    await windowShows("in the simulator");
    // Not the Enter key: the stop may yet take the focus to its line.
    await drive({ do: "clickInPage", selector: ".quick-input-list .monaco-list-row" });
    await windowShows("Present but never written");
    await drive({ do: "clickInPage", selector: ".quick-input-list .monaco-list-row" });
    await scanned;
    await pageShowsText("phase", /private/);
    await picture("simulated-scan");
    await click("close");
    // The session it was opened beside is shown again.
    await pageShowsText("empty-state", /[Aa]rm/);
  });

  it("comes as a bundled example, in colours, with what to press", async function () {
    needsDriver(this);
    await vscode.commands.executeCommand("writewatch.openSimulatedProgram", "first-steps.wsim");
    const editor = await until("the example", () => {
      const { activeTextEditor } = vscode.window;
      return activeTextEditor?.document.uri.path.endsWith("/first-steps.wsim") ? activeTextEditor : undefined;
    });
    assert.equal(editor.document.languageId, "wsim");
    await windowShows("Press F5");
    const colours = `new Set([...document.querySelectorAll(".view-line span span")].map(span => getComputedStyle(span).color)).size`;
    await drive({ do: "waitInPage", script: `${colours} >= 3`, timeoutMs: 10_000 });
    await picture("simulated-example");
    await vscode.commands.executeCommand("notifications.clearAll");
  });
});

/** The variables of the innermost frame, by name. */
async function variablesOf(session: vscode.DebugSession): Promise<{ variables: Record<string, string> }> {
  const { activeStackItem } = vscode.debug;
  assert.ok(activeStackItem instanceof vscode.DebugStackFrame);
  const { scopes } = await session.customRequest("scopes", { frameId: activeStackItem.frameId });
  const variables: Record<string, string> = {};
  for (const { variablesReference } of scopes) {
    const found = await session.customRequest("variables", { variablesReference });
    for (const { name, value } of found.variables) variables[name] ??= value;
  }
  return { variables };
}
