// Every debug session of this window, watched from its first message: the only place that sees VS Code's raw DAP traffic.
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as vscode from "vscode";
import { Emitter } from "../common/emitter.ts";
import { type AdapterPort, DapError } from "../debuggers/adapter-port.ts";
import type { Step } from "../recording/step.ts";
import { type Surroundings, TrackedSession } from "./tracked-session.ts";

/** Ended sessions whose steps stay viewable; older ones are forgotten. */
const MOST_ENDED = 3;

export class DebugSessions implements vscode.Disposable {
  /** A session came, went or changed its state. */
  readonly onChange = new Emitter<TrackedSession>();
  readonly onStep = new Emitter<{ session: TrackedSession; step: Step }>();

  private readonly surroundings: Surroundings;
  private readonly byId = new Map<string, TrackedSession>();
  private readonly disposables: vscode.Disposable[];
  /** The connection that each session has now. */
  private readonly ports = new Map<string, AdapterPort>();
  private shownId: string | undefined;

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
    this.disposables = [
      vscode.debug.registerDebugAdapterTrackerFactory("*", {
        createDebugAdapterTracker: session => this.watch(session),
      }),
      vscode.debug.onDidTerminateDebugSession(({ id }) => this.byId.get(id)?.ended()),
      vscode.debug.onDidChangeActiveDebugSession(session => {
        if (session && this.byId.has(session.id)) this.show(session.id);
      }),
    ];
  }

  get all(): readonly TrackedSession[] {
    return [...this.byId.values()];
  }

  /** The session that the panel, the status bar and the commands are about. */
  get shown(): TrackedSession | undefined {
    return this.shownId === undefined ? undefined : this.byId.get(this.shownId);
  }

  show(id: string): void {
    const session = this.byId.get(id);
    if (!session || id === this.shownId) return;
    this.shownId = id;
    this.onChange.fire(session);
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
    for (const session of this.byId.values()) session.ended();
  }

  private watch(session: vscode.DebugSession): vscode.DebugAdapterTracker {
    const events = new Emitter<DebugProtocol.Event>();
    const port: AdapterPort = {
      debugType: session.type,
      request: async (command, args) => {
        try {
          return await session.customRequest(command, args);
        } catch (error) {
          throw new DapError(command, error instanceof Error ? error.message : String(error));
        }
      },
      onEvent: listener => events.listen(listener),
    };
    const tracked = this.begin(session, port);
    this.shownId = session.id;
    this.onChange.fire(tracked);
    // VS Code drops a message whose watcher throws.
    return {
      onWillReceiveMessage: message => tracked.toAdapter(message),
      onDidSendMessage: message => {
        if (isEvent(message)) events.fire(message);
        tracked.fromAdapter(message);
      },
      onExit: () => this.endedBy(tracked, port),
    };
  }

  /** A session that is restarted comes again under its own number, with another adapter. */
  private begin(session: vscode.DebugSession, port: AdapterPort): TrackedSession {
    const known = this.byId.get(session.id);
    this.ports.set(session.id, port);
    if (known) {
      known.restarted(port);
      return known;
    }
    const tracked = new TrackedSession(session.id, session.name, port, this.surroundings);
    tracked.onChange.listen(() => this.onChange.fire(tracked));
    tracked.onStep.listen(step => this.onStep.fire({ session: tracked, step }));
    this.forgetOldEnded();
    this.byId.set(session.id, tracked);
    return tracked;
  }

  /** The adapter of before may be told to have ended after the session has another. */
  private endedBy(tracked: TrackedSession, port: AdapterPort): void {
    if (this.ports.get(tracked.id) === port) tracked.ended("The debug session has ended.");
  }

  private forgetOldEnded(): void {
    const ended = this.all.filter(({ status }) => status.program === "ended");
    for (const { id } of ended.slice(0, Math.max(0, ended.length - MOST_ENDED))) {
      this.byId.delete(id);
      this.ports.delete(id);
    }
  }
}

function isEvent(message: unknown): message is DebugProtocol.Event {
  return (
    typeof message === "object" &&
    message !== null &&
    "type" in message &&
    message.type === "event" &&
    "event" in message
  );
}
