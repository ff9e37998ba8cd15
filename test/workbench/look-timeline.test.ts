// The timeline, brushes, the map's colours and its bytes in the four kinds of theme: clean by axe-core, and pictured.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/extension.ts";
import { drive, needsDriver } from "./driver.ts";
import { HEAP, makeContents } from "./made-contents.ts";
import { makeRecording } from "./made-recording.ts";
import { click, element, fill, inAllThemes, inPage, pageShowsText } from "./page.ts";

const press = (keys: string): Promise<unknown> => drive({ do: "press", keys });
const color = (value: string): Promise<unknown> =>
  inPage(`(colors => { colors.value = "${value}"; colors.dispatchEvent(new Event("change")); })(${element("colors")})`);

describe("The look of the timeline", () => {
  let api: WriteWatchApi;
  let recording: ReturnType<typeof makeRecording>;

  before(async function () {
    needsDriver(this);
    this.timeout(120_000);
    const found = await vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch")?.activate();
    assert.ok(found, "the extension is not installed");
    api = found;
    recording = makeRecording({ title: "made for the timeline", mappings: 9, pages: 300, steps: 90 });
    await vscode.commands.executeCommand("writewatch.showPanel");
    api.panel.recordings.open(recording);
    await pageShowsText("step-count", /^90$/);
    await click("timeline");
  });

  after(() => {
    if (api) api.panel.recordings.close(recording.id);
  });

  it("is clean with a bar a step", async () => {
    await inAllThemes("timeline");
  });

  it("is clean with a brush, and with another that it is compared with", async () => {
    await press("Home");
    for (const key of ["PageUp", "b", "Shift+PageUp", "Shift+PageUp"]) await press(key);
    await pageShowsText("brush-details", /21 steps wrote/);
    await inAllThemes("brush");
    for (const key of ["c", "End", "b", "Shift+PageDown", "Shift+PageDown"]) await press(key);
    await pageShowsText("brush-details", /only there/);
    await inAllThemes("compare");
    await vscode.commands.executeCommand("workbench.action.toggleMaximizedPanel");
    await inAllThemes("compare-large");
    await click("as-table");
    await inAllThemes("compare-table");
    await click("as-table");
    await vscode.commands.executeCommand("workbench.action.toggleMaximizedPanel");
    await click("let-go");
    await click("let-go");
  });

  it("is clean in each of the map's colours", async () => {
    for (const value of ["count", "thread", "last", "kind"]) {
      await color(value);
      await inAllThemes(`color-${value}`);
    }
    await color("step");
  });

  it("is clean with bytes in its cells", async () => {
    const contents = makeContents();
    api.panel.recordings.open(contents);
    await pageShowsText("inspected", /counters/);
    await fill("go-to", `0x${(HEAP * 4096 + 0x108).toString(16)}`);
    await press("Enter");
    for (let i = 0; i < 6; i += 1) await press("+");
    await inAllThemes("map-lines");
    for (let i = 0; i < 6; i += 1) await press("+");
    await pageShowsText("tooltip", /1 byte/);
    await inAllThemes("map-bytes");
    for (let i = 0; i < 12; i += 1) await press("-");
    api.panel.recordings.close(contents.id);
  });
});
