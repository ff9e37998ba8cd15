// Debugs the sample to a telling line and takes the README's pictures in a dark, a light and a high-contrast theme.
import assert from "node:assert/strict";
import { resolve } from "node:path";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/extension.ts";
import { breakAt, launch } from "../../test/workbench/debug-session.ts";
import { drive } from "../../test/workbench/driver.ts";

import { enlargePanel, forPictures, REST_MS } from "./window.ts";

const media = resolve(__dirname, "../../../media");

const THEMES = [
  ["dark", "Default Dark Modern"],
  ["light", "Default Light Modern"],
  ["high-contrast", "Default High Contrast"],
  ["high-contrast-light", "Default High Contrast Light"],
] as const;

async function photograph(name: string): Promise<void> {
  // Themes fade in, and the page draws once more after them.
  await new Promise(done => setTimeout(done, 1200));
  await drive({ do: "screenshot", path: `${media}/${name}.png` });
}

describe("Pictures of the panel", () => {
  it("are taken", async function () {
    this.timeout(180_000);
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder, "no folder is open");
    const api = await vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch")?.activate();
    assert.ok(api, "the extension is not installed");
    const settings = vscode.workspace.getConfiguration();
    await settings.update("workbench.statusBar.visible", true, vscode.ConfigurationTarget.Global);
    await forPictures(settings);
    await drive({ do: "resizeWindow", width: 1400, height: 880 });
    await vscode.commands.executeCommand("writewatch.showPanel");
    await breakAt(vscode.Uri.joinPath(folder.uri, "main.c"), "setbuf");
    const run = await launch("Sample (lldb-dap)");
    try {
      await run.stop();
      await vscode.commands.executeCommand("writewatch.arm");
      let line = 0;
      const last = (await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, "main.c")))
        .getText()
        .split("\n")
        .findIndex(text => text.includes("write_note(ledger, text)"));
      while (line <= last) {
        await new Promise(done => setTimeout(done, REST_MS));
        ({ line } = await run.next());
      }
      await enlargePanel();
      await vscode.commands.executeCommand("notifications.clearAll");
      for (const [name, theme] of THEMES) {
        await settings.update("workbench.colorTheme", theme, vscode.ConfigurationTarget.Global);
        await photograph(`panel-${name}`);
      }
      await settings.update("workbench.colorTheme", THEMES[0][1], vscode.ConfigurationTarget.Global);
      await api.scanPid(api.agent, api.panel, process.pid, "extension host");
      await photograph("process-scan");
    } finally {
      await run.end();
    }
  });

  it("are taken of a simulated program, too", async function () {
    this.timeout(120_000);
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder, "no folder is open");
    const example = vscode.Uri.file(resolve(media, "../examples/simulated/first-steps.wsim"));
    const source = vscode.Uri.joinPath(folder.uri, "first-steps.wsim");
    await vscode.workspace.fs.copy(example, source, { overwrite: true });
    const document = await vscode.workspace.openTextDocument(source);
    await vscode.window.showTextDocument(document);
    const lines = document.getText().split("\n");
    const line = (text: string): number => lines.findIndex(each => each.includes(text));
    await breakAt(source, "fn main()");
    const run = await launch({
      type: "writewatch-sim",
      request: "launch",
      name: "first-steps",
      program: source.fsPath,
    });
    try {
      let stop = await run.stop();
      await vscode.commands.executeCommand("writewatch.showPanel");
      await vscode.commands.executeCommand("writewatch.arm");
      while (stop.line <= line("turn += 1")) {
        await new Promise(done => setTimeout(done, REST_MS));
        stop = await run.next();
      }
      await vscode.commands.executeCommand("notifications.clearAll");
      await photograph("simulated");
    } finally {
      await run.end();
      await vscode.workspace.fs.delete(source);
    }
  });
});
