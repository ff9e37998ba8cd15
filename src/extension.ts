// Activation: builds the rooms and connects them; nothing else.
import * as vscode from "vscode";
import { AgentKeeper } from "./agent/keeper.ts";
import { DebugSessions } from "./session/debug-sessions.ts";
import { registerCommands, writeSteps } from "./views/commands.ts";
import { keepContextKeys } from "./views/context-keys.ts";
import { LineNotes } from "./views/line-notes.ts";
import { MemoryWritesPanel, PANEL_ID } from "./views/panel.ts";
import { scanPid, snapshotJson } from "./views/process-scan.ts";
import { sessionSettings } from "./views/settings.ts";
import { StatusBar } from "./views/status-bar.ts";

/** What other extensions, and the tests, may use. */
export interface WriteWatchApi {
  readonly sessions: DebugSessions;
  readonly panel: MemoryWritesPanel;
  readonly lineNotes: LineNotes;
  readonly statusBar: StatusBar;
  readonly agent: AgentKeeper;
  readonly writeSteps: typeof writeSteps;
  readonly scanPid: typeof scanPid;
  readonly snapshotJson: typeof snapshotJson;
}

export function activate(context: vscode.ExtensionContext): WriteWatchApi {
  const agent = new AgentKeeper(context.asAbsolutePath("dist/agent.cjs"));
  const sessions = new DebugSessions({ agent: () => agent.agent(), settings: sessionSettings });
  const panel = new MemoryWritesPanel(sessions, vscode.Uri.joinPath(context.extensionUri, "dist"));
  const lineNotes = new LineNotes(sessions);
  const statusBar = new StatusBar(sessions);
  context.subscriptions.push(
    agent,
    sessions,
    panel,
    lineNotes,
    statusBar,
    keepContextKeys(sessions),
    vscode.window.registerWebviewViewProvider(PANEL_ID, panel),
    ...registerCommands(sessions, panel, agent),
  );
  return { sessions, panel, lineNotes, statusBar, agent, writeSteps, scanPid, snapshotJson };
}
