// A Chromium window on the workbench, and how it answers what tests ask of it.
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type Browser, chromium, type Frame, type Page } from "playwright-core";
import type { DriverRequest, OpenedFile } from "./driver-requests.ts";

const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];
const ACTION_TIMEOUT_MS = 15_000;

export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_EXECUTABLE || "/usr/bin/chromium";
  try {
    return await chromium.launch({
      executablePath,
      args: FLAGS,
      // Ours end the process, and with it the browser; Playwright's own would end the browser alone.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  } catch (error) {
    throw new Error(
      `Could not start Chromium (${executablePath}). Install it (Debian, as root: apt-get install chromium) ` +
        `or set CHROMIUM_EXECUTABLE.\n${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The requests that concern the window; the others are the runner's own. */
export type PageRequest = Exclude<DriverRequest, { do: "report" | "result" }>;

export async function actOnPage(page: Page, request: PageRequest): Promise<unknown> {
  const timeout = "timeoutMs" in request && request.timeoutMs ? request.timeoutMs : ACTION_TIMEOUT_MS;
  switch (request.do) {
    case "screenshot":
      await mkdir(dirname(request.path), { recursive: true });
      if (request.selector) await page.locator(request.selector).first().screenshot({ path: request.path, timeout });
      else await page.screenshot({ path: request.path, timeout });
      return undefined;
    case "evaluateInPage":
      return page.evaluate(request.script);
    case "evaluateInWebview":
      return (await webview(page, request.within)).evaluate(request.script);
    case "clickInPage":
      return page.locator(request.selector).first().click({ timeout });
    case "clickInWebview":
      return (await webview(page, request.within)).locator(request.selector).first().click({ timeout });
    case "waitInPage":
      await page.waitForFunction(request.script, undefined, { timeout });
      return undefined;
    case "waitInWebview":
      return waitInFrame(page, request.within, request.script, timeout);
    case "press":
      return page.keyboard.press(request.keys);
    case "type":
      return page.keyboard.type(request.text);
    case "openFile":
      return openFile(page, request, timeout);
    case "resizeWindow":
      return page.setViewportSize({ width: request.width, height: request.height });
    default:
      throw new Error(`the driver has no ${JSON.stringify(request)}`);
  }
}

async function openFile(
  window: Page,
  { path, script, picture }: Extract<DriverRequest, { do: "openFile" }>,
  timeout: number,
): Promise<OpenedFile> {
  const complaints: string[] = [];
  const requests: string[] = [];
  const page = await window.context().newPage();
  try {
    page.on("console", message => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", error => void complaints.push(error.message));
    page.on("request", asked => {
      if (asked.url() !== `file://${path}`) requests.push(asked.url());
    });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`file://${path}`);
      const deadline = Date.now() + timeout;
      while (!(await page.evaluate(script))) {
        if (Date.now() > deadline) throw new Error(`not true within ${timeout / 1000} s: ${script}`);
        await new Promise(resolve => setTimeout(resolve, 50));
      }
      if (picture) await page.screenshot({ path: picture.replace(".png", `-${colorScheme}.png`) });
    }
  } finally {
    await page.close();
  }
  return { complaints, requests };
}

/** Asks again and again from outside: a page with a strict policy lets no script in it evaluate text, Playwright's included. */
async function waitInFrame(page: Page, within: string | undefined, script: string, timeout: number): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await (await webview(page, within)).evaluate(script))) {
    if (Date.now() > deadline) throw new Error(`not true within ${timeout / 1000} s: ${script}`);
    await new Promise(resolve => setTimeout(resolve, 30));
  }
}

/** A webview is two frames deep: VS Code's own wrapper, and in it the page that the extension wrote. */
async function webview(page: Page, within = "body"): Promise<Frame> {
  const deadline = Date.now() + ACTION_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const inner = page.frames().filter(frame => frame.parentFrame()?.url().includes("/webview/"));
    for (const frame of inner.reverse()) {
      // A frame can go while we look; then it isn't the one.
      const matches = await frame
        .locator(within)
        .count()
        .catch(() => 0);
      if (matches > 0) return frame;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  const urls = page.frames().map(frame => frame.url().slice(0, 120));
  throw new Error(`no webview with "${within}" within ${ACTION_TIMEOUT_MS / 1000} s; frames: ${urls.join(", ")}`);
}
