// What WriteWatch costs whoever never arms: no process, no native code.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/extension.ts";
import { breakAt, launch } from "./debug-session.ts";
import { nativeParts } from "./native-parts.ts";

describe("An agent and native code", () => {
  it("come with the first Arm, not with the panel or a session", async () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder, "no folder is open");
    const api = await vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch")?.activate();
    assert.ok(api, "the extension is not installed");
    await vscode.commands.executeCommand("writewatch.showPanel");
    await breakAt(vscode.Uri.joinPath(folder.uri, "main.c"), "setbuf");
    const run = await launch("Sample (lldb-dap)");
    try {
      await run.stop();
      assert.deepEqual(nativeParts(), []);
      await vscode.commands.executeCommand("writewatch.arm");
      const parts = nativeParts();
      assert.equal(parts.length, 1, parts.join("\n"));
      assert.match(parts[0], /agent\.cjs/);
    } finally {
      await run.end();
    }
  });
});
