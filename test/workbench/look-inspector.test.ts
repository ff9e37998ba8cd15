// The inspector of changed bytes in the real page: by keyboard alone, clean by axe-core in the four kinds of theme, and pictured.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/extension.ts";
import { drive, needsDriver } from "./driver.ts";
import { makeContents } from "./made-contents.ts";
import { click, element, inAllThemes, inPage, pageShows, pageShowsText } from "./page.ts";

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
});
