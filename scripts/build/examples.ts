// Writes the bundled simulated programs into one file: a page in a browser can read a file of the extension, but list no folder.
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { repository } from "../vscode-host/paths.ts";

export function writeExamples(): void {
  const files = globSync("examples/simulated/*.wsim", { cwd: repository }).sort();
  const examples = files.map(file => {
    const text = readFileSync(join(repository, file), "utf8");
    return { name: basename(file), about: firstComment(text), text };
  });
  mkdirSync(join(repository, "dist"), { recursive: true });
  writeFileSync(join(repository, "dist/examples.json"), JSON.stringify(examples));
}

/** Each example begins with a comment that says what it shows. */
function firstComment(text: string): string {
  const lines = text.split("\n");
  const end = lines.findIndex(line => !/^(#|\/\/)/.test(line));
  return lines
    .slice(0, end < 0 ? lines.length : end)
    .map(line => line.replace(/^(#|\/\/)+ ?/, "").trim())
    .join(" ")
    .trim();
}
