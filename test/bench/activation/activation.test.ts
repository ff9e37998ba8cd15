// What WriteWatch costs an extension host before anything is armed; the runner compares hosts with it and without.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as vscode from "vscode";
import { breakAt, launch } from "../../workbench/debug-session.ts";
import { nativeParts } from "../../workbench/native-parts.ts";

const COMPILE = ["-std=gnu17", "-g", "-O0", "-o", "main", "main.c"];

const extension = () => vscode.extensions.getExtension("writewatch.writewatch");

/** What is reachable, in KiB. */
function heap(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed / 1024;
}

function tell(figures: { readonly milliseconds: number; readonly kibibytes: number }): void {
  writeFileSync(
    join(process.env.WRITEWATCH_TEST_OUTPUT ?? assert.fail("no output folder"), "activation.json"),
    JSON.stringify(figures),
  );
}

describe("An extension host", () => {
  it("loads and activates WriteWatch", async () => {
    const ours = extension();
    assert.equal(ours?.isActive, false, "it is active already, or not installed");
    const before = heap();
    const begin = performance.now();
    await ours?.activate();
    const milliseconds = performance.now() - begin;
    tell({ milliseconds, kibibytes: heap() - before });
    assert.deepEqual(nativeParts(), []);
  });

  it("goes from F5 to the first stop", async () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder, "no folder is open");
    execFileSync("gcc", COMPILE, { cwd: folder.uri.fsPath });
    await breakAt(vscode.Uri.joinPath(folder.uri, "main.c"), "setbuf");
    const before = heap();
    const begin = performance.now();
    const run = await launch({
      type: "lldb-dap",
      request: "launch",
      name: "activation",
      program: join(folder.uri.fsPath, "main"),
      internalConsoleOptions: "neverOpen",
    });
    await run.stop();
    const milliseconds = performance.now() - begin;
    tell({ milliseconds, kibibytes: heap() - before });
    assert.equal(extension()?.isActive ?? true, true, "a debug session has not activated it");
    assert.deepEqual(nativeParts(), []);
    await run.end();
  });
});
