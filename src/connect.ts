// Builds the rooms and connects them; the same for either extension host, which differ in what they know of native programs.
import * as vscode from "vscode";
import { LocalAgent } from "./agent/local.ts";
import { registerAttaching } from "./attach/factory.ts";
import { type Log, named } from "./common/log.ts";
import type { AdapterCommand } from "./debuggers/launcher.ts";
import { SIMULATED } from "./debuggers/simulated/debugger.ts";
import { simulatedKernel } from "./kernel/simulated/simulated-kernel.ts";
import { DebugSessions } from "./session/debug-sessions.ts";
import { registerSimulator } from "./simulation/factory.ts";
import { machineOf } from "./simulation/machines.ts";
import { exportsOf } from "./ui/api/api.ts";
import type { WriteWatchExports } from "./ui/api/writewatch.d.ts";
import { attachCommands } from "./ui/attach.ts";
import { registerCommands } from "./ui/commands.ts";
import { keepContextKeys } from "./ui/context-keys.ts";
import { LineNotes } from "./ui/line-notes.ts";
import { checkLaunches } from "./ui/memory/launch-check.ts";
import { MEMORY_SCHEME, MemoryFiles } from "./ui/memory-files.ts";
import { NotedStep } from "./ui/noted-step.ts";
import { MemoryWritesPanel, PANEL_ID } from "./ui/panel.ts";
import type { Processes } from "./ui/pick-process.ts";
import { scanPid } from "./ui/process-scan.ts";
import { type FileSink, RecordToFile } from "./ui/record-to-file.ts";
import { RecordingEditor } from "./ui/recording-editor.ts";
import { Recordings } from "./ui/recordings.ts";
import { revealStep } from "./ui/reveal.ts";
import { samplingCommands } from "./ui/sampling/view.ts";
import { Saver } from "./ui/save.ts";
import { scanJson } from "./ui/scan-json.ts";
import { sessionSettings } from "./ui/settings.ts";
import { StatusBar } from "./ui/status-bar.ts";
import { registerWalkthrough } from "./ui/walkthrough.ts";
import { watchCommands } from "./ui/watches/commands.ts";
import { stopAtWrite } from "./ui/watches/register.ts";
import type { WatchTree } from "./ui/watches/tree.ts";
import type { WriteWatches } from "./ui/watches/write-watches.ts";

/** The window asks by itself where a program stands when it stops; milliseconds after which we do, where it has not. */
const PLACE_PATIENCE = 150;

/** Who holds a key down is not to wait for a debugger that looks up locals: milliseconds that the program must stand. */
const LOCALS_AFTER = 300;

/** What an extension host knows of native programs. */
export interface NativePrograms extends Processes {
  /** Why they can't be watched here, in a sentence or two; undefined where they can. */
  missing(): Promise<string | undefined>;
  /** Whether there can be any in the list. */
  readonly listsProcesses: boolean;
  /** Starts a debugger that is installed here. @throws {Error} there is none, with the command that installs one. */
  readonly debuggerCommand?: () => AdapterCommand;
  /** Begins a file to which more is appended; undefined where the window's own file system is all there is. */
  readonly openFile?: (path: string) => Promise<FileSink>;
}

/** What other extensions may use, and what the tests look at besides: nobody else is to count on that. */
export interface WriteWatchApi extends WriteWatchExports {
  readonly sessions: DebugSessions;
  readonly panel: MemoryWritesPanel;
  readonly watches: WriteWatches;
  readonly watchTree: WatchTree;
  readonly lineNotes: LineNotes;
  readonly statusBar: StatusBar;
  readonly saver: Saver;
  readonly scanPid: typeof scanPid;
  readonly scanJson: typeof scanJson;
}

export function connect(
  context: vscode.ExtensionContext,
  log: Log & vscode.Disposable,
  native: NativePrograms,
): WriteWatchApi {
  const kernel = simulatedKernel(machineOf);
  const simulator = new LocalAgent(() => kernel);
  const agent: Processes["agent"] = type => (type === SIMULATED ? simulator : native.agent(type));
  const dist = vscode.Uri.joinPath(context.extensionUri, "dist");
  const sessions = new DebugSessions({
    agent,
    settings: () => sessionSettings(log),
    log,
    placePatience: PLACE_PATIENCE,
    localsAfter: LOCALS_AFTER,
  });
  const recordings = new Recordings(sessions);
  const version = String(context.extension.packageJSON.version);
  const saver = new Saver({ sessions, dist, version });
  const recordToFile = new RecordToFile(sessions, recording => saver.headOf(recording), native.openFile);
  const panel = new MemoryWritesPanel({
    recordings,
    sessions,
    media: dist,
    missing: () => native.missing(),
    save: recording => saver.export(recording),
    log: named(log, "panel"),
  });
  const memoryFiles = new MemoryFiles(recordings);
  const noted = new NotedStep(sessions, recordings);
  const lineNotes = new LineNotes(noted);
  panel.onChoose.listen(({ recording, step, reveal, stay }) => {
    noted.choose(recording, step, stay);
    if (reveal) void revealStep(recording.steps.byNumber(step));
  });
  const statusBar = new StatusBar(sessions);
  const watching = stopAtWrite(sessions, context.workspaceState, named(log, "watches"));
  context.subscriptions.push(
    log,
    sessions,
    recordings,
    panel,
    noted,
    lineNotes,
    statusBar,
    watching,
    keepContextKeys(sessions, recordToFile, watching.watches, native.listsProcesses),
    recordToFile,
    vscode.window.registerWebviewViewProvider(PANEL_ID, panel),
    new RecordingEditor({ media: dist, saver, memoryFiles, log: named(log, "editor") }).register(),
    registerSimulator(context),
    registerAttaching({
      agent: () => native.agent(),
      ...(native.debuggerCommand ? { debuggerCommand: native.debuggerCommand } : {}),
    }),
    vscode.workspace.registerFileSystemProvider(MEMORY_SCHEME, memoryFiles, { isReadonly: true }),
    checkLaunches(named(log, "launch")),
    registerWalkthrough(context.extension.id),
    ...registerCommands({
      sessions,
      panel,
      processes: { list: () => native.list(), agent },
      saver,
      recordToFile,
      examples: vscode.Uri.joinPath(dist, "examples.json"),
      log: named(log, "commands"),
      more: {
        ...watchCommands(watching.watches, watching.tree),
        ...samplingCommands({ list: () => native.list(), agent }, sessions, named(log, "sampling")),
        ...attachCommands({ list: () => native.list(), agent }, sessions),
      },
    }),
  );
  return {
    ...exportsOf({
      sessions,
      watches: watching.watches,
      agent: () => native.agent(),
      isTrusted: () => vscode.workspace.isTrusted,
      log: named(log, "api"),
    }),
    sessions,
    panel,
    watches: watching.watches,
    watchTree: watching.tree,
    lineNotes,
    statusBar,
    saver,
    scanPid,
    scanJson,
  };
}
