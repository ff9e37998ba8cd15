// Stop at Write as a person uses it, in the Run and Debug side bar: by mouse and by keyboard, with a real debugger.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/connect.ts";
import { type DebugRun, launch } from "./debug-session.ts";
import { drive, hasDriver, needsDriver } from "./driver.ts";
import { pageShowsText, picture, THEMES } from "./page.ts";
import { until } from "./simulated-session.ts";

const PROGRAM = `static _Alignas(4096) int counters[4096];
static int total;
static void fill(int i) {
  counters[i] += 7;
}
int main(void) {
  total = 1;
  for (int i = 0; i < 1000; i += 1) fill(i);
  total = 2;
  return 0;
}
`;
const STORE = 4;

const SIDE_BAR = '[id="workbench.view.debug"]';
/** The pane of the tree, and a row of it whose label begins so. */
const PANE = `${SIDE_BAR} .pane:has([aria-label^="Write Watches"])`;
const row = (label: string): string => `${PANE} .monaco-list-row[aria-label^="${label}"]`;
const has = (selector: string): string => `document.querySelector(${JSON.stringify(selector)}) !== null`;
const pageHas = (script: string): Promise<unknown> => drive({ do: "waitInPage", script, timeoutMs: 20_000 });
const click = (selector: string): Promise<unknown> => drive({ do: "clickInPage", selector });
const press = (keys: string): Promise<unknown> => drive({ do: "press", keys });
const INPUT = "document.activeElement?.closest('.quick-input-widget') && document.activeElement.tagName === 'INPUT'";

/** Types into VS Code's own field, in place of what stands there, and confirms. */
async function answer(text: string): Promise<void> {
  await pageHas(`!!(${INPUT})`);
  // What was shown just before may take the keyboard late; the field stays, and the click gives it back.
  await click(".quick-input-widget .quick-input-box input");
  await pageHas(`!!(${INPUT})`);
  await press("Control+A");
  await drive({ do: "type", text });
  await pageHas(`document.activeElement.value === ${JSON.stringify(text)}`);
  await press("Enter");
}

/** Waits for a notification: in their list, since toasts go by themselves. */
async function notified(pattern: RegExp): Promise<void> {
  await vscode.commands.executeCommand("notifications.showList");
  await pageHas(`${pattern}.test(document.querySelector(".notifications-center")?.textContent ?? "")`);
  await vscode.commands.executeCommand("notifications.hideList");
}

/** Gives the tree the keyboard: at a stop the editor takes it, at a time of its own. */
async function focusTree(): Promise<void> {
  const isThere = async (): Promise<boolean> =>
    (await drive({
      do: "evaluateInPage",
      script: `document.activeElement?.closest(${JSON.stringify(PANE)}) !== null`,
    })) === true;
  await until("the tree has the keyboard", async () => {
    await vscode.commands.executeCommand("writewatch.watches.show");
    await new Promise(resolve => setTimeout(resolve, 600));
    return isThere();
  });
}

