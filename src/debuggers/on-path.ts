// Finds programs on PATH.
import { readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The program on PATH whose name matches: one without a version in its name, else the newest. */
export function onPath(name: RegExp): string | undefined {
  return allOnPath(name)[0];
}

/** All of them, in that order. */
export function allOnPath(name: RegExp): string[] {
  const found = (process.env.PATH ?? "").split(delimiter).flatMap(folder => {
    try {
      return readdirSync(folder)
        .filter(file => name.test(file))
        .map(file => join(folder, file));
    } catch {
      return [];
    }
  });
  return found.sort((a, b) => version(b) - version(a));
}

function version(path: string): number {
  return Number(/-(\d+)$/.exec(path)?.[1] ?? Number.MAX_SAFE_INTEGER);
}
