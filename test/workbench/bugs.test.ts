// From a wrong value to the line that wrote it, in the gallery of bugs, by the keys that a person presses: at most five.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import * as vscode from "vscode";
import { breakAt, type DebugRun, launch } from "./debug-session.ts";
import { drive, needsDriver } from "./driver.ts";
import { armInPage, picture } from "./page.ts";
import { until } from "./simulated-session.ts";

const gallery = resolve(__dirname, "../../../examples/bugs");
const MOST_STEPS = 100;
const MOST_KEYS = 5;

interface Bug {
  readonly file: string;
  /** Parts of lines: where to stop and arm, where the value is wrong, and who did it. */
  readonly from: string;
  readonly to: string;
  readonly culprit: string;
  /** The wrong value in the Variables view, by the names that are unfolded. */
  readonly path: readonly string[];
}

const BUGS: readonly Bug[] = [
  {
    file: "stack-overrun.c",
    from: "int day = 0;",
    to: "total = sum(rain",
    culprit: "rain[day] = take(&file);",
    path: ["limit"],
  },
];

/** The row of a variable, whose label begins with its name. */
const row = (name: string): string => `.debug-view-content .monaco-list-row[aria-label^="${name}"]`;

const pageHas = (script: string): Promise<unknown> => drive({ do: "waitInPage", script, timeoutMs: 15_000 });

/** VS Code draws its menus in a shadow tree in some browsers, out of reach of a plain query. */
const MENU = `[document, ...[...document.querySelectorAll("*")].flatMap(each => each.shadowRoot ?? [])].some(root =>
  [...root.querySelectorAll(".monaco-menu .action-label")].some(each => /Who.Wrote.This/.test(each.textContent ?? "")))`;

describe("From the wrong value to its line", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-bugs-"));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  async function stoppedWhereItIsWrong({ file, from, to }: Bug): Promise<DebugRun> {
    const source = join(gallery, file);
    const program = join(folder, basename(file, ".c"));
    const output = join(folder, "output.txt");
    writeFileSync(output, "");
    execFileSync("gcc", ["-g", "-O0", "-fno-stack-protector", "-o", program, source]);
    const end = lineOf(file, to);
    await breakAt(vscode.Uri.file(source), from);
    const run = await launch({
      name: file,
      type: "lldb-dap",
      request: "launch",
      program,
      cwd: folder,
      initCommands: [`settings set target.output-path "${output}"`],
    });
    await run.stop();
    await armInPage();
    for (let i = 0; i < MOST_STEPS; i += 1) if ((await run.next()).line === end) return run;
    throw new Error(`${MOST_STEPS} steps did not come to ${to}.`);
  }

  for (const bug of BUGS) {
    it(`takes at most ${MOST_KEYS} keys and clicks in ${bug.file}`, async function () {
      needsDriver(this);
      const run = await stoppedWhereItIsWrong(bug);
      try {
        await vscode.commands.executeCommand("workbench.debug.action.focusVariablesView");
        const wrong = bug.path[bug.path.length - 1] ?? "";
        for (const name of bug.path.slice(0, -1)) {
          await drive({ do: "clickInPage", selector: `${row(name)} .monaco-tl-twistie` });
        }
        await pageHas(`document.querySelector('${row(wrong)}') !== null`);

        // From here on the value is seen to be wrong.
        let keys = 0;
        const press = (pressed: string): Promise<unknown> => {
          keys += 1;
          return drive({ do: "press", keys: pressed });
        };
        keys += 1;
        await drive({ do: "clickInPage", selector: row(wrong) });
        await press("Shift+F10");
        await pageHas(MENU);
        await press("ArrowUp");
        await press("Enter");
        await pageHas(`/Who wrote/.test(document.activeElement?.closest(".quick-input-widget")?.textContent ?? "") &&
          document.querySelector(".quick-input-list .monaco-list-row.focused") !== null`);
        await picture(`who-wrote-${basename(bug.file, ".c")}`);
        await press("Enter");
        const culprit = lineOf(bug.file, bug.culprit);
        await until(`the editor at line ${culprit}`, () => {
          const editor = vscode.window.activeTextEditor;
          return editor?.document.fileName.endsWith(bug.file) === true && editor.selection.active.line + 1 === culprit;
        });
        assert.ok(keys <= MOST_KEYS, `${keys} keys and clicks`);
      } finally {
        await run.end();
      }
    });
  }
});

function lineOf(file: string, text: string): number {
  const line =
    readFileSync(join(gallery, file), "utf8")
      .split("\n")
      .findIndex(one => one.includes(text)) + 1;
  assert.ok(line > 0, `${file} has no line with ${text}`);
  return line;
}
