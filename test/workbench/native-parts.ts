// For tests: what this extension host has loaded and started that is not JavaScript.
import { readdirSync, readFileSync } from "node:fs";

/** Libraries of koffi's in this process, and agents among its children; both only once something is armed. */
export function nativeParts(): string[] {
  const libraries = readFileSync("/proc/self/maps", "utf8").match(/\/\S*koffi\S*\.node/g) ?? [];
  return [...new Set([...libraries, ...children().filter(command => command.includes("agent.cjs"))])];
}

/** Their command lines. */
function children(): string[] {
  const pids = readdirSync("/proc/self/task").flatMap(thread => words(`/proc/self/task/${thread}/children`, " "));
  return pids.map(pid => words(`/proc/${pid}/cmdline`, "\0").join(" "));
}

function words(file: string, separator: string): string[] {
  try {
    return readFileSync(file, "utf8").split(separator).filter(Boolean);
  } catch {
    // Ended while we looked.
    return [];
  }
}
