// For tests: the gallery of bugs in a real window, and how a person asks there who wrote the wrong value.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import * as vscode from "vscode";
import { type DebugRun, launch } from "./debug-session.ts";
import { drive } from "./driver.ts";
import { armInPage } from "./page.ts";
import { until } from "./simulated-session.ts";

const gallery = resolve(__dirname, "../../../examples/bugs");
const MOST_STEPS = 100;

export interface Bug {
  readonly file: string;
  /** Parts of lines: where to stop and arm, where the value is wrong, and who did it. */
  readonly from: string;
  readonly to: string;
  readonly culprit: string;
  /** Where one has the wrong value before one's eyes. */
  readonly seen: SeenInVariables | SeenInEditor;
}

/** The names that are unfolded in the Variables view; the last one's value is wrong. */
interface SeenInVariables {
  readonly variables: readonly string[];
}

/** An expression, and a part of the line that has it. */
interface SeenInEditor {
  readonly expression: string;
  readonly line: string;
}

export const BUGS: readonly Bug[] = [
  {
    file: "neighbour-block.c",
    from: "long discount = 0;",
    to: "bolts->price_in_cents = 12;",
    culprit: 'strcat(bolts->name, " (discontinued)");',
    seen: { variables: ["nuts", "in_stock"] },
  },
  {
    file: "write-after-free.c",
    from: "struct bill *bill = NULL;",
    to: "return bill;",
    culprit: "hotel->at_the_desk->last_seen = hotel->now;",
    seen: { variables: ["bill", "cents"] },
  },
  {
    file: "stray-thread.cpp",
    // In the worker's function: from the main thread's the answer is the line that was stepped meanwhile.
    from: "int done = 0;\n    done = resize",
    to: "std::this_thread::yield();",
    culprit: "office.progress[worker] = done;\n    std::this_thread",
    seen: { expression: "office.most", line: "if (office.waiting == office.most)" },
  },
  {
    file: "large-table.c",
    from: "*field(strip.from - 1, strip.row) = WALL;",
    to: "raise_land(300",
    culprit: "*field(strip.from + strip.length, strip.row) = WALL;",
    seen: { expression: "map[701 * 16384]", line: "// The wrong value:" },
  },
  {
    file: "overfilled-read.c",
    from: "unsigned char length = 0;\n    meter.tariff",
    to: "return (long long)meter.units",
    culprit: "must(read(from, meter.text, length) == length",
    seen: { expression: "meter.tariff", line: "return (long long)meter.units * meter.tariff" },
  },
  {
    file: "stack-overrun.c",
    from: "int day = 0;",
    to: "total = sum(rain",
    culprit: "rain[day] = take(&file);",
    seen: { variables: ["limit"] },
  },
  {
    file: "torn-update.cpp",
    from: "Entry &entry = club.entries",
    to: 'pay("Chidi"',
    // No line wrote what is missing: the last one that wrote to the club at all is just before the one that leaves.
    culprit: "entry.cents = cents;",
    seen: { expression: "club", line: "club.total += cents;" },
  },
];

/** The row of a variable, whose label begins with its name. */
export const row = (name: string): string => `.debug-view-content .monaco-list-row[aria-label^="${name}"]`;

export const pageHas = (script: string): Promise<unknown> => drive({ do: "waitInPage", script, timeoutMs: 15_000 });

/** The menu has the keyboard; VS Code draws it in a shadow tree in some browsers, out of reach of a plain query. */
const menuHas = (
  what: string,
): string => `[document, ...[...document.querySelectorAll("*")].flatMap(each => each.shadowRoot ?? [])]
  .map(root => root.activeElement?.closest(".monaco-menu")).some(menu => menu && ${what})`;
export const MENU = menuHas('/Who.Wrote.This/.test(menu.textContent ?? "")');
export const LAST_OF_MENU = menuHas(
  '/Who.Wrote.This/.test(menu.querySelector(".action-item.focused")?.textContent ?? "")',
);

/** The list of writers has the keyboard, and its first row is chosen. */
export const LIST = `/Who wrote/.test(document.activeElement?.closest(".quick-input-widget")?.textContent ?? "") &&
  document.querySelector(".quick-input-list .monaco-list-row.focused") !== null`;

/**
 * Runs the program, armed, to where its value is wrong.
 * @param folder takes the compiled program. @param rest milliseconds at each line: who reads steps no faster than a debugger answers.
 */
export async function stoppedWhereItIsWrong({ file, from, to }: Bug, folder: string, rest = 0): Promise<DebugRun> {
  const source = join(gallery, file);
  const program = join(folder, basename(file, extname(file)));
  const output = join(folder, "output.txt");
  writeFileSync(output, "");
  execFileSync("g++", [
    ...["-g", "-O0", "-pthread", "-fno-stack-protector"],
    ...["-x", extname(file) === ".c" ? "c" : "c++", "-o", program, source],
  ]);
  const end = lineOf(file, to);
  breakAtLine(vscode.Uri.file(source), lineOf(file, from));
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
  for (let i = 0; i < MOST_STEPS; i += 1) {
    await new Promise(done => setTimeout(done, rest));
    if ((await run.next()).line === end) return run;
  }
  throw new Error(`${MOST_STEPS} steps did not come to ${to}.`);
}

/** Unfolds the variables above the wrong value: that is what makes it be seen. */
export async function look(names: readonly string[]): Promise<void> {
  await vscode.commands.executeCommand("workbench.debug.action.focusVariablesView");
  for (const name of names.slice(0, -1)) {
    await until(`${name} unfolded`, async () => {
      // The view is filled anew when all of a stop is known, and may fold or move what was just clicked.
      const twistie = `document.querySelector('${row(name)} .monaco-tl-twistie.collapsible')`;
      const state = await drive({ do: "evaluateInPage", script: `${twistie}?.classList.contains("collapsed")` });
      if (state === true) await drive({ do: "clickInPage", selector: `${row(name)} .monaco-tl-twistie` });
      return state === false;
    });
  }
  await pageHas(`document.querySelector('${row(names.at(-1) ?? "")}') !== null`);
}

/** Double-clicks the expression, in effect. */
export async function select(file: string, { expression, line }: SeenInEditor): Promise<void> {
  const number = lineOf(file, line) - 1;
  const editor = await vscode.window.showTextDocument(vscode.Uri.file(join(gallery, file)));
  const column = editor.document.lineAt(number).text.indexOf(expression);
  assert.ok(column >= 0, `${line} has no ${expression}`);
  editor.selection = new vscode.Selection(number, column, number, column + expression.length);
  editor.revealRange(editor.selection);
}

function breakAtLine(file: vscode.Uri, line: number): void {
  vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
  vscode.debug.addBreakpoints([
    new vscode.SourceBreakpoint(new vscode.Location(file, new vscode.Position(line - 1, 0))),
  ]);
}

/** The number of the line at which the text begins, which may be of several lines. */
export function lineOf(file: string, text: string): number {
  const source = readFileSync(join(gallery, file), "utf8");
  const at = source.indexOf(text);
  assert.ok(at >= 0, `${file} has no ${text}`);
  return source.slice(0, at).split("\n").length;
}
