// Takes pictures of the page in each theme, shape and state: node test/webview/pictures.ts [FOLDER [NAME…]]
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Harness } from "./harness/harness.ts";
import type { ScenarioName } from "./harness/scenarios.ts";
import type { ThemeName } from "./harness/themes.ts";

const WIDE = { width: 1400, height: 300 };
const MIDDLE = { width: 1000, height: 320 };
const NARROW = { width: 320, height: 700 };

const PICTURES: readonly [name: string, scenario: ScenarioName, theme: ThemeName, shape: typeof WIDE][] = [
  ["dark-wide", "armed", "dark", WIDE],
  ["light-wide", "armed", "light", WIDE],
  ["hc-wide", "armed", "hc", WIDE],
  ["hc-light-wide", "armed", "hcLight", WIDE],
  ["dark-middle", "armed", "dark", MIDDLE],
  ["dark-narrow", "armed", "dark", NARROW],
  ["light-narrow", "lost", "light", NARROW],
  ["dark-empty", "empty", "dark", WIDE],
  ["dark-empty-narrow", "empty", "dark", NARROW],
  ["light-found", "found", "light", WIDE],
  ["dark-lost", "lost", "dark", WIDE],
  ["dark-ended", "ended", "dark", WIDE],
  ["dark-problem", "problem", "dark", MIDDLE],
  ["dark-snapshot", "snapshot", "dark", WIDE],
  ["hc-snapshot", "snapshot", "hc", WIDE],
  ["light-snapshot-narrow", "snapshot", "light", NARROW],
  ["dark-million", "million", "dark", { width: 1600, height: 700 }],
];

const [folder = mkdtempSync(join(tmpdir(), "writewatch-pictures-")), ...names] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const harness = await Harness.open();
try {
  for (const [name, scenario, theme, shape] of PICTURES) {
    if (names.length > 0 && !names.includes(name)) continue;
    const view = await harness.page({ theme, ...shape });
    await view.send(scenario);
    await view.page.screenshot({ path: join(folder, `${name}.png`) });
    for (const complaint of view.complaints) console.log(`${name}: ${complaint}`);
    await view.page.close();
  }
} finally {
  await harness.close();
}
console.log(`Pictures: ${folder}`);
