// What the panel's other tests do by mouse, by keyboard alone: toolbars, the map, lists, the table, and motion that is not wished.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/extension.ts";
import { drive, needsDriver } from "./driver.ts";
import { type Made, makeRecording } from "./made-recording.ts";
import { click, element, inPage, pageShows, pageShowsText } from "./page.ts";

const MADE: Made = { title: "made for keys", mappings: 120, pages: 300, steps: 40 };
const OTHER: Made = { title: "another one", mappings: 3, pages: 30, steps: 2 };

const press = (keys: string): Promise<unknown> => drive({ do: "press", keys });
const focus = (testId: string): Promise<unknown> => inPage(`(${element(testId)}.focus(), 0)`);
const pressed = (testId: string): string =>
  `${element(testId)}.shadowRoot.querySelector("button").getAttribute("aria-pressed")`;
const ACTIVE = `document.activeElement?.dataset.testid`;

/** Goes along the toolbar of a button by the arrow keys, from the one that Tab leads to. */
async function along(testId: string): Promise<void> {
  await inPage(`([...${element(testId)}.closest('[role="toolbar"]').children]
    .find(each => each.shadowRoot?.querySelector("button")?.tabIndex === 0).focus(), 0)`);
  await press("Home");
  for (let i = 0; i < 12 && (await inPage(ACTIVE)) !== testId; i += 1) await press("ArrowRight");
  assert.equal(await inPage(ACTIVE), testId);
}

describe("The panel, by keys alone", () => {
  let recording: ReturnType<typeof makeRecording>;
  let other: ReturnType<typeof makeRecording>;
  let api: WriteWatchApi;

  before(async function () {
    needsDriver(this);
    this.timeout(120_000);
    const found = await vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch")?.activate();
    assert.ok(found, "the extension is not installed");
    api = found;
    other = makeRecording(OTHER);
    recording = makeRecording(MADE);
    await vscode.commands.executeCommand("writewatch.showPanel");
    api.panel.recordings.open(other);
    api.panel.recordings.open(recording);
    await pageShows(`${element("step-40")} !== null`);
    // A click gives the page the keyboard.
    await click("steps");
  });

  after(() => {
    for (const each of [recording, other]) if (each) api.panel.recordings.close(each.id);
  });

  it("presses each button of its toolbars", async () => {
    for (const toggle of ["written-first", "written-only", "fold", "writing-only", "follow", "by-bytes"]) {
      await along(toggle);
      const before = await inPage(pressed(toggle));
      await press("Enter");
      await pageShows(`${pressed(toggle)} === "${before === "true" ? "false" : "true"}"`);
      await press("Enter");
      await pageShows(`${pressed(toggle)} === "${before}"`);
    }
    await along("timeline-shown");
    await press("Enter");
    await pageShows(`!${element("timeline-part")}.checkVisibility()`);
    await press("Enter");
    await pageShows(`${element("timeline-part")}.checkVisibility()`);
  });

  it("goes over the map: written pages, cells, who wrote one, and the step that did", async () => {
    await focus("map");
    await press("n");
    await pageShowsText("tooltip", /written by step/);
    const at = await inPage(`${element("tooltip")}.textContent`);
    await press("ArrowRight");
    await pageShows(`${element("tooltip")}.textContent !== ${JSON.stringify(at)}`);
    await press("p");
    await pageShows(`${element("tooltip")}.textContent === ${JSON.stringify(at)}`);
    await press("w");
    await drive({
      do: "waitInPage",
      script: `/Who wrote/.test(document.querySelector(".quick-input-widget")?.textContent ?? "")`,
      timeoutMs: 15_000,
    });
    await press("Escape");
    await click("map");
    await press("ArrowRight");
    await press("ArrowLeft");
    await press("Enter");
    await pageShowsText("step-details", /^Step \d+/);
  });

  it("chooses a colour, and another recording", async () => {
    await focus("colors");
    await press("ArrowDown");
    await pageShowsText("legend", /last written/);
    await press("ArrowUp");
    await pageShowsText("legend", /this step/);
    await focus("recordings");
    const title = `${element("recordings")}.title`;
    await press("Home");
    await press("End");
    const last = String(await inPage(title));
    await press("Home");
    await pageShows(`${title} !== ${JSON.stringify(last)}`);
    api.panel.recordings.show(recording.id);
    await pageShows(`${title} === ${JSON.stringify(MADE.title)}`);
  });

  it("turns the pages of the table", async () => {
    await along("as-table");
    await press("Enter");
    await pageShows(`${element("mappings")}.querySelectorAll("tbody tr").length === 100`);
    await focus("table-next");
    await press("Enter");
    await pageShows(`/101 to 120 of 120/.test(${element("mappings")}.textContent)`);
    await along("as-table");
    await press("Enter");
    await pageShows(`${element("map")}.checkVisibility()`);
  });

  it("goes from a range of the step to its place on the map", async () => {
    await focus("steps");
    await press("End");
    await pageShowsText("step-details", /^Step 40/);
    await focus("ranges");
    await press("Enter");
    await focus("map");
    await pageShowsText("tooltip", /written by step 40/);
  });

  it("shows each step for a second while it plays, where less motion is wished", async () => {
    const settings = vscode.workspace.getConfiguration("workbench");
    await settings.update("reduceMotion", "on", vscode.ConfigurationTarget.Global);
    try {
      await pageShows(`document.body.classList.contains("vscode-reduce-motion")`);
      await focus("timeline");
      await press("Home");
      await pageShows(`${element("timeline")}.getAttribute("aria-valuenow") === "1"`);
      await inPage(`(timeline => {
        window.shown = [];
        new MutationObserver(() => window.shown.push(performance.now())).observe(timeline, { attributeFilter: ["aria-valuenow"] });
      })(${element("timeline")})`);
      await press("Space");
      await pageShows(`window.shown.length >= 3`);
      await press("Space");
      const times = (await inPage(`window.shown`)) as number[];
      // It may be late, never early.
      assert.ok(times[2] - times[0] > 1000, `${times}`);
    } finally {
      await settings.update("reduceMotion", undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
