// The extension's settings, read when they are needed, so that a change takes effect at the next use.
import * as vscode from "vscode";
import type { MappingKind } from "../memory/mapping.ts";
import { PAGE_SIZE } from "../memory/page.ts";
import type { SessionSettings } from "../session/tracked-session.ts";

export function sessionSettings(): SessionSettings {
  const settings = vscode.workspace.getConfiguration("writewatch");
  return {
    autoArm: settings.get("autoArm", false),
    resident: true,
    arm: {
      watch: settings.get<MappingKind[]>("watch", []),
      sparsePages: (settings.get("sparseThreshold", 1024) * 1024 * 1024) / PAGE_SIZE,
    },
  };
}

export function lineNoteWanted(): boolean {
  return vscode.workspace.getConfiguration("writewatch").get("lineNote", true);
}
