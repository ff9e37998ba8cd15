// The panel's page in a plain Chromium window, with the extension's half of the conversation in a worker beside it: the same code on both
// sides of the same messages, and nothing of VS Code's around it.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { bundles } from "../../../scripts/build/bundles.ts";
import { openBrowser } from "../../workbench/runner/browser.ts";
import { READY } from "./worker.ts";

const DARK = `
  --vscode-foreground: #cccccc; --vscode-descriptionForeground: #9d9d9d; --vscode-focusBorder: #0078d4;
  --vscode-panel-background: #181818; --vscode-editor-background: #1f1f1f; --vscode-panel-border: #2b2b2b;
  --vscode-font-family: sans-serif; --vscode-font-size: 13px; --vscode-editor-font-family: monospace;
  --vscode-charts-blue: #3794ff; --vscode-charts-orange: #d18616; --vscode-charts-green: #89d185;
  --vscode-charts-purple: #b180d7; --vscode-charts-yellow: #cca700; --vscode-charts-red: #f14c4c;
  --vscode-writewatch-written: #f0883e; --vscode-writewatch-debugger: #b180d7;`;

export interface OpenPage {
  readonly page: Page;
  close(): Promise<void>;
}

/** @param host the worker's source file: it serves the page by a PanelService over its own messages. */
export async function openPage(host: string, size: { width: number; height: number }): Promise<OpenPage> {
  const [script, style] = await pageBundle();
  const worker = await workerBundle(fileURLToPath(new URL(host, import.meta.url)));
  const browser: Browser = await openBrowser();
  const page = await browser.newPage({ viewport: size });
  page.on("pageerror", error => console.error(error));
  // Of this computer's own: only such an address may use what the extension's host may.
  const address = "http://localhost/";
  const html = `<!DOCTYPE html><html lang="en" style="${DARK}"><head><title>Memory Writes</title><style>${style}</style></head>
    <body class="vscode-dark" style="background: var(--vscode-panel-background)"><div id="app"></div></body></html>`;
  await page.route(`${address}**`, route =>
    route.request().url().endsWith("host.js")
      ? route.fulfill({ contentType: "text/javascript", body: worker })
      : route.fulfill({ contentType: "text/html", body: html }),
  );
  await page.goto(address);
  await page.evaluate(`new Promise(ready => {
    const host = new Worker("host.js");
    host.onmessage = ({ data }) => (data === "${READY}" ? ready() : window.postMessage(data, "*"));
    window.acquireVsCodeApi = () => ({
      postMessage: message => host.postMessage(message),
      getState: () => undefined,
      setState: () => {},
    });
  })`);
  await page.addScriptTag({ content: script });
  return { page, close: () => browser.close() };
}

/** Script and style, as they are packaged. */
async function pageBundle(): Promise<[string, string]> {
  const options = bundles(!process.env.READABLE).find(({ entryPoints }) =>
    JSON.stringify(entryPoints).includes("webview"),
  );
  const { outputFiles = [] } = await build({ ...options, write: false });
  const text = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
  return [text(".js"), text(".css")];
}

async function workerBundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    ...{ entryPoints: [entry], bundle: true, write: false, minify: true },
    ...{ platform: "browser", format: "iife", target: "chrome128", logLevel: "warning" },
  });
  return outputFiles[0].text;
}
