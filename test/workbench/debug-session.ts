// For tests: starts a launch configuration of the open folder and waits for its stops.
import { EventEmitter, once } from "node:events";
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as vscode from "vscode";

export interface Stop {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly threadId: number;
}

export interface DebugRun {
  readonly session: vscode.DebugSession;
  /** The next stop that nobody has taken yet. */
  stop(): Promise<Stop>;
  /** Presses F10, in effect, and returns where the program stopped. */
  next(): Promise<Stop>;
  /** Calls back at each `stopped` event, at once. */
  onStopped(listener: () => void): { dispose(): void };
  /** The session has come to its end, by itself or by {@link end}. */
  readonly ended: Promise<unknown>;
  /** Goes on to the end of the program, or ends it. */
  end(): Promise<void>;
}

const STOP_TIMEOUT_MS = 30_000;

/** @param configuration the name of one in the folder's launch.json, or one of its own. */
export async function launch(configuration: string | vscode.DebugConfiguration): Promise<DebugRun> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error("No folder is open.");
  const stops: DebugProtocol.StoppedEvent["body"][] = [];
  const events = new EventEmitter();
  const started = new Promise<vscode.DebugSession>(resolve => events.once("session", resolve));
  const tracking = vscode.debug.registerDebugAdapterTrackerFactory("*", {
    createDebugAdapterTracker(session) {
      events.emit("session", session);
      return {
        onDidSendMessage(message: DebugProtocol.ProtocolMessage) {
          if (message.type !== "event") return;
          const event = message as DebugProtocol.Event;
          if (event.event === "stopped") {
            stops.push(event.body);
            events.emit("stopped");
            events.emit("changed");
          }
          if (event.event === "terminated") events.emit("ended");
        },
        onExit: () => events.emit("ended"),
      };
    },
  });
  const ended = once(events, "ended");
  if (!(await vscode.debug.startDebugging(folder, configuration))) {
    tracking.dispose();
    throw new Error(
      `VS Code did not start "${typeof configuration === "string" ? configuration : configuration.name}"; see the picture and the debug console.`,
    );
  }
  const session = await started;

  async function stop(): Promise<Stop> {
    const timeout = AbortSignal.timeout(STOP_TIMEOUT_MS);
    while (stops.length === 0) await once(events, "changed", { signal: timeout });
    const threadId = stops.shift()?.threadId ?? 0;
    const trace = await session.customRequest("stackTrace", { threadId, startFrame: 0, levels: 1 });
    const frame: DebugProtocol.StackFrame | undefined = trace.stackFrames[0];
    return { file: frame?.source?.path ?? "", line: frame?.line ?? 0, function: frame?.name ?? "", threadId };
  }

  return {
    session,
    ended,
    stop,
    onStopped(listener) {
      events.on("stopped", listener);
      return { dispose: () => events.off("stopped", listener) };
    },
    async next() {
      // The workbench's own command, so that the step takes the way it takes for a user.
      await vscode.commands.executeCommand("workbench.action.debug.stepOver");
      return stop();
    },
    async end() {
      const isOver = once(events, "ended").catch(() => {});
      await vscode.debug.stopDebugging(session);
      await Promise.race([isOver, ended]);
      tracking.dispose();
    },
  };
}

/** Replaces all breakpoints by one at the first line of the file that holds `text`; returns its line, from 1. */
export async function breakAt(file: vscode.Uri, text: string): Promise<number> {
  const document = await vscode.workspace.openTextDocument(file);
  const index = document
    .getText()
    .split("\n")
    .findIndex(line => line.includes(text));
  if (index < 0) throw new Error(`${file.fsPath} has no line with "${text}".`);
  vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
  const location = new vscode.Location(file, new vscode.Position(index, 0));
  vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(location)]);
  return index + 1;
}
