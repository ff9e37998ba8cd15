// The simulator where there is no Node: a browser's web worker has the language, timers and base64, and that is enough.
import assert from "node:assert/strict";
import { createContext, runInContext } from "node:vm";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { build } from "esbuild";
import { checkWebBundle, webBundle } from "../../../scripts/build/web.ts";
import { repository } from "../../../scripts/vscode-host/paths.ts";

const HOST = `
import { SimulatorSession } from "./src/simulation/adapter/session.ts";
const session = new SimulatorSession(async () => source);
session.onDidSendMessage(message => {
  messages.push(message);
  if (message.event === "terminated") done();
});
const requests = [["initialize", { pathFormat: "path" }], ["launch", { program: "vscode-vfs://host/a.wsim" }], ["configurationDone"]];
requests.forEach(([command, args], i) => setTimeout(() => {
  session.handleMessage({ seq: i + 1, type: "request", command, arguments: args });
}, i * 10));`;

it("The simulator's debug adapter runs in a browser's worker", async () => {
  const { entryPoints: _, ...options } = webBundle;
  const { outputFiles, metafile } = await build({
    ...options,
    stdin: { contents: HOST, resolveDir: repository, loader: "ts" },
    absWorkingDir: repository,
    bundle: true,
    write: false,
    logLevel: "silent",
  });
  assert.ok(metafile);
  checkWebBundle(metafile);
  const messages: (DebugProtocol.Event & DebugProtocol.Response)[] = [];
  const source = 'fn main() {\n  let a = mmap(4 pages)\n  a[0] = 1\n  print "sum", a[0] + 1\n  return 5\n}';
  await new Promise<void>(done => {
    const worker = { source, messages, done, setTimeout, clearTimeout, performance, atob, btoa, console, URL };
    runInContext(outputFiles?.[0]?.text ?? "", createContext({ ...worker, module: {}, exports: {} }));
  });
  assert.deepEqual(
    messages
      .filter(({ event }) => event === "output" || event === "exited")
      .map(({ body }) => body.output ?? body.exitCode),
    ["sum 2\n", 5],
  );
});
