// What the build makes for a browser's extension host: code that finds all it needs in a browser.
import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { type BuildResult, build } from "esbuild";
import { checkWebBundle, webBundle } from "../../scripts/build/web.ts";
import { repository } from "../../scripts/vscode-host/paths.ts";

async function bundled(contents: string, external: string[] = []): Promise<BuildResult & { text: string }> {
  const { entryPoints: _, ...options } = webBundle;
  const result = await build({
    ...options,
    external: ["vscode", ...external],
    stdin: { contents, resolveDir: repository, loader: "ts" },
    absWorkingDir: repository,
    bundle: true,
    write: false,
    logLevel: "silent",
  });
  return { ...result, text: result.outputFiles?.[0].text ?? "" };
}

describe("The bundle for a browser", () => {
  it("holds a debug adapter that answers where there is no Node", async () => {
    const { text, metafile } = await bundled(`
      import { DebugSession } from "@vscode/debugadapter";
      const session = new DebugSession();
      session.onDidSendMessage(message => { module.exports.answer = message; });
      session.handleMessage({ seq: 1, type: "request", command: "initialize", arguments: { pathFormat: "path" } });`);
    assert.ok(metafile);
    checkWebBundle(metafile);
    const module = { exports: {} as { answer?: { success: boolean } } };
    // A new context has the language, and nothing of Node's or a browser's.
    runInNewContext(text, { module, exports: module.exports, URL, setTimeout, console });
    assert.equal(module.exports.answer?.success, true);
  });

  it("is not made of code that asks for Node's modules", async () => {
    await assert.rejects(bundled(`import { readFileSync } from "node:fs"; readFileSync("/");`), /node:fs/);
  });

  it("is refused where such a question was left to be asked when it runs", async () => {
    const { metafile } = await bundled(`import { connect } from "net"; connect(1);`, ["net"]);
    assert.ok(metafile);
    assert.throws(() => checkWebBundle(metafile), /asks for net/);
  });
});
