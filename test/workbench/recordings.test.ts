// Recordings in the real workbench: saved, recorded while a session runs, opened in an editor of their own, and made a report.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { drive, needsDriver } from "./driver.ts";
import { armInPage, pageShows, picture } from "./page.ts";
import type { OpenedFile } from "./runner/driver-requests.ts";
import { breakAtLines, end, openProgram, press, setLaunchAside, stands, start, until } from "./simulated-session.ts";

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
    await until("the stop", async () => (await stands(session)).line === 3 || undefined);
    await armInPage();
    return session;
  }

  async function step(session: vscode.DebugSession, line: number): Promise<void> {
    await press("stepOver");
    await until(`line ${line}`, async () => (await stands(session)).line === line || undefined);
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
      const script = `document.body.innerText.replaceAll("\\u00a0", " ").includes(${JSON.stringify(words)})`;
      await drive({ do: "waitInPage", script, timeoutMs: 15_000 });
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
});
