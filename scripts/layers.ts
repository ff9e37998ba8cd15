// Writes the linter's layers and ARCHITECTURE.md's picture from the table of rooms: node scripts/layers.ts [--check]
//
// With --check it writes nothing, and fails where either is not what the table says, or the tree is not.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawnStructure } from "./layers/drawing.ts";
import { linterOverrides } from "./layers/linter.ts";
import { folderOf, ROOMS } from "./layers/rooms.ts";
import { repository } from "./vscode-host/paths.ts";
import { runMain } from "./vscode-host/run-main.ts";

const BEGIN = "<!-- rooms: from scripts/layers/rooms.ts, by node scripts/layers.ts -->";
const END = "<!-- end of rooms -->";

interface Generated {
  readonly file: string;
  /** @param text what the file holds now; "" where there is none. */
  make(text: string): string;
}

const generated: readonly Generated[] = [
  { file: "biome.layers.json", make: () => `${JSON.stringify({ overrides: linterOverrides() }, undefined, 2)}\n` },
  { file: "ARCHITECTURE.md", make: withStructure },
];

function withStructure(text: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`ARCHITECTURE.md has no place for the rooms: ${BEGIN} … ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${drawnStructure()}\n\n${text.slice(end)}`;
}

/** What is wrong with the table itself, or between it and the folders that are there. */
function faults(): string[] {
  const names = ROOMS.map(({ name }) => name);
  const isAbove = (ground: string, name: string) => names.indexOf(ground.split("/")[0]) < names.indexOf(name);
  const floating = ROOMS.flatMap(({ name, standsOn }) =>
    standsOn
      .filter(ground => !isAbove(ground, name))
      .map(ground => `${name} stands on ${ground}, which is not above it in the table.`),
  );
  const unknown = ROOMS.flatMap(({ name, standsOn }) =>
    standsOn
      .filter(ground => !names.includes(ground.split("/")[0]))
      .map(ground => `${name} stands on ${ground}, which is no room.`),
  );
  const folders = readdirSync(join(repository, "src"), { withFileTypes: true }).filter(entry => entry.isDirectory());
  const unlisted = folders
    .filter(({ name }) => !names.includes(name))
    .map(({ name }) => `src/${name} is not in the table.`);
  const left = names
    .filter(name => !existsSync(join(repository, folderOf(name))))
    .map(name => `${name} is in the table, but there is no ${folderOf(name)}.`);
  return [...floating, ...unknown, ...unlisted, ...left];
}

await runMain(async () => {
  const wrong = faults().map(fault => `scripts/layers/rooms.ts: ${fault}`);
  for (const { file, make } of generated) {
    const path = join(repository, file);
    const now = existsSync(path) ? readFileSync(path, "utf8") : "";
    const wanted = make(now);
    if (now === wanted) continue;
    if (process.argv.includes("--check"))
      wrong.push(`${file} is not what the table of rooms says: run node scripts/layers.ts`);
    else writeFileSync(path, wanted);
  }
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  return 0;
});
