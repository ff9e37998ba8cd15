// The page in a Chromium of its own: under the panel's policy, with a stub of the extension on the other side.
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { repository } from "../../../scripts/vscode-host/paths.ts";
import { openBrowser } from "../../workbench/runner/browser.ts";
import type { ScenarioName } from "./scenarios.ts";
import { THEMES, type ThemeName } from "./themes.ts";

export interface PageOptions {
  readonly theme: ThemeName;
  readonly width: number;
  readonly height: number;
  /** What VS Code kept for the view when it was hidden. */
  readonly kept?: unknown;
}

/** Stands in for any address: all it serves comes from memory. */
const ORIGIN = "http://webview.test";
const NONCE = "harness";

/** The panel's own policy; the panel's host can't be imported outside VS Code. */
const POLICY = [
  "default-src 'none'",
  `script-src 'nonce-${NONCE}'`,
  `style-src ${ORIGIN} 'nonce-${NONCE}'`,
  `font-src ${ORIGIN}`,
].join("; ");

/** What VS Code puts before the page's own script, and what the measurements need: times of all frames' scripts. */
const STUB = `
  globalThis.posted = [];
  globalThis.frames_ = [];
  let state = JSON.parse(document.documentElement.dataset.kept || "null") ?? undefined;
  globalThis.kept = () => state;
  globalThis.acquireVsCodeApi = () => ({
    postMessage: message => posted.push(message),
    getState: () => state,
    setState: now => { state = structuredClone(now); },
  });
  globalThis.send = messages => {
    for (const data of messages) window.dispatchEvent(new MessageEvent("message", { data: structuredClone(data) }));
  };
  const next = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = callback => next(time => {
    const begin = performance.now();
    callback(time);
    frames_.push(performance.now() - begin);
  });
`;

export class Harness {
  private readonly browser: Browser;
  private readonly files: ReadonlyMap<string, { body: string; contentType: string }>;

  private constructor(browser: Browser, files: Harness["files"]) {
    this.browser = browser;
    this.files = files;
  }

  static async open(): Promise<Harness> {
    const [page, scenarios] = await Promise.all([
      bundle("webview/main.ts"),
      bundle("test/webview/harness/scenarios.ts", "harness"),
    ]);
    const script = (body = ""): { body: string; contentType: string } => ({ body, contentType: "text/javascript" });
    const files = new Map([
      ["/webview.js", script(page.js)],
      ["/scenarios.js", script(scenarios.js)],
      ["/stub.js", script(STUB)],
      ["/webview.css", { body: page.css ?? "", contentType: "text/css" }],
    ]);
    return new Harness(await openBrowser(), files);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  async page(options: PageOptions): Promise<WebviewPage> {
    const page = await this.browser.newPage({ viewport: { width: options.width, height: options.height } });
    const complaints: string[] = [];
    page.on("console", message => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", error => complaints.push(error.message));
    await page.route(`${ORIGIN}/**`, route => {
      const { pathname } = new URL(route.request().url());
      const file = this.files.get(pathname);
      if (file) return route.fulfill(file);
      return pathname === "/"
        ? route.fulfill({ body: html(options), contentType: "text/html" })
        : route.fulfill({ status: 204 });
    });
    await page.goto(ORIGIN);
    return new WebviewPage(page, complaints);
  }
}

/** One page, and what one asks of it. */
export class WebviewPage {
  readonly page: Page;
  /** Errors of scripts and violations of the policy. */
  readonly complaints: readonly string[];

  constructor(page: Page, complaints: readonly string[]) {
    this.page = page;
    this.complaints = complaints;
  }

  /** Sends a scenario's messages, and waits until it is painted. */
  async send(scenario: ScenarioName): Promise<void> {
    await this.page.evaluate(`send(harness.scenarios.${scenario}())`);
    await this.settled();
  }

  /** Two frames later, and idle: what was to be drawn is drawn. */
  async settled(): Promise<void> {
    await this.page.evaluate(
      `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(() => done()))))`,
    );
  }

  byTestId(id: string): ReturnType<Page["locator"]> {
    return this.page.locator(`[data-testid="${id}"]`);
  }

  /** What the page told the extension. */
  async posted(): Promise<readonly { type: string }[]> {
    return (await this.page.evaluate("posted")) as { type: string }[];
  }

  async kept(): Promise<unknown> {
    return this.page.evaluate("kept()");
  }

  /** Milliseconds that scripts took in each frame while `action` ran. */
  async frames(action: () => Promise<void>): Promise<readonly number[]> {
    await this.page.evaluate("frames_.length = 0");
    await action();
    return (await this.page.evaluate("frames_")) as number[];
  }
}

async function bundle(entry: string, globalName?: string): Promise<{ js: string; css: string | undefined }> {
  const { outputFiles } = await build({
    absWorkingDir: repository,
    entryPoints: [entry],
    outdir: "out",
    write: false,
    bundle: true,
    platform: "browser",
    format: "iife",
    ...(globalName ? { globalName } : {}),
    target: "chrome128",
    logLevel: "warning",
  });
  const text = (extension: string): string | undefined =>
    outputFiles.find(({ path }) => path.endsWith(extension))?.text;
  return { js: text(".js") ?? "", css: text(".css") };
}

function html({ theme, kept }: PageOptions): string {
  const { bodyClass, variables } = THEMES[theme];
  const background = "panel-background" in variables ? variables["panel-background"] : "transparent";
  const declarations = Object.entries(variables).map(([name, value]) => `--vscode-${name}: ${value};`);
  const attribute = kept === undefined ? "" : ` data-kept="${JSON.stringify(kept).replaceAll('"', "&quot;")}"`;
  return `<!DOCTYPE html>
<html lang="en"${attribute}>
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<style nonce="${NONCE}">
:root { ${declarations.join(" ")} }
html { background: ${background}; scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background); }
@layer vscode-default { body { background-color: transparent; margin: 0; padding: 0 20px; } }
</style>
<link rel="stylesheet" href="/webview.css">
</head>
<body class="${bodyClass}">
<div id="app"></div>
<script nonce="${NONCE}" src="/stub.js"></script>
<script nonce="${NONCE}" src="/scenarios.js"></script>
<script nonce="${NONCE}" src="/webview.js"></script>
</body>
</html>`;
}
