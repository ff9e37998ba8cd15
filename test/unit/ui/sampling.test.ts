// What a sampling's tab shows, and what of its page's messages is followed.
import assert from "node:assert/strict";
import { estimateMigration } from "../../../src/sampling/migration.ts";
import { samplingHtml } from "../../../src/ui/sampling/chart.ts";
import { DEFAULT_CHOICE, parseChoice, samplingPage } from "../../../src/ui/sampling/page.ts";

const CURVE = [
  { seconds: 0.2, mean: 256, most: 512, windows: 4 },
  { seconds: 0.4, mean: 300, most: 512, windows: 2 },
];
const LOOK = {
  state: "Sampling",
  bars: [
    { at: 0.2, pages: 256, rate: 5 },
    { at: 0.4, pages: 512, rate: 10 },
  ],
  mappings: [{ name: '<b>"heap" & more', pages: 700 }],
  curve: CURVE,
  resident: 2560,
  migration: estimateMigration({ pages: 2560, curve: CURVE, bandwidth: 125e6, downtime: 0.01 }),
  bandwidth: 125e6,
  downtime: 0.01,
};

describe("A sampling's tab", () => {
  const html = samplingHtml(LOOK);

  it("tells rates, windows, mappings and a migration in words", () => {
    assert.match(html, /Written now: 10\.0 MiB\/s, 2,560 pages\/s/);
    assert.match(html, /<td>200 ms<\/td><td>1 MiB<\/td><td>2 MiB<\/td>/);
    assert.match(html, /<td>700<\/td><td>2\.7 MiB<\/td>/);
    assert.match(html, /10 MiB in use\. At 1,000 Mbit\/s a migration converges: /);
    assert.match(html, /<td>paused<\/td>/);
  });

  it("draws a bar a sample, in proportion, and says so to who can't see it", () => {
    const heights = [...html.matchAll(/<rect [^>]*height="([\d.]+)"/g)].map(([, height]) => Number(height));
    assert.deepEqual(heights, [80, 160]);
    assert.match(html, /role="img" aria-label="MiB written in a second, over 200 ms; at most 10\.0"/);
  });

  it("takes names for text", () => {
    assert.ok(!html.includes("<b>"));
    assert.match(samplingPage("<script>", "n"), /<title>&#60;script&#62;<\/title>/);
  });

  it("has something to show before the first sample", () => {
    const { migration: _, ...rest } = LOOK;
    const empty = samplingHtml({ ...rest, bars: [], mappings: [], curve: [] });
    assert.match(empty, /Written now: nothing yet/);
    assert.ok(!empty.includes("NaN"));
  });

  it("follows choices, and nothing else that its page may send", () => {
    assert.deepEqual(parseChoice({ ...DEFAULT_CHOICE, more: 1 }), DEFAULT_CHOICE);
    for (const wrong of [
      ...[null, "x", {}, { ...DEFAULT_CHOICE, interval: 1 }, { ...DEFAULT_CHOICE, bandwidth: 0 }],
      ...[
        { ...DEFAULT_CHOICE, downtime: Number.NaN },
        { ...DEFAULT_CHOICE, isRunning: 1 },
      ],
    ])
      assert.equal(parseChoice(wrong), undefined);
  });
});
