// The rooms' table and the linter: what the table does not name, the linter refuses, and nothing else.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { folderOf, ROOMS } from "../../scripts/layers/rooms.ts";
import { repository } from "../../scripts/vscode-host/paths.ts";

interface Diagnostic {
  readonly category: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

/**
 * The imports that the linter refuses, by file.
 * @param files what each of them imports; none of them has to be there.
 */
function refused(files: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  const folder = mkdtempSync(join(tmpdir(), "writewatch-layers-"));
  try {
    const { vcs: _, ...configuration } = JSON.parse(readFileSync(join(repository, "biome.json"), "utf8"));
    writeFileSync(join(folder, "biome.json"), JSON.stringify(configuration));
    cpSync(join(repository, "biome.layers.json"), join(folder, "biome.layers.json"));
    for (const [path, imports] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), imports.map(name => `import "${name}";\n`).join(""));
    }
    const biome = join(repository, "node_modules/@biomejs/biome/bin/biome");
    const args = [biome, "lint", "--reporter=json", "--max-diagnostics=none", ...Object.keys(files)];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
    assert.ok(stdout.startsWith("{"), stderr);
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
    const lines = new Set(
      diagnostics
        .filter(({ category }) => /noRestrictedImports|noNodejsModules/.test(category))
        .map(({ location: { path, start } }) => `${path}:${start.line}`),
    );
    return Object.fromEntries(
      Object.entries(files).map(([path, imports]) => [path, imports.filter((_, i) => lines.has(`${path}:${i + 1}`))]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const importOf = (from: string, room: string): string => relative(dirname(from), join(folderOf(room), "some.ts"));

describe("The linter's layers", () => {
  it("hold each room to the rooms it stands on", () => {
    const others = (of: string) => ROOMS.map(({ name }) => name).filter(name => name !== of);
    const files = ROOMS.map(({ name, standsOn }) => {
      const file = join(folderOf(name), "deep/new.ts");
      const imports = others(name).map(room => importOf(file, room));
      const wanted = others(name).filter(room => !standsOn.includes(room));
      return { file, imports, wanted: wanted.map(room => importOf(file, room)) };
    });
    assert.deepEqual(
      refused(Object.fromEntries(files.map(({ file, imports }) => [file, imports]))),
      Object.fromEntries(files.map(({ file, wanted }) => [file, wanted])),
    );
  });

  it("let the page see of the extension's interface what both speak, and nothing else", () => {
    const imports = ["../src/ui/protocol.ts", "../src/ui/protocol/steps.ts", "../src/ui/panel.ts"];
    assert.deepEqual(refused({ "webview/new.ts": imports }), { "webview/new.ts": ["../src/ui/panel.ts"] });
  });

  it("keep koffi to the kernel's Linux side, vscode to few files, and Node's modules out of what runs in browsers", () => {
    const wanted = {
      "src/kernel/linux/new.ts": ["vscode"],
      "src/kernel/new.ts": ["koffi", "node:fs", "vscode"],
      "src/agent/new.ts": ["koffi", "vscode"],
      "src/agent/local.ts": ["koffi", "node:fs", "vscode"],
      "src/trace/new.ts": ["koffi", "vscode"],
      "src/recording/new.ts": ["koffi", "node:fs", "vscode"],
      "src/session/new.ts": ["koffi", "node:fs", "vscode"],
      "src/session/debug-sessions.ts": ["koffi", "node:fs"],
      "src/simulation/new.ts": ["koffi", "node:fs", "vscode"],
      "src/simulation/factory.ts": ["koffi", "node:fs"],
      "src/ui/new.ts": ["koffi", "node:fs"],
      "webview/new.ts": ["koffi", "node:fs", "vscode"],
      "src/web-extension.ts": ["node:fs"],
      "src/connect.ts": ["node:fs"],
      "src/extension.ts": [],
    };
    const imports = Object.keys(wanted).map(path => [path, ["koffi", "node:fs", "vscode"]]);
    assert.deepEqual(refused(Object.fromEntries(imports)), wanted);
  });
});
