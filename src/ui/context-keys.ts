// Keeps VS Code's context keys up to date with the shown session.
import * as vscode from "vscode";
import type { Disposable } from "../common/disposable.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import { contextKeys } from "./context-key-values.ts";

/** A key that has not changed is not set again. */
export function keepContextKeys(sessions: DebugSessions): Disposable {
  const told = new Map<string, boolean>();
  const update = (): void => {
    for (const [key, value] of Object.entries(contextKeys(sessions.shown?.status))) {
      if (told.get(key) === value) continue;
      told.set(key, value);
      void vscode.commands.executeCommand("setContext", `writewatch.${key}`, value);
    }
  };
  update();
  const changes = sessions.onChange.listen(update);
  const steps = sessions.onStep.listen(update);
  return {
    dispose: () => {
      changes.dispose();
      steps.dispose();
    },
  };
}
