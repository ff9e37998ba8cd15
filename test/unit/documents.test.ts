// The documents: commands and files that they name are there.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../scripts/vscode-host/paths.ts";

const read = (file: string): string => readFileSync(join(repository, file), "utf8");
const scripts = Object.keys(JSON.parse(read("package.json")).scripts);

for (const document of ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]) {
  const text = read(document);

  describe(document, () => {
    it("names commands that package.json has", () => {
      const named = [...text.matchAll(/npm (?:run (?:--silent )?)?([a-z][\w:]*)/g)].map(([, name]) => name);
      assert.deepEqual(
        named.filter(name => !scripts.includes(name) && !["install", "comes", "packages"].includes(name)),
        [],
      );
    });

    it("names files that are there", () => {
      const paths = [...text.matchAll(/`((?:src|test|scripts|webview|examples|media)\/[\w./-]+)[^`]*`/g)].map(
        ([, path]) => path,
      );
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, path]) => path);
      for (const path of [...paths, ...links]) assert.ok(existsSync(join(repository, path)), path);
    });
  });
}

describe("CONTRIBUTING.md", () => {
  it("tells every command", () => {
    const text = read("CONTRIBUTING.md");
    const told = (name: string): boolean => new RegExp(`npm (run )?${name}(?![\\w:])`).test(text);
    const forEditors = ["build", "lint"];
    assert.deepEqual(
      scripts.filter(name => !forEditors.includes(name) && !told(name)),
      [],
    );
  });

  it("tells every stage of npm test", () => {
    const stages = [...read("scripts/test.ts").matchAll(/(?:name: |mocha\()"(\w+)"/g)].map(([, name]) => name);
    const text = read("CONTRIBUTING.md");
    assert.ok(stages.length > 8);
    for (const stage of new Set(stages)) assert.match(text, new RegExp(`^\\| ${stage} +\\|`, "m"));
  });
});
