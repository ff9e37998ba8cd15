// Takes the frames of the README's animation: from a value that is wrong to the line that wrote it.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as vscode from "vscode";
import { drive } from "../../test/workbench/driver.ts";
import {
  BUGS,
  LAST_OF_MENU,
  LIST,
  look,
  MENU,
  pageHas,
  row,
  stoppedWhereItIsWrong,
} from "../../test/workbench/gallery.ts";

import { forPictures, REST_MS } from "./window.ts";

const frames = resolve(__dirname, "../../pictures");

describe("The frames of an animation", () => {
  it("are taken of a hunt for a bug", async () => {
    const folder = mkdtempSync(join(tmpdir(), "writewatch-animation-"));
    mkdirSync(frames, { recursive: true });
    let count = 0;
    const frame = async (): Promise<void> => {
      count += 1;
      await new Promise(done => setTimeout(done, 800));
      await drive({ do: "screenshot", path: join(frames, `frame-${count}.png`) });
    };
    const [bug] = BUGS;
    if (!bug || !("variables" in bug.seen)) throw new Error("the gallery's first bug is not seen among the variables");
    const settings = vscode.workspace.getConfiguration();
    await settings.update("workbench.colorTheme", "Default Dark Modern", vscode.ConfigurationTarget.Global);
    await forPictures(settings);
    await drive({ do: "resizeWindow", width: 1280, height: 800 });
    const run = await stoppedWhereItIsWrong(bug, folder, REST_MS);
    try {
      await vscode.commands.executeCommand("notifications.clearAll");
      // Their list would show where the example lies on this computer.
      vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
      await look(bug.seen.variables);
      const wrong = row(bug.seen.variables.at(-1) ?? "");
      await drive({ do: "clickInPage", selector: wrong });
      await frame();
      await drive({ do: "press", keys: "Shift+F10" });
      await pageHas(MENU);
      await drive({ do: "press", keys: "ArrowUp" });
      await pageHas(LAST_OF_MENU);
      await frame();
      await drive({ do: "press", keys: "Enter" });
      await pageHas(LIST);
      await frame();
      await drive({ do: "press", keys: "Enter" });
      await frame();
    } finally {
      await run.end();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
