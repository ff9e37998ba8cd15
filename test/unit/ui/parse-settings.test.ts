// The settings: what is made of whatever settings.json holds.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parseRules } from "../../../src/session/memory-rules.ts";
import { DEFAULT_SETTINGS, ProblemNews, parseSettings, SETTING_NAMES } from "../../../src/ui/parse-settings.ts";

const RUNS = { numRuns: 1000 };

const kinds = ["heap", "stack", "anonymous", "shared", "file"] as const;

describe("The settings", () => {
  it("are the defaults where nothing is set", () => {
    assert.deepEqual(parseSettings({}), { settings: DEFAULT_SETTINGS, problems: [] });
    assert.deepEqual(parseSettings({ watch: undefined }), { settings: DEFAULT_SETTINGS, problems: [] });
  });

  it("have the defaults that the manifest shows in VS Code's editor of settings", () => {
    const manifest = JSON.parse(readFileSync("package.json", "utf8"));
    const { properties } = manifest.contributes.configuration;
    for (const name of SETTING_NAMES) {
      assert.deepEqual(properties[`writewatch.${name}`]?.default, DEFAULT_SETTINGS[name], name);
    }
  });

  it("are taken as they are where they can be used", () => {
    const raw = {
      autoArm: true,
      watch: ["stack", "heap"],
      sparseThreshold: 1.5,
      backend: "soft-dirty",
      "contents.budget": 0,
      lineNote: false,
      "stopAtWrite.misses": "step",
    };
    const { settings, problems } = parseSettings(raw);
    assert.deepEqual(settings, raw);
    assert.deepEqual(problems, []);
  });

  it("arm nothing where the list of kinds is empty", () => {
    assert.deepEqual(parseSettings({ watch: [] }), { settings: { ...DEFAULT_SETTINGS, watch: [] }, problems: [] });
  });

  for (const threshold of ["x", "64", null, Number.NaN, 0, -1, 2 ** 27 + 1, Number.POSITIVE_INFINITY, [], {}]) {
    it(`keep the default where the threshold is ${JSON.stringify(threshold)} (${typeof threshold})`, () => {
      const { settings, problems } = parseSettings({ sparseThreshold: threshold });
      assert.equal(settings.sparseThreshold, DEFAULT_SETTINGS.sparseThreshold);
      assert.equal(problems.length, 1);
      assert.match(problems[0], /writewatch\.sparseThreshold .*takes a number of MiB .* 1024 is used/);
    });
  }

  for (const budget of ["x", null, Number.NaN, -1, 65_537, Number.POSITIVE_INFINITY, [], {}, true]) {
    it(`keep the default where the budget for contents is ${JSON.stringify(budget)} (${typeof budget})`, () => {
      const { settings, problems } = parseSettings({ "contents.budget": budget });
      assert.equal(settings["contents.budget"], 256);
      assert.match(problems.join(), /^The setting writewatch\.contents\.budget .*from 0 \(off\) to 65536: 256 is used/);
    });
  }

  for (const watch of [null, "heap", 7, {}, true]) {
    it(`watch all kinds where the list is ${JSON.stringify(watch)}`, () => {
      const { settings, problems } = parseSettings({ watch });
      assert.deepEqual(settings.watch, kinds);
      assert.match(problems.join(), /writewatch\.watch .*takes a list of rules: all memory is watched/);
    });
  }

  it("keep every rule of a list once, those that are none, too: arming by them is refused, and names them", () => {
    const { settings, problems } = parseSettings({ watch: ["heap", "hep", null, " heap "] });
    assert.deepEqual(settings.watch, ["heap", "hep", "null"]);
    assert.deepEqual(problems, []);
    assert.throws(() => parseRules(settings.watch), /The rule "hep" names no memory; 'heap' may be meant/);
  });

  it("say what a switch takes", () => {
    const { settings, problems } = parseSettings({ autoArm: "yes", lineNote: 0 });
    assert.deepEqual([settings.autoArm, settings.lineNote], [false, true]);
    assert.deepEqual(problems, [
      'The setting writewatch.autoArm is "yes", but takes true or false: false is used.',
      "The setting writewatch.lineNote is 0, but takes true or false: true is used.",
    ]);
  });

  it("are usable whatever JSON is there, and nothing unusable goes untold", () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.boolean(),
      fc.double(),
      fc.array(fc.oneof(fc.constantFrom(...kinds), fc.jsonValue())),
    );
    const object = fc.record(Object.fromEntries(SETTING_NAMES.map(name => [name, value])), { requiredKeys: [] });
    fc.assert(
      fc.property(fc.oneof(object, fc.jsonValue()), raw => {
        const { settings, problems } = parseSettings(raw);
        assert.equal(typeof settings.autoArm, "boolean");
        assert.equal(typeof settings.lineNote, "boolean");
        assert.ok(settings["contents.budget"] >= 0 && settings["contents.budget"] <= 65_536);
        assert.ok(settings.sparseThreshold >= 1 && settings.sparseThreshold <= 2 ** 27);
        assert.ok(settings.watch.every(rule => typeof rule === "string"));
        for (const problem of problems) assert.ok(problem.length < 420, problem);
        for (const name of SETTING_NAMES) {
          const given = (raw as Record<string, unknown> | null)?.[name];
          const told = problems.some(problem => problem.includes(`writewatch.${name} `));
          const used = JSON.stringify(settings[name]) === JSON.stringify(given);
          if (given !== undefined && Object.hasOwn(raw as object, name) && name !== "watch") {
            assert.equal(told, !used, `${name}: ${JSON.stringify(given)}`);
          }
        }
      }),
      RUNS,
    );
  });
});

describe("Problems of the settings", () => {
  it("are told once, though settings are read at every use", () => {
    const news = new ProblemNews();
    assert.deepEqual(news.of(["a", "b"]), ["a", "b"]);
    assert.deepEqual(news.of(["a", "b"]), []);
    assert.deepEqual(news.of(["a", "c"]), ["c"]);
  });

  it("are told again after they were gone", () => {
    const news = new ProblemNews();
    news.of(["a"]);
    news.of([]);
    assert.deepEqual(news.of(["a"]), ["a"]);
  });
});
