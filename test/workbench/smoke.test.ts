// The first thing to know about any VS Code: our extension is in it and starts.
import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { drive, needsDriver } from "./driver.ts";

describe(`VS Code ${vscode.version}`, () => {
  it("finds and activates WriteWatch", async () => {
    const extension = vscode.extensions.getExtension("writewatch.writewatch");
    assert.ok(extension, "writewatch.writewatch is not among the installed extensions");
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it("is served to nobody who does not bring the window's secret", async function () {
    needsDriver(this);
    const origin = String(await drive({ do: "evaluateInPage", script: "location.origin" }));
    const stranger = await fetch(origin);
    assert.equal(stranger.status, 403, await stranger.text());
  });

  it("lets a test take a picture of the window", async function () {
    needsDriver(this);
    const path = join(process.env.WRITEWATCH_TEST_OUTPUT ?? tmpdir(), `window-${vscode.version}.png`);
    await drive({ do: "screenshot", path });
    assert.ok((await stat(path)).size > 10_000, `${path} is too small for a picture of a window`);
  });
});
