// What is in the package that users install, by vsce's own list. The build has to be there: npm test -- build.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listFiles } from "@vscode/vsce";
import { build } from "esbuild";
import { bundles } from "../../scripts/build/bundles.ts";
import { bundledPackages, NOTICES_FILE, noticesOf } from "../../scripts/build/notices.ts";
import { repository } from "../../scripts/vscode-host/paths.ts";

const read = (file: string): string => readFileSync(join(repository, file), "utf8");
const manifest = JSON.parse(read("package.json"));

/** Every text in a value of JSON that names a file of media/ or dist/. */
function files(value: unknown): string[] {
  if (typeof value === "string") return /^(\.\/)?(media|dist)\//.test(value) ? [value.replace(/^\.\//, "")] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(files) : [];
}

describe("The package", () => {
  let listed: string[] = [];

  before(async function () {
    // It walks all of node_modules before it leaves that out.
    this.timeout(300_000);
    listed = await listFiles({ cwd: repository, packagedDependencies: [], ignoreFile: ".vscodeignore" });
  });

  it("holds every file that the manifest names", () => {
    const named = [manifest.main, manifest.browser].map(path => path.replace(/^\.\//, ""));
    const wanted = [...new Set([...named, "package.nls.json", ...files(manifest)])];
    assert.deepEqual(
      wanted.filter(file => !listed.includes(file)),
      [],
    );
  });

  it("holds what is loaded beside the bundles, the notices, and for the user README, changes and licence", () => {
    const wanted = ["agent.cjs", "webview.js", "webview.css", "examples.json", "web-extension.cjs.js"].map(
      file => `dist/${file}`,
    );
    for (const file of [...wanted, NOTICES_FILE, "README.md", "CHANGELOG.md", "LICENSE"])
      assert.ok(listed.includes(file), file);
  });

  it("holds no sources, no source maps, no tests, and nothing that is for developers", () => {
    const ours = listed.filter(file => !file.startsWith("dist/node_modules/"));
    const foreign =
      /\.(ts|map|vsix)$|^(src|test|scripts|webview|examples|\.vscode|\.ci)\/|^(ARCHITECTURE|CONTRIBUTING)|^biome/;
    assert.deepEqual(
      ours.filter(file => foreign.test(file)),
      // What other extensions are written against.
      ["src/ui/api/writewatch.d.ts"],
    );
    assert.ok(ours.length < 40, ours.join("\n"));
  });
});

describe("The third-party notices", () => {
  it("name every package that is in a bundle, with its licence", async () => {
    const results = await Promise.all(bundles(true).map(options => build({ ...options, write: false })));
    const folders = bundledPackages(results.map(({ metafile }) => metafile));
    const text = read(NOTICES_FILE);
    assert.equal(text, noticesOf(folders), "they are not those of the bundles: run npm run build");
    for (const name of ["koffi", "@vscode/debugadapter", "@vscode/webview-ui-toolkit", "tslib"]) {
      assert.match(text, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((MIT|0BSD)\\)$`, "m"));
    }
    for (const folder of folders) assert.ok(text.includes(`\n${folder.replace(/^.*node_modules\//, "")} `), folder);
  });

  it("are refused where a package brings no licence text that we know", () => {
    const stray = join(repository, "test/build/no-licence");
    assert.throws(() => noticesOf([stray]), /The package stray .* brings no licence text, only the name Apache-2\.0/);
  });

  it("take our own text of the MIT licence for a package that only names it, with its author as holder", () => {
    const text = noticesOf([join(repository, "test/build/only-named")]);
    assert.match(text, /^Copyright \(c\) Somebody$/m);
    assert.match(text, /Permission is hereby granted, free of charge/);
  });
});
