// For tests: the panel's page, from the outside, as a user (or a screen reader) finds it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as vscode from "vscode";
import { drive, hasDriver } from "./driver.ts";

/** The page of the panel, among the webviews of the window. */
const PAGE = "body:not([data-inspect]) #app";
const TIMEOUT_MS = 15_000;

/** An inspector in an editor of its own. */
export const INSPECTOR = "body[data-inspect]";

/** An expression's value in the page. */
export const inPage = (script: string, within = PAGE): Promise<unknown> =>
  drive({ do: "evaluateInWebview", script, within });

/** Waits until the expression is true in the page. */
export const pageShows = (script: string, within = PAGE): Promise<unknown> =>
  drive({ do: "waitInWebview", script, within, timeoutMs: TIMEOUT_MS });

export const click = (testId: string, within = PAGE): Promise<unknown> =>
  drive({ do: "clickInWebview", selector: `[data-testid="${testId}"]:visible`, within });

/** The expression of an element with that test id. */
export const element = (testId: string): string => `document.querySelector('[data-testid="${testId}"]')`;

export const pageShowsText = (testId: string, pattern: RegExp, within = PAGE): Promise<unknown> =>
  pageShows(
    `${pattern}.test([...document.querySelectorAll('[data-testid="${testId}"]')].map(each => each.textContent).join(" "))`,
    within,
  );

/** Types into a text field of the page, in place of what stands there. */
export async function fill(testId: string, text: string): Promise<void> {
  const field = element(testId);
  // The click gives the page the keyboard. What it hit may have moved under it: the field itself is named then.
  await click(testId);
  await inPage(`(${field}.focus(), 0)`);
  await pageShows(`document.hasFocus() && document.activeElement === ${field}`);
  // Not by Control+A: VS Code selects all once more by a command of its own, which may come amid what is typed next. Nor by the
  // toolkit's element, which passes a new value on to its input with the next frame, and until then takes the old text back.
  await inPage(`(input => {
    input.value = "";
    input.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
  })(${field}.shadowRoot.querySelector("input"))`);
  if (text) await drive({ do: "type", text });
  await pageShows(`${field}.value === ${JSON.stringify(text)}`);
}

/** Presses Arm in the panel and waits until it is armed. */
export async function armInPage(): Promise<void> {
  await vscode.commands.executeCommand("writewatch.showPanel");
  await pageShows(
    `[...document.querySelectorAll('[data-testid="arm"]')].some(arm => arm.checkVisibility() && !arm.disabled)`,
  );
  await click("arm");
  await pageShowsText("phase", /Stopped; armed/);
}

/** Runs an action of the panel's title by keys alone: from the panel's tab on to the row of actions, along it, Enter. */
export async function runTitleAction(name: string): Promise<void> {
  const press = (keys: string): Promise<unknown> => drive({ do: "press", keys });
  const inWindow = (script: string): Promise<unknown> => drive({ do: "evaluateInPage", script });
  await vscode.commands.executeCommand("writewatch.showPanel");
  const tab = `.part.panel .composite-bar .action-item.checked`;
  await drive({
    do: "waitInPage",
    script: `document.querySelector(${JSON.stringify(tab)}) !== null`,
    timeoutMs: TIMEOUT_MS,
  });
  // In VS Code 1.99 a tab takes no keyboard but from another tab; its title is reached from the view's own bar of actions.
  const places = [tab, '.part.panel .title [tabindex="0"]'].map(
    place => `document.querySelector(${JSON.stringify(place)})`,
  );
  await inWindow(`([${places.join()}].find(place => (place?.focus(), place?.contains(document.activeElement))), 0)`);
  const isAmong = `document.activeElement?.closest(".actions-container")?.querySelector('[aria-label^="${name}"]') != null`;
  for (let i = 0; i < 6 && !(await inWindow(isAmong)); i += 1) await press("Tab");
  await press("Home");
  const focused = async (): Promise<string> =>
    String(
      await inWindow(`document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.className ?? ""`),
    );
  for (let i = 0; i < 12 && !(await focused()).startsWith(name); i += 1) await press("ArrowRight");
  const at = await focused();
  assert.ok(at.startsWith(name), `keys lead to "${at}", not to ${name}`);
  await press("Enter");
}

/** The table of mappings as rows of texts, by the titles of its columns. */
export async function tableRows(): Promise<Record<string, string>[]> {
  const rows = await inPage(`(() => {
    const titles = [...document.querySelectorAll('[data-testid="mappings"] thead th')].map(each => each.textContent);
    return [...document.querySelectorAll('[data-testid="mappings"] tbody tr')].map(row =>
      Object.fromEntries([...row.cells].map((cell, i) => [titles[i], cell.textContent])));
  })()`);
  return rows as Record<string, string>[];
}

export const THEMES = {
  dark: "Default Dark Modern",
  light: "Default Light Modern",
  "high-contrast": "Default High Contrast",
  "high-contrast-light": "Default High Contrast Light",
} as const;

/** Works in each of the themes, and goes back to the default one. */
export async function inThemes(
  work: (name: keyof typeof THEMES) => Promise<void>,
  names = Object.keys(THEMES) as (keyof typeof THEMES)[],
  within = PAGE,
): Promise<void> {
  const settings = vscode.workspace.getConfiguration("workbench");
  try {
    for (const name of names) {
      await settings.update("colorTheme", THEMES[name], vscode.ConfigurationTarget.Global);
      const kind = {
        dark: "dark",
        light: "light",
        "high-contrast": "high-contrast",
        "high-contrast-light": "high-contrast-light",
      }[name];
      await pageShows(`document.body.classList.contains("vscode-${kind}")`, within);
      // Colours fade in, and the page draws once more after them.
      await new Promise(resolve => setTimeout(resolve, 700));
      await work(name);
    }
  } finally {
    await settings.update("colorTheme", undefined, vscode.ConfigurationTarget.Global);
  }
}

export async function picture(name: string): Promise<void> {
  const folder = process.env.WRITEWATCH_TEST_OUTPUT;
  if (hasDriver() && folder) await drive({ do: "screenshot", path: join(folder, `${name}.png`) });
}

/** Takes pictures in all themes; what axe-core finds wrong in any of them fails the test. */
export async function inAllThemes(name: string, within = PAGE): Promise<void> {
  const found: string[] = [];
  const look = async (theme: string): Promise<void> => {
    await picture(`look-${name}-${theme}`);
    found.push(...(await axe(within)).map(violation => `${theme}: ${violation}`));
  };
  // The colours are the page's own: from one version to the other the default themes hardly differ.
  await inThemes(look, vscode.version.startsWith("1.99.") ? ["dark"] : undefined, within);
  assert.deepEqual(found, []);
}

/** What axe-core finds wrong in the page: rule, and the elements it means. */
async function axe(within: string): Promise<string[]> {
  const source = readFileSync(resolve(__dirname, "../../../node_modules/axe-core/axe.min.js"), "utf8");
  // What lies behind a webview is VS Code's own; axe would take the transparent page for a white one.
  const found = await inPage(
    `(async () => {
    ${source};
    const style = getComputedStyle(document.documentElement);
    document.body.style.backgroundColor = style.getPropertyValue("--vscode-panel-background") || style.getPropertyValue("--vscode-editor-background");
    const { violations } = await window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    document.body.style.backgroundColor = "";
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => id + ": " + html.slice(0, 160) + " " + (failureSummary ?? "").replaceAll("\\n", " ").slice(0, 300)));
  })()`,
    within,
  );
  return found as string[];
}
