// The panel with more than fits: every step can be reached, every address found, and what a step wrote is in sight.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/extension.ts";
import { formatAddress } from "../../src/memory/page.ts";
import type { LiveRecording } from "../../src/recording/live.ts";
import { drive, needsDriver } from "./driver.ts";
import { type Made, makeRecording, startOf, stepOf } from "./made-recording.ts";
import { click, element, fill, inPage, pageShows, pageShowsText, picture } from "./page.ts";

const MADE: Made = { title: "made up", mappings: 300, pages: 400, steps: 2000 };

const isChosen = (step: number): Promise<unknown> =>
  pageShows(`${element(`step-${step}`)}?.getAttribute("aria-selected") === "true"`);
const press = (keys: string): Promise<unknown> => drive({ do: "press", keys });

/** Whether a cell in the colour that was looked up in the legend can be seen on the map. */
const mapShowsWritten = `(() => {
  const pixels = canvas => [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data];
  const [r, g, b] = pixels(document.querySelector('[data-testid="legend"] canvas'));
  const map = pixels(${element("map")});
  for (let i = 0; i < map.length; i += 4) if (map[i] === r && map[i + 1] === g && map[i + 2] === b) return true;
  return false;
})()`;

const mapShowsSomething = `(map => map.getContext("2d").getImageData(0, 0, map.width, map.height).data.some(Boolean))(${element("map")})`;

describe("A panel with 2,000 steps in 300 mappings", () => {
  let recording: LiveRecording;
  let api: WriteWatchApi;

  before(async function () {
    needsDriver(this);
    const found = await vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch")?.activate();
    assert.ok(found, "the extension is not installed");
    api = found;
    recording = makeRecording(MADE);
    await vscode.commands.executeCommand("writewatch.showPanel");
    api.panel.recordings.open(recording);
    await isChosen(2000);
  });

  after(() => {
    if (api) api.panel.recordings.close(recording.id);
  });

  it("chooses the newest step, and shows where it wrote", async () => {
    await pageShowsText("step-count", /2,000/);
    await pageShows(mapShowsWritten);
    await picture("large-newest");
  });

  it("reaches all of them: by Home, by End, by the arrow keys and by scrolling", async () => {
    await drive({ do: "clickInWebview", selector: '[data-testid="step-2000"]', within: "#app" });
    await press("Home");
    await isChosen(1);
    await pageShows(`${element("step-1")}.checkVisibility()`);
    await press("ArrowDown");
    await isChosen(2);
    await press("End");
    await isChosen(2000);
    await press("ArrowUp");
    await isChosen(1999);
    await inPage(`(${element("steps")}.scrollTop = 1000 * 22, 0)`);
    await pageShows(`${element("step-1005")} !== null`);
    await drive({ do: "clickInWebview", selector: '[data-testid="step-1005"]', within: "#app" });
    await isChosen(1005);
    await pageShowsText("step-details", /Step 1005: loop\.c:1005/);
    await pageShows(`${element("steps")}.getAttribute("aria-activedescendant") === "step-1005"`);
  });

  it("does not leave a chosen older step for a new one, and follows again when asked to", async () => {
    const layout = recording.layout;
    assert.ok(layout);
    recording.addStep(stepOf(MADE, layout, 2001));
    await pageShowsText("step-count", /2,001/);
    await isChosen(1005);
    await click("follow");
    await isChosen(2001);
    recording.addStep(stepOf(MADE, layout, 2002));
    await isChosen(2002);
    await pageShowsText("announcer", /Step 2002, loop\.c, line 2002, in even: wrote 3 pages/);
  });

  it("finds steps by their text, and leaves out those that wrote nothing", async () => {
    await fill("search-steps", "loop.c:77");
    await pageShowsText("step-count", /^\d+ of 2,002$/);
    await fill("search-steps", "");
    await click("writing-only");
    // Each fifth step wrote nothing.
    await pageShowsText("step-count", /^1,602 of 2,002$/);
    await click("writing-only");
    await pageShowsText("step-count", /^2,002$/);
  });

  it("goes to an address, and to a mapping by its name", async () => {
    // The first page of a cell, whether that is one page or four.
    const page = startOf(MADE, 200) + 8;
    await fill("go-to", formatAddress(page));
    await press("Enter");
    await pageShowsText("tooltip", new RegExp(formatAddress(page)));
    await fill("go-to", "libmade-150.so");
    await press("Enter");
    await pageShowsText("tooltip", /libmade-150\.so/);
    await fill("go-to", "no such mapping");
    await press("Enter");
    await pageShows(`/no such mapping/.test(document.body.innerText)`);
  });

  it("puts what the chosen step wrote first, or leaves out all else", async () => {
    await click("written-first");
    await pageShows(
      `${element("written-first")}.shadowRoot.querySelector("button").getAttribute("aria-pressed") === "true"`,
    );
    await pageShows(mapShowsWritten);
    await picture("large-written-first");
    await click("written-first");
    await fill("filter-mappings", "heap");
    await pageShows(mapShowsSomething);
    await picture("large-filtered");
    await fill("filter-mappings", "no such mapping");
    await pageShows(`${element("no-mapping")}.checkVisibility()`);
    await picture("large-none-pass");
    await fill("filter-mappings", "");
    await pageShows(`!${element("no-mapping")}.checkVisibility()`);
  });

  it("lists all mappings in its table, a page of it at a time", async () => {
    await click("as-table");
    await pageShows(`${element("mappings")}.querySelectorAll("tbody tr").length === 100`);
    await click("table-next");
    await pageShows(`/101 to 200 of 300/.test(${element("mappings")}.textContent)`);
    await click("as-table");
  });

  it("shows a range of the chosen step on the map, and copies it", async () => {
    await drive({ do: "clickInWebview", selector: ".range", within: "#app" });
    await press("Shift+F10");
    await pageShows(`${element("menu")} !== null`);
    await drive({ do: "clickInWebview", selector: '[data-testid="menu-copy-address"]', within: "#app" });
    const copied = async () => (await vscode.env.clipboard.readText()).startsWith("0x");
    const deadline = Date.now() + 5000;
    while (!(await copied()) && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 50));
    assert.ok(await copied(), await vscode.env.clipboard.readText());
  });
});
