// Stop at Write in the window: the list, its tree, and what is said of hits where nobody asked.

import * as vscode from "vscode";
import { DisposableList } from "../../common/disposable.ts";
import { t } from "../../common/l10n.ts";
import type { Log } from "../../common/log.ts";
import type { DebugSessions } from "../../session/debug-sessions.ts";
import { plainMessage } from "../plain-message.ts";
import { toggleWatches } from "./commands.ts";
import { WatchTree } from "./tree.ts";
import { logWords } from "./words.ts";
import { WriteWatches } from "./write-watches.ts";

export interface StopAtWrite extends vscode.Disposable {
  readonly watches: WriteWatches;
  readonly tree: WatchTree;
}

export function stopAtWrite(sessions: DebugSessions, memento: vscode.Memento, log: Log): StopAtWrite {
  const disposables = new DisposableList();
  const watches = disposables.add(new WriteWatches(sessions, memento, log));
  const trouble = (error: unknown): void => {
    const why = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(t("WriteWatch: {0}", plainMessage(why)));
  };
  const tree = disposables.add(
    new WatchTree(watches, enabled => {
      toggleWatches(watches, enabled).catch(trouble);
    }),
  );
  disposables.add(watches.onTrouble.listen(trouble));
  disposables.add(
    watches.onHit.listen(({ hit }) => {
      log.info(() => hit.words);
      // Where the program's own words go, and a breakpoint's that logs.
      if (!hit.stopped) vscode.debug.activeDebugConsole.appendLine(logWords(hit));
    }),
  );
  return { watches, tree, dispose: () => disposables.dispose() };
}
