// Keeps VS Code's context keys true, so that commands are offered where they can act.
import * as vscode from "vscode";
import { type Disposable, DisposableList } from "../common/disposable.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import { CONTEXT_KEYS, type ContextValues, contextValues } from "./context-values.ts";
import { hasHexEditor } from "./memory-files.ts";
import type { RecordToFile } from "./record-to-file.ts";
import type { WriteWatches } from "./watches/write-watches.ts";

/** @param listsProcesses whether this computer's processes can be listed. */
export function keepContextKeys(
  sessions: DebugSessions,
  recordToFile: RecordToFile,
  watches: WriteWatches,
  listsProcesses: boolean,
): Disposable {
  let told: Partial<ContextValues> = {};
  const update = (): void => {
    const { shown } = sessions;
    const values = contextValues(shown?.status, {
      listsProcesses,
      recordsToFile: recordToFile.isRunning,
      hasHexEditor: hasHexEditor(),
      hasWatches: watches.entries.length > 0,
    });
    // Each is a message to the window, and most stay as they are for many steps.
    for (const key of CONTEXT_KEYS) {
      if (values[key] !== told[key])
        void vscode.commands.executeCommand("setContext", `writewatch.${key}`, values[key]);
    }
    told = values;
  };
  update();
  const subscriptions = new DisposableList();
  subscriptions.add(sessions.onChange.listen(update));
  subscriptions.add(sessions.onStep.listen(update));
  subscriptions.add(vscode.extensions.onDidChange(update));
  subscriptions.add(watches.onChange.listen(update));
  subscriptions.add(recordToFile.onChange.listen(update));
  return subscriptions;
}
