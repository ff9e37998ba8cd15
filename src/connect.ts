// Builds the rooms and connects them; the same for either extension host, which differ in what they know of native programs.
import * as vscode from "vscode";
import { LocalAgent } from "./agent/local.ts";
import { named } from "./common/log.ts";
import { SIMULATED } from "./debuggers/simulated/debugger.ts";
import { simulatedKernel } from "./kernel/simulated/simulated-kernel.ts";
import { DebugSessions } from "./session/debug-sessions.ts";
import { registerSimulator } from "./simulation/factory.ts";
import { machineOf } from "./simulation/machines.ts";
import { registerCommands, writeSteps } from "./ui/commands.ts";
import { keepContextKeys } from "./ui/context-keys.ts";
import { LineNotes } from "./ui/line-notes.ts";
import { openLog } from "./ui/log.ts";
import { MemoryWritesPanel, PANEL_ID } from "./ui/panel.ts";
import { type Processes, scanPid } from "./ui/process-scan.ts";
import { Recordings } from "./ui/recordings.ts";
import { scanJson } from "./ui/scan-json.ts";
import { sessionSettings } from "./ui/settings.ts";
import { StatusBar } from "./ui/status-bar.ts";

/** What an extension host knows of native programs. */
export interface NativePrograms extends Processes {
  /** Why they can't be watched here, in a sentence or two; undefined where they can. */
  missing(): Promise<string | undefined>;
}

/** What other extensions, and the tests, may use. */
export interface WriteWatchApi {
  readonly sessions: DebugSessions;
  readonly panel: MemoryWritesPanel;
  readonly lineNotes: LineNotes;
  readonly statusBar: StatusBar;
  readonly writeSteps: typeof writeSteps;
  readonly scanPid: typeof scanPid;
  readonly scanJson: typeof scanJson;
}

export function connect(context: vscode.ExtensionContext, native: NativePrograms): WriteWatchApi {
  const log = openLog();
  const kernel = simulatedKernel(machineOf);
  const simulator = new LocalAgent(() => kernel);
  const agent: Processes["agent"] = type => (type === SIMULATED ? simulator : native.agent(type));
  const dist = vscode.Uri.joinPath(context.extensionUri, "dist");
  const sessions = new DebugSessions({ agent, settings: () => sessionSettings(log) });
  const recordings = new Recordings(sessions);
  const panel = new MemoryWritesPanel({
    recordings,
    sessions,
    media: dist,
    missing: () => native.missing(),
    log: named(log, "panel"),
  });
  const lineNotes = new LineNotes(sessions);
  const statusBar = new StatusBar(sessions);
  context.subscriptions.push(
    log,
    sessions,
    recordings,
    panel,
    lineNotes,
    statusBar,
    keepContextKeys(sessions),
    vscode.window.registerWebviewViewProvider(PANEL_ID, panel),
    registerSimulator(context),
    ...registerCommands(
      sessions,
      panel,
      { list: () => native.list(), agent },
      vscode.Uri.joinPath(dist, "examples.json"),
    ),
  );
  return { sessions, panel, lineNotes, statusBar, writeSteps, scanPid, scanJson };
}
