// From a wrong value to the line that wrote it, in the gallery of bugs, by the keys that a person presses: at most five.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import * as vscode from "vscode";
import { drive, needsDriver } from "./driver.ts";
import {
  BUGS,
  type Bug,
  LAST_OF_MENU,
  LIST,
  lineOf,
  look,
  MENU,
  pageHas,
  row,
  select,
  stoppedWhereItIsWrong,
} from "./gallery.ts";
import { picture } from "./page.ts";
import { until } from "./simulated-session.ts";

const MOST_KEYS = 5;

/** Waits for the menu. Where VS Code's own hover took the keyboard, as it may from a pointer that rests, the key is pressed anew. */
async function openedMenu(seen: Bug["seen"]): Promise<void> {
  await until("the menu", async () => {
    for (let look = 0; look < 12; look += 1) {
      if ((await drive({ do: "evaluateInPage", script: MENU })) === true) return true;
      await new Promise(resolve => setTimeout(resolve, 150));
    }
    await drive({ do: "press", keys: "Escape" });
    if ("variables" in seen) await drive({ do: "clickInPage", selector: row(seen.variables.at(-1) ?? "") });
    await drive({ do: "press", keys: "Shift+F10" });
    return false;
  });
}

describe("From the wrong value to its line", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-bugs-"));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  // From one version to the other it is menus and lists that differ, and one program shows those.
  const [first] = BUGS;
  for (const bug of vscode.version.startsWith("1.99.") && first ? [first] : BUGS) {
    it(`takes at most ${MOST_KEYS} keys and clicks in ${bug.file}`, async function () {
      needsDriver(this);
      const run = await stoppedWhereItIsWrong(bug, folder);
      try {
        const { seen } = bug;
        if ("variables" in seen) await look(seen.variables);

        // From here on the value is seen to be wrong.
        let keys = 0;
        const press = (pressed: string): Promise<unknown> => {
          keys += 1;
          return drive({ do: "press", keys: pressed });
        };
        keys += 1;
        if ("variables" in seen) await drive({ do: "clickInPage", selector: row(seen.variables.at(-1) ?? "") });
        else await select(bug.file, seen);
        await press("Shift+F10");
        await openedMenu(seen);
        if ("variables" in seen) {
          // The last of the menu.
          await press("ArrowUp");
          await pageHas(LAST_OF_MENU);
          await press("Enter");
        } else {
          keys += 1;
          await drive({ do: "clickInPage", selector: '.monaco-menu .action-label:text-is("Who Wrote This?")' });
          await pageHas(
            `document.querySelector(".quick-input-widget input")?.value === ${JSON.stringify(seen.expression)}`,
          );
          await press("Enter");
        }
        await pageHas(LIST);
        await picture(`who-wrote-${basename(bug.file, extname(bug.file))}`);
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
