// Recordings in the real workbench: saved, recorded while a session runs, opened in an editor of their own, and made a report.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import bundle from "../../l10n/bundle.l10n.json" with { type: "json" };
import { drive, needsDriver } from "./driver.ts";
import { armInPage, pageShows, picture } from "./page.ts";
import type { OpenedFile } from "./runner/driver-requests.ts";
import {
  breakAtLines,
  end,
  openProgram,
  press,
  setLaunchAside,
  stands,
  standsAt,
  start,
  until,
} from "./simulated-session.ts";

const PROGRAM = `fn main() {
  let memory = mmap(8 pages)
  memory[8] = 7
  memory[8] = 9
  memory[page] = 1
  print "done"
}
`;

const STEPS = `document.querySelectorAll('[aria-label="Steps"] [role="option"]').length`;

function inFolder(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error("No folder is open.");
  return vscode.Uri.joinPath(folder.uri, name);
}

/** Opens the file as a click in the explorer does, where nothing else shows a page of ours. */
async function open(file: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.closePanel");
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  await vscode.commands.executeCommand("vscode.open", file);
}

describe("A recording", () => {
  before(() => setLaunchAside(true));
  after(async () => {
    await setLaunchAside(false);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
  afterEach(() => end());

  /** Armed at the first line. */
  async function armed(): Promise<vscode.DebugSession> {
    const document = await openProgram("recorded.wsim", PROGRAM);
    breakAtLines(document, { "memory[8] = 7": undefined });
    const session = await start();
    if ((await until("the first stop", () => stands(session))).line !== 3) await press("continue");
    await standsAt(session, 3);
    await armInPage();
    return session;
  }

  async function step(session: vscode.DebugSession, line: number): Promise<void> {
    await press("stepOver");
    await standsAt(session, line);
    await pageShows(`${STEPS} >= ${line - 3}`);
  }

  it("is saved, and opens in an editor of its own when its session is over", async function () {
    needsDriver(this);
    const session = await armed();
    for (const line of [4, 5, 6]) await step(session, line);
    const file = inFolder("saved.writewatch");
    await vscode.commands.executeCommand("writewatch.saveRecording", file);
    await end();
    await open(file);
    await pageShows(`${STEPS} === 3`);
    await picture("recording-editor");

    const bytes = await vscode.workspace.fs.readFile(file);
    const cut = inFolder("cut.writewatch");
    await vscode.workspace.fs.writeFile(cut, bytes.subarray(0, bytes.length - 9));
    const foreign = inFolder("foreign.writewatch");
    await vscode.workspace.fs.writeFile(foreign, new TextEncoder().encode("no recording at all"));
    for (const [broken, words] of [
      [cut, "cut off"],
      [foreign, "it is no recording of WriteWatch's"],
    ] as const) {
      await open(broken);
      await pageShows(`document.body.textContent.includes(${JSON.stringify(words)})`);
    }
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("goes to a file while the session runs, which is whole when that is stopped", async function () {
    needsDriver(this);
    const session = await armed();
    const file = inFolder("streamed.writewatch");
    await vscode.commands.executeCommand("writewatch.recordToFile", file);
    for (const line of [4, 5]) await step(session, line);
    await vscode.commands.executeCommand("writewatch.stopRecordingToFile");
    await end();
    await open(file);
    await pageShows(`${STEPS} === 2`);
    await pageShows(`!/not whole/.test(document.body.textContent)`);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("becomes a report, which opens from a file and asks for nothing else", async function () {
    needsDriver(this);
    const session = await armed();
    for (const line of [4, 5]) await step(session, line);
    const file = inFolder("report.html");
    await vscode.commands.executeCommand("writewatch.exportSteps", file);
    const { complaints, requests } = (await drive({
      do: "openFile",
      path: file.path,
      script: `${STEPS} === 2 && document.querySelector('[aria-label="Map"] canvas') !== null`,
      ...(process.env.WRITEWATCH_TEST_OUTPUT ? { picture: `${process.env.WRITEWATCH_TEST_OUTPUT}/report.png` } : {}),
    })) as OpenedFile;
    assert.deepEqual({ complaints, requests }, { complaints: [], requests: [] });
  });

  it("has no sentence in its report that can't be translated", async function () {
    needsDriver(this);
    const session = await armed();
    for (const line of [4, 5]) await step(session, line);
    const file = inFolder("report.html");
    await vscode.commands.executeCommand("writewatch.exportSteps", file);
    const html = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
    const words = JSON.stringify(madeUp()).replace(/[&"<]/g, sign => `&#${sign.charCodeAt(0)};`);
    const translated = html.replace('data-words="{}"', () => `data-words="${words}"`);
    assert.notEqual(translated, html);
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(translated));
    for (const view of ["map", "table"]) {
      await drive({
        do: "openFile",
        path: file.path,
        script: `document.querySelectorAll('[data-testid="steps"] [role="option"]').length === 2 && (${findEnglish})("${view}")`,
      });
    }
  });
});

/** A language in which each letter has a dot above it. */
function madeUp(): Record<string, string> {
  const dotted = (text: string): string =>
    text.replace(/\{\d+\}|[A-Za-z]/g, part => (part.length > 1 ? part : `${part}\u0307`));
  return Object.fromEntries(Object.entries(bundle).map(([sentence, text]) => [sentence, dotted(text)]));
}

/** Runs in the page. What steps changed is in the words of when it was recorded. @throws {Error} something is neither translated nor the program's own. */
const findEnglish = `view => {
  const table = document.querySelector('[data-testid="as-table"]');
  if (view === "table" && table.ariaPressed !== "true") table.click();
  if (view === "table" && !document.querySelector(".table-scroller tbody td")) return false;
  const root = document.querySelector("main");
  const texts = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode.data);
  for (const element of root.querySelectorAll("*"))
    for (const name of ["title", "aria-label", "placeholder", "aria-roledescription", "aria-valuetext"])
      texts.push(element.getAttribute(name) ?? "");
  const own = /anonymous \\+|recorded(\\.wsim)?|main|0x[0-9a-f]+|\\banon\\b|\\brw-p|\\b[0-9a-f]{2,}\\b|\\bmemory\\b|heap|stack|libc|counters|libfoo|\\.so|rseq|mmap|bss|vdso|vvar|vsyscall|wsim|writewatch/gi;
  const english = texts.map(text => text.replace(own, "")).filter(text => /[A-Za-z]{3,}(?!\u0307)/.test(text));
  if (english.length > 0) throw new Error("not translated: " + JSON.stringify([...new Set(english)]));
  return true;
}`;
