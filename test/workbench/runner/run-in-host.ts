// One run of the suite in one VS Code: a fresh profile, a copy of the sample as workspace, a browser window on it.
import { rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ensureHost, type Host } from "../../../scripts/vscode-host/install.ts";
import { cacheFolder, debuggersExtension, sampleFolder } from "../../../scripts/vscode-host/paths.ts";
import { installVsix, type Server, startServer } from "../../../scripts/vscode-host/server.ts";
import type { HostVersion } from "../../../scripts/vscode-host/versions.ts";
import { openBridge } from "./bridge.ts";
import { actOnPage, openBrowser } from "./browser.ts";
import { DRIVER_ADDRESS, type DriverRequest } from "./driver-requests.ts";
import { firstOf } from "./first-of.ts";

export interface SuiteRun {
  readonly tests: string;
  /** An installed package, or a folder to load as an extension under development. */
  readonly extension: { readonly vsix: string } | { readonly folder: string };
  readonly grep: string | undefined;
  /** Lets WriteWatch run in the browser's own extension host, a web worker, instead of the server's. The tests stay there. */
  readonly inWorker?: boolean;
}

export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export async function runInHost(version: HostVersion, suite: SuiteRun): Promise<SuiteResult> {
  const host = await ensureHost(version);
  const home = await mkdtemp(join(tmpdir(), "writewatch-workbench-"));
  // Ctrl-C skips what follows the await below.
  const removeNow = () => rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", removeNow);
  try {
    return await runInHome(host, suite, home);
  } finally {
    process.removeListener("exit", removeNow);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runInHome(host: Host, suite: SuiteRun, home: string): Promise<SuiteResult> {
  const output = join(cacheFolder, "workbench/output", `${host.version.vscode}${suite.inWorker ? "-worker" : ""}`);
  const workspace = join(home, "sample");
  const extensionsDir = join(home, "extensions");
  await mkdir(output, { recursive: true });
  await mkdir(extensionsDir, { recursive: true });
  await cp(sampleFolder, workspace, { recursive: true });
  if ("vsix" in suite.extension) await installVsix(host, suite.extension.vsix, extensionsDir);

  let page: Page | undefined;
  let result: SuiteResult | undefined;
  const bridge = await openBridge(async (request: DriverRequest) => {
    if (request.do === "report") console.log(request.line);
    else if (request.do === "result") result = request;
    else if (page) return actOnPage(page, request);
    return undefined;
  });
  let server: Server | undefined;
  const browser = await openBrowser();
  try {
    server = await startServer(host, {
      home: join(home, "host"),
      extensionsDir,
      forTests: true,
      settings: suite.inWorker ? { "remote.extensionKind": { "writewatch.writewatch": ["web"] } } : {},
      env: {
        [DRIVER_ADDRESS]: bridge.address,
        WRITEWATCH_TEST_OUTPUT: output,
        WRITEWATCH_TEST_COLOR: process.stdout.isTTY || process.env.FORCE_COLOR ? "1" : "0",
        ...(suite.grep ? { WRITEWATCH_TEST_GREP: suite.grep } : {}),
        ...(suite.inWorker ? { WRITEWATCH_TEST_WORKER: "1" } : {}),
      },
    });
    page = await browser.newPage({ viewport: { width: 1440, height: 960 } });
    const console = followConsole(page);
    const exited = new Promise<number>((resolve, reject) => {
      page?.exposeFunction("codeAutomationExit", (code: number) => resolve(code)).catch(reject);
    });
    await page.exposeFunction("codeAutomationLog", () => {});
    await page.goto(workbenchAddress(server, workspace, suite));
    const code = await firstOf(exited, server.ended).catch(async error => {
      const picture = join(output, "hung.png");
      await page?.screenshot({ path: picture }).catch(() => {});
      throw new Error(`${error instanceof Error ? error.message : error}\nPicture: ${picture}\n${console.tail()}`);
    });
    if (result) return result;
    throw new Error(`The suite ended with ${code} before it could report. The window's console:\n${console.tail()}`);
  } finally {
    await browser.close();
    await server?.stop();
    bridge.close();
  }
}

function workbenchAddress({ port, address }: Server, workspace: string, suite: SuiteRun): string {
  const remote = (path: string) => `vscode-remote://127.0.0.1:${port}${path}`;
  // VS Code runs tests only beside an extension under development; the debuggers' serves when ours is installed.
  const folders = "vsix" in suite.extension ? [debuggersExtension] : [debuggersExtension, suite.extension.folder];
  const payload = [
    ...folders.map(folder => ["extensionDevelopmentPath", remote(folder)]),
    ["extensionTestsPath", remote(suite.tests)],
  ];
  return address({ folder: workspace, payload: JSON.stringify(payload) });
}

const TAIL_LINES = 40;

function followConsole(page: Page): { tail(): string } {
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > TAIL_LINES) lines.shift();
  };
  page.on("console", message => keep(message.text()));
  page.on("pageerror", error => keep(error.message));
  return { tail: () => lines.join("\n") };
}
