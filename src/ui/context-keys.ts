// Context keys that say when a command makes sense.
import * as vscode from "vscode";
import type { Disposable } from "../common/disposable.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";

export function keepContextKeys(sessions: DebugSessions): Disposable {
  const set = (key: string, value: boolean): void =>
    void vscode.commands.executeCommand("setContext", `writewatch.${key}`, value);
  const update = (): void => {
    const session = sessions.shown;
    const stopped = session?.status.program === "stopped";
    set("armed", session?.isArmed ?? false);
    set("stopped", stopped);
    set("canArm", stopped && !session.isArmed);
  };
  return sessions.onChange.listen(update);
}
