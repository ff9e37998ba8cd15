// The timeline and the map's zoom to bytes in the real page, by keyboard alone.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/extension.ts";
import { drive, needsDriver } from "./driver.ts";
import { HEAP, makeContents } from "./made-contents.ts";
import { type Made, makeRecording, startOf } from "./made-recording.ts";
import { click, element, fill, inPage, pageShows, pageShowsText, tableRows } from "./page.ts";

const MADE: Made = { title: "made for the timeline", mappings: 9, pages: 300, steps: 40 };

const press = (keys: string): Promise<unknown> => drive({ do: "press", keys });
const focus = (testId: string): Promise<unknown> => inPage(`(${element(testId)}.focus(), 0)`);
const timelineSays = (pattern: RegExp): Promise<unknown> =>
  pageShows(`${pattern}.test(${element("timeline")}?.getAttribute("aria-valuetext") ?? "")`);

describe("The timeline, by keys", () => {
  let api: WriteWatchApi;
  let recording: ReturnType<typeof makeRecording>;

  before(async function () {
    needsDriver(this);
    this.timeout(120_000);
    const found = await vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch")?.activate();
    assert.ok(found, "the extension is not installed");
    api = found;
    recording = makeRecording(MADE);
    await vscode.commands.executeCommand("writewatch.showPanel");
    api.panel.recordings.open(recording);
    await timelineSays(/^step 40 of 40$/);
    // A click gives the page the keyboard.
    await click("timeline");
    await focus("timeline");
  });

  after(() => {
    if (api) api.panel.recordings.close(recording.id);
  });

  it("chooses steps", async () => {
    await press("Home");
    await timelineSays(/^step 1 of 40$/);
    await press("ArrowRight");
    await timelineSays(/^step 2 of 40$/);
    await press("PageUp");
    await timelineSays(/^step 12 of 40$/);
    await pageShowsText("step-details", /Step 12:/);
  });

  it("brushes steps, tells what they wrote, and goes to a range's first and last writer", async () => {
    await press("b");
    await press("Shift+PageUp");
    await timelineSays(/brushed: Steps 12 to 22: 11 steps wrote \d+ pages/);
    await pageShowsText("announcer", /Steps 12 to 22: 11 steps wrote/);
    await pageShowsText("legend", /any brushed step/);
    await focus("brush-ranges");
    await press("Shift+F10");
    await pageShowsText("menu", /Go to the last writer, step \d+/);
    await press("ArrowDown");
    await press("Enter");
    await timelineSays(/^step (1[2-9]|2[0-2]) of 40/);
  });

  it("compares them with others: only here, only there, both", async () => {
    await focus("timeline");
    await press("c");
    await press("Home");
    await press("b");
    await press("Shift+PageUp");
    await pageShowsText("brush-details", /Steps 12 to 22 \(here\) and steps 1 to 11 \(there\)/);
    await pageShowsText("brush-details", /only here: \d+ pages?.*only there: \d+ pages?.*both: \d+ pages?/);
    await pageShowsText("legend", /only here.*only there.*both/);
  });

  it("says all of it in tables", async () => {
    await click("as-table");
    await pageShowsText("timeline-table", /Step 12.*here/);
    await pageShowsText("timeline-table", /Step 1(?! ?\d).*\d pages? ?\d .*there/);
    await pageShowsText("mappings", /Written by the brushed steps/);
    const rows = await tableRows();
    const sum = (title: string): number => rows.reduce((total, row) => total + Number(row[title]), 0);
    assert.ok(sum("Written by the brushed steps") > 9);
    assert.ok(sum("Written by those compared") > 9);
    await click("as-table");
  });

  it("lets go of one after the other by Escape", async () => {
    await focus("timeline");
    await press("Escape");
    await timelineSays(/brushed: Steps 12 to 22: 11 steps/);
    await press("Escape");
    await pageShows(`!${element("brush-details")}.checkVisibility()`);
    await pageShowsText("legend", /this step/);
  });

  it("plays from the chosen step to the end, and can be stopped", async () => {
    await press("Home");
    await timelineSays(/^step 1 of 40$/);
    await press("Space");
    await timelineSays(/^step 4 of 40$/);
    await press("Space");
    const pressed = `${element("play")}.shadowRoot.querySelector("button").getAttribute("aria-pressed")`;
    await pageShows(`${pressed} === "false"`);
    await press("End");
    await press("ArrowLeft");
    await press("Space");
    await timelineSays(/^step 40 of 40$/);
    await pageShows(`${pressed} === "false"`);
  });

  it("zooms, and colours the map in other ways", async () => {
    await focus("timeline");
    await press("Home");
    await press("+");
    await press("+");
    await press("0");
    await pageShowsText("legend", /this step/);
    for (const [value, words] of [
      ["last", /last written: long ago.*just now/],
      ["first", /first written: long ago/],
      ["count", /written by 1 step.*64 and more/],
      ["kind", /heap.*stack.*anonymous/],
      ["thread", /worker-0.*worker-1.*other threads/],
      ["step", /this step/],
    ] as const) {
      await inPage(
        `(colors => { colors.value = "${value}"; colors.dispatchEvent(new Event("change")); })(${element("colors")})`,
      );
      await pageShowsText("legend", words);
    }
  });

  it("goes on from pages to lines of 64 bytes and to a byte, with what it was and became", async () => {
    const contents = makeContents();
    api.panel.recordings.open(contents);
    await pageShowsText("inspected", /counters\[17\]: 0 → 42/);
    await fill("go-to", `0x${(HEAP * 4096 + 0x40).toString(16)}`);
    await press("Enter");
    for (let i = 0; i < 6; i += 1) await press("+");
    await pageShowsText("tooltip", /\(64 bytes\)/);
    for (let i = 0; i < 6; i += 1) await press("+");
    await pageShowsText("tooltip", /0x10029040-0x10029041 \(1 byte\)[\s\S]*step 3: 00 → 2a/);
    await pageShowsText("legend", /a cell is 1 byte/);
    await press("ArrowRight");
    await pageShowsText(
      "tooltip",
      /0x10029041-0x10029042 \(1 byte\)[\s\S]*step 1: wrote the page; which bytes is not known/,
    );
    for (let i = 0; i < 12; i += 1) await press("-");
    await pageShowsText("legend", /a cell is 1 page/);
    api.panel.recordings.close(contents.id);
    assert.equal(startOf({ pages: 40 }, 1), HEAP);
  });
});
