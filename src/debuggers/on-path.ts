// Finds programs on PATH.
import { readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The program on PATH whose name matches: one without a version in its name, else the newest. */
export function onPath(name: RegExp): string | undefined {
  const found = (process.env.PATH ?? "").split(delimiter).flatMap(folder => {
    try {
      return readdirSync(folder)
        .filter(file => name.test(file))
        .map(file => join(folder, file));
    } catch {
      return [];
    }
  });
  return found.sort((a, b) => version(b) - version(a))[0];
}

function version(path: string): number {
  return Number(/-(\d+)$/.exec(path)?.[1] ?? Number.MAX_SAFE_INTEGER);
}