describe("Write Watches", () => {
  let folder: string;
  let api: WriteWatchApi;
  let run: DebugRun | undefined;

  before(async function () {
    needsDriver(this);
    folder = mkdtempSync(join(tmpdir(), "writewatch-watches-"));
    // Rows that are scrolled away are not in the page.
    await drive({ do: "resizeWindow", width: 1440, height: 1600 });
    writeFileSync(join(folder, "watched.c"), PROGRAM);
    execFileSync("gcc", ["-g", "-O0", "-o", join(folder, "watched"), join(folder, "watched.c")]);
    const found = await vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch")?.activate();
    assert.ok(found);
    api = found;
  });

  beforeEach(async () => {
    const breakpoint = new vscode.Location(vscode.Uri.file(join(folder, "watched.c")), new vscode.Position(6, 0));
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(breakpoint)]);
    const [program, cwd] = [join(folder, "watched"), folder];
    run = await launch({ name: "watched", type: "lldb-dap", request: "launch", program, cwd });
    assert.equal((await run.stop()).line, 7);
    await vscode.commands.executeCommand("writewatch.watches.show");
  });

  afterEach(async () => {
    await vscode.commands.executeCommand("writewatch.watches.removeAll");
    await run?.end();
    run = undefined;
    await vscode.commands.executeCommand("notifications.clearAll");
  });

  after(async () => {
    if (hasDriver()) await drive({ do: "resizeWindow", width: 1440, height: 960 });
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const goOn = (): Thenable<unknown> => vscode.commands.executeCommand("workbench.action.debug.continue");
  /** The program stands before a store to what is watched, in fill(). */
  const atHit = async (number: number): Promise<void> => {
    const hit = await until(`hit ${number}`, () => {
      const { presentHit } = api.watches;
      return presentHit?.number === number ? presentHit : undefined;
    });
    assert.deepEqual([hit.place?.function.replace(/\(.*/, ""), hit.place?.line], ["fill", STORE]);
    await until("the window has its frame", () => vscode.debug.activeStackItem instanceof vscode.DebugStackFrame);
  };
  const value = async (expression: string): Promise<string> => {
    const frame = vscode.debug.activeStackItem;
    const frameId = frame instanceof vscode.DebugStackFrame ? frame.frameId : undefined;
    const answer = await run?.session.customRequest("evaluate", { expression, frameId, context: "watch" });
    return String(answer?.result);
  };

  it("begin with what to do, and stop before the store, which Continue lets through: by mouse", async () => {
    await pageHas(
      `/right before the next write/.test(document.querySelector(${JSON.stringify(PANE)})?.textContent ?? "")`,
    );
    await picture("watches-empty");
    await click(`${PANE} .monaco-button:has-text("Stop at Write")`);
    await answer("counters");
    await pageHas(has(row("counters, ")));
    await until("the watch is set", () =>
      api.watches.entries.some(entry => api.watches.state(entry)?.state === "watched"),
    );
    await goOn();
    await atHit(1);
    assert.match(await value("counters[0]"), /^0$/, "the store is not done yet");
    await pageHas(has(row("fill() at watched.c:4, stopped here")));
    await pageHas(`/Stopped before a write to counters.*fill\\(\\) at watched\\.c:4.*Continue lets it through/
      .test(document.querySelector(${JSON.stringify(PANE)})?.textContent ?? "")`);
    await vscode.commands.executeCommand("writewatch.showPanel");
    await pageShowsText("phase", /Stopped before a write to counters/);
    for (const [name, theme] of Object.entries(THEMES)) {
      await vscode.workspace
        .getConfiguration("workbench")
        .update("colorTheme", theme, vscode.ConfigurationTarget.Global);
      await new Promise(resolve => setTimeout(resolve, 900));
      await picture(`watches-${name}`);
    }
    await vscode.workspace
      .getConfiguration("workbench")
      .update("colorTheme", undefined, vscode.ConfigurationTarget.Global);
    await goOn();
    await atHit(2);
    assert.match(await value("counters[0]"), /^7$/, "it was let through");
    // The newest stands first; older ones may be scrolled away in a low pane.
    await pageHas(has(row("fill() at watched.c:4, stopped here")));
    const [entry] = api.watches.entries;
    assert.deepEqual(
      api.watches.hits(entry).map(({ number }) => number),
      [2, 1],
    );
    await focusTree();
    await press("Home");
    // The tick takes the watch off: the program runs to its end.
    const isOff = (): boolean => api.watches.entries.every(({ enabled }) => !enabled);
    await until("the watch is off", async () => {
      // Rows move while a hit is shown in full, and a click may miss.
      if (!isOff()) await click(`${row("counters, ")} .custom-view-tree-node-item-checkbox`);
      await new Promise(resolve => setTimeout(resolve, 700));
      return isOff();
    });
    await goOn();
    await run?.ended;
  });

  it("are changed, switched and taken away by keys alone", async () => {
    void vscode.commands.executeCommand("writewatch.stopAtWrite");
    await answer("counters");
    await until("the watch is set", () =>
      api.watches.entries.some(entry => api.watches.state(entry)?.state === "watched"),
    );
    await focusTree();
    await press("ArrowDown");
    await press("Home");
    await pageHas(`${has(`${row("counters, ")}.focused`)}`);
    await press("Enter");
    await pageHas(has(`${row("counters, ")}.selected`));
    // The extension learns of the selection a moment after the page.
    await until("the field is there", async () => {
      await press("F2");
      await new Promise(resolve => setTimeout(resolve, 500));
      return drive({ do: "evaluateInPage", script: `!!(${INPUT})` });
    });
    await answer("from hit 3");
    await until("the condition is there", () => api.watches.entries[0].condition?.fromHit === 3);
    await goOn();
    await atHit(1);
    assert.match(await value("i"), /^2$/, "the third store");
    await focusTree();
    // The hit's row is the selected one; keys mean what is selected.
    await press("Home");
    await press("Enter");
    await pageHas(has(`${row("counters, ")}.selected`));
    /** The extension learns of the selection a moment after the page. */
    const pressUntil = (keys: string, isDone: () => boolean): Promise<boolean> =>
      until(`${keys} is done`, async () => {
        if (!isDone()) await press(keys);
        await new Promise(resolve => setTimeout(resolve, 500));
        return isDone();
      });
    await pressUntil("Space", () => !api.watches.entries[0].enabled);
    await pressUntil("Space", () => api.watches.entries[0].enabled);
    await pressUntil("Delete", () => api.watches.entries.length === 0);
    await pageHas(`!(${has(row("counters, "))})`);
    await goOn();
    await run?.ended;
  });

  it("refuse an expression with a typo, and keep nothing of it", async () => {
    await vscode.commands.executeCommand("writewatch.watches.show");
    void vscode.commands.executeCommand("writewatch.stopAtWrite");
    await answer("conters");
    await notified(/WriteWatch: .*conters/s);
    assert.equal(api.watches.entries.length, 0);
  });

  it("leave room beside them to choose what is armed, by keys", async () => {
    await vscode.commands.executeCommand("writewatch.arm");
    const session = api.sessions.shown;
    assert.ok(session?.isArmed);
    void vscode.commands.executeCommand("writewatch.chooseMemory");
    await pageHas(`!!(${INPUT}) && /heap/.test(document.querySelector(".quick-input-list")?.textContent ?? "")`);
    await picture("choose-memory");
    await drive({ do: "type", text: "stack" });
    await pageHas(`document.querySelectorAll(".quick-input-list .monaco-list-row").length < 4`);
    await press("ArrowDown");
    await press("Space");
    await press("Enter");
    await until("the stack is left out", () => !session.rules.some(({ text }) => text === "stack"));
    const reasons = session.recording.layout?.notArmed.filter(({ name }) => name === "[stack]") ?? [];
    assert.match(reasons[0]?.reason ?? "", /not chosen/);
    await notified(/Memory chosen for this session/);
    await vscode.commands.executeCommand("writewatch.undoChoice");
    await until("it is back", () => session.rules.some(({ text }) => text === "stack"));
    assert.ok(session.recording.layout?.notArmed.every(({ name }) => name !== "[stack]"));
  });
});
