// The inspector of changed bytes in the real page: by keyboard alone, clean by axe-core in the four kinds of theme, and pictured.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/extension.ts";
import { drive, needsDriver } from "./driver.ts";
import { makeContents } from "./made-contents.ts";
import { click, element, fill, INSPECTOR, inAllThemes, inPage, pageShows, pageShowsText } from "./page.ts";

describe("The inspector of changed bytes", () => {
  let api: WriteWatchApi;
  let recording: ReturnType<typeof makeContents>;

  before(async function () {
    needsDriver(this);
    this.timeout(120_000);
    const found = await vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch")?.activate();
    assert.ok(found, "the extension is not installed");
    api = found;
    await vscode.commands.executeCommand("writewatch.showPanel");
    recording = makeContents();
    api.panel.recordings.open(recording);
    await pageShowsText("inspected", /counters\[17\]: 0 → 42/);
  });

  after(() => {
    if (api) api.panel.recordings.close(recording.id);
  });

  it("shows the first change's bytes, marked in the text itself", async () => {
    await pageShowsText("bytes", /0x10029040before\[00\]·· ··.*after\[2a\]·· ··/);
  });

  it("goes through the changes by keys, and says why bytes are not known", async () => {
    await inPage(`(${element("changes")}.focus(), 0)`);
    await drive({ do: "press", keys: "ArrowDown" });
    await pageShowsText("inspected", /^block of 48 bytes/);
    await pageShowsText("bytes", /after.*\[6e 65 77\].*new/);
    await drive({ do: "press", keys: "End" });
    await pageShowsText("inspected", /written, same bytes/);
    await pageShowsText("bytes", /the program stored what was there already/);
    await drive({ do: "press", keys: "ArrowUp" });
    await pageShowsText("bytes", /not known: the page can't be read/);
    await drive({ do: "press", keys: "ArrowUp" });
    await pageShowsText("bytes", /before are not known: the page had not been copied/);
    await drive({ do: "press", keys: "Home" });
    await pageShowsText("inspected", /counters/);
  });

  it("is clean in every theme", async () => {
    await inPage(`(${element("bookkeeping")}.open = true, 0)`);
    await inPage(`(${element("changes")}.focus(), 0)`);
    await drive({ do: "press", keys: "ArrowDown" });
    await pageShowsText("inspected", /^block of 48 bytes/);
    await inAllThemes("inspector");
    await vscode.commands.executeCommand("workbench.action.toggleMaximizedPanel");
    await inAllThemes("inspector-large");
    await vscode.commands.executeCommand("workbench.action.toggleMaximizedPanel");
  });

  it("asks who wrote a change, and goes to the step that is picked", async () => {
    await click("who-wrote");
    await drive({
      do: "waitInPage",
      script: `/Who wrote/.test(document.querySelector(".quick-input-widget")?.textContent)`,
    });
    // The newest stands first: the step itself. The one before it is known to have written the page.
    await drive({ do: "press", keys: "ArrowDown" });
    await drive({ do: "press", keys: "Enter" });
    await pageShows(`/^Step 1/.test(${element("step-details")}.textContent)`);
  });

  it("goes through the history of a thing by keys, and stays with it where it is frozen", async () => {
    await fill("inspect-field", "0x10029040+1");
    await drive({ do: "press", keys: "Enter" });
    await pageShowsText("inspected-when", /1 byte at 0x10029040, before and after step 1/);
    await pageShowsText("writers", /step 3.*00 → 2a/);
    await inPage(`(${element("writers")}.focus(), 0)`);
    await drive({ do: "press", keys: "]" });
    await pageShowsText("inspected-when", /step 3/);
    await pageShowsText("values", /as a signed number.*42/);
    await drive({ do: "press", keys: "f" });
    await pageShowsText("inspected-when", /^Frozen: .*step 3/);
    await api.panel.showStep(recording.id, 2);
    await pageShows(`/^Step 2/.test(${element("step-details")}.textContent)`);
    await pageShowsText("inspected-when", /^Frozen: .*step 3/);
    await inPage(`(${element("writers")}.focus(), 0)`);
    await drive({ do: "press", keys: "f" });
    await pageShowsText("inspected-when", /^1 byte .*step 2/);
  });

  it("inspects the cell of the map that the keyboard is on", async () => {
    await api.panel.showStep(recording.id, 3);
    await pageShows(`/^Step 3/.test(${element("step-details")}.textContent)`);
    await inPage(`(${element("map")}.focus(), 0)`);
    await drive({ do: "press", keys: "n" });
    await pageShowsText("tooltip", /written by step 3/);
    await drive({ do: "press", keys: "i" });
    await pageShowsText("inspected", /(page|\d+ pages from) 0x1/);
  });

  it("opens beside, follows the steps there, and is clean in every theme", async () => {
    await fill("inspect-field", "0x10029040+1");
    await drive({ do: "press", keys: "Enter" });
    await pageShowsText("inspected-when", /1 byte at 0x10029040/);
    await click("open-beside");
    await pageShowsText("inspected-when", /1 byte at 0x10029040.*step 3/, INSPECTOR);
    await inAllThemes("inspector-editor", INSPECTOR);
    await inPage(`(${element("writers")}.focus(), 0)`);
    await drive({ do: "press", keys: "Home" });
    await drive({ do: "press", keys: "ArrowDown" });
    await drive({ do: "press", keys: "Enter" });
    await pageShowsText("inspected-when", /before and after step [12]$/, INSPECTOR);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("has a file of the bytes at a step, which nobody can change", async () => {
    const path = `/${recording.id}/step-3/0x10029040-0x10029041/counters.bin`;
    const uri = vscode.Uri.from({ scheme: "writewatch-memory", path });
    assert.deepEqual([...(await vscode.workspace.fs.readFile(uri))], [42]);
    assert.equal(vscode.workspace.fs.isWritableFileSystem("writewatch-memory"), false);
    const far = vscode.Uri.from({ scheme: "writewatch-memory", path: path.replace("29041", "2a041") });
    await assert.rejects(async () => vscode.workspace.fs.readFile(far), /not all known/);
  });
});
