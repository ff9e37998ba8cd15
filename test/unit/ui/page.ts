// For tests: a page and its host in one process, with messages copied between them as VS Code does, and recordings to show.
import { Emitter } from "../../../src/common/emitter.ts";
import { logTo } from "../../../src/common/log.ts";
import { type Connection, connectOver } from "../../../src/common/post-message.ts";
import { ask, type RequestType } from "../../../src/common/rpc.ts";
import { LiveRecording } from "../../../src/recording/live.ts";
import type { Recording } from "../../../src/recording/recording.ts";
import { NOTHING_TOLD, type Step } from "../../../src/recording/step.ts";
import type { SessionStatus } from "../../../src/session/status.ts";
import { EMPTY_LAYOUT, type Layout } from "../../../src/tracker/reports.ts";
import { type PanelActions, PanelService } from "../../../src/ui/panel-service.ts";
import { type Changed, ChangedNotification } from "../../../src/ui/protocol.ts";
import { Recordings, type SessionSource, type SessionsSource } from "../../../src/ui/recordings.ts";

export const STOPPED: SessionStatus = {
  program: "stopped",
  memory: "armed",
  message: "Stopped; armed.",
  isProblem: false,
  can: { arm: false, disarm: true, scan: true, reset: false, export: false, everArm: true },
};

export class FakeSession implements SessionSource {
  readonly id: string;
  readonly name: string;
  readonly debugType = "lldb-dap";
  status: SessionStatus = STOPPED;
  recording: LiveRecording;
  closedRuns: Recording[] = [];

  constructor(name: string) {
    this.id = `session of ${name}`;
    this.name = name;
    this.recording = new LiveRecording(name);
  }
}

export class FakeSessions implements SessionsSource {
  all: FakeSession[] = [];
  shown: FakeSession | undefined;
  readonly onChange = new Emitter<FakeSession>();
  readonly onStep = new Emitter<{ session: FakeSession; step: Step }>();

  add(session: FakeSession): FakeSession {
    this.all = [...this.all, session];
    this.shown = session;
    this.onChange.fire(session);
    return session;
  }

  remove(session: FakeSession): void {
    this.all = this.all.filter(other => other !== session);
    if (this.shown === session) this.shown = undefined;
    this.onChange.fire(session);
  }

  show(id: string): void {
    this.shown = this.all.find(session => session.id === id);
  }
}

/** What the host was told to do, in order. */
export type Done = readonly [keyof PanelActions, ...unknown[]];

export interface Desk<S extends SessionsSource = FakeSessions> {
  readonly sessions: S;
  readonly recordings: Recordings;
  /** The page's end. */
  readonly page: Connection;
  readonly done: Done[];
  readonly notices: Changed[];
  /** What the debugger is asked for: the addresses of expressions, undefined of those that have none. */
  readonly expressions: Map<string, number | undefined>;
  /** Lines of the host's log. */
  readonly log: string[];
  request<P, R>(type: RequestType<P, R>, params: P): Promise<R>;
  /** Posts anything to the host, as it is. */
  post(message: unknown): void;
  /** What the host has posted, as it came. */
  readonly received: unknown[];
  dispose(): void;
}

/** A page over a host that shows sessions made by hand. */
export function desk(): Desk {
  return deskOver(new FakeSessions());
}

/** The same over sessions of any kind. */
export function deskOver<S extends SessionsSource>(sessions: S): Desk<S> {
  const toHost = new Emitter<unknown>();
  const toPage = new Emitter<unknown>();
  const log: string[] = [];
  const done: Done[] = [];
  const received: unknown[] = [];
  const expressions = new Map<string, number | undefined>();
  const hostLog = logTo(
    (_level, line) => log.push(line),
    () => true,
  );
  const recordings = new Recordings(sessions);
  const hostEnd = connectOver(
    { post: message => toPage.fire(structuredClone(message)), listen: listener => toHost.listen(listener) },
    hostLog,
  );
  const act =
    (name: keyof PanelActions) =>
    (...args: unknown[]): void =>
      void done.push([name, ...args]);
  const service = new PanelService(hostEnd, {
    recordings,
    extras: () => ({}),
    actions: {
      execute: act("execute"),
      save: act("save"),
      choose: act("choose"),
      whoWrote: act("whoWrote"),
      inspect: act("inspect"),
      openRange: act("openRange"),
      range: act("range"),
      copy: act("copy"),
      locate: (_recording, expression) => {
        if (!expressions.has(expression)) return undefined;
        const address = expressions.get(expression);
        return address === undefined ? Promise.reject(new Error("it has no address")) : Promise.resolve(address);
      },
      dismissProblem: act("dismissProblem"),
      painted: act("painted"),
    },
    log: hostLog,
  });
  const post = (message: unknown): void => toHost.fire(structuredClone(message));
  const page = connectOver({ post, listen: listener => toPage.listen(listener) }, hostLog);
  toPage.listen(message => void received.push(message));
  const notices: Changed[] = [];
  page.hear(ChangedNotification.method, changed => void notices.push(changed as Changed));
  return {
    sessions,
    recordings,
    page,
    done,
    notices,
    log,
    expressions,
    received,
    post,
    request: (type, params) => ask(page, type, params, { what: "the host", milliseconds: 5000 }),
    dispose: () => {
      service.dispose();
      recordings.dispose();
      page.dispose();
    },
  };
}

/** A step with what a test says, and nothing else. */
export function stepOf(told: Partial<Step> & { readonly number: number }): Step {
  return {
    by: "next",
    stops: 1,
    ...NOTHING_TOLD,
    layout: EMPTY_LAYOUT,
    scanMicroseconds: 1,
    settled: true,
    ...told,
  };
}

/** A mapping of so many pages; without a name it is anonymous. */
export function mappingOf(start: number, pages: number, name = "", permissions = "rw-p"): Layout["mappings"][number] {
  return {
    start,
    end: start + pages,
    permissions,
    offset: 0,
    device: name.startsWith("/") ? "08:01" : "00:00",
    inode: name.startsWith("/") ? 1 : 0,
    name,
  };
}

/** Lets everything that waits for this turn of the event loop happen, and the next one's. */
export function turn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 5));
}
