// Which recordings can be shown (runs of debug sessions, process scans, files), and which one is.

import type { Disposable } from "../common/disposable.ts";
import { DisposableList } from "../common/disposable.ts";
import { Emitter } from "../common/emitter.ts";
import { t } from "../common/l10n.ts";
import type { Recording, RecordingChange } from "../recording/recording.ts";
import type { Step } from "../recording/step.ts";
import type { SessionStatus } from "../session/status.ts";
import type { Layout } from "../tracker/reports.ts";
import type { Changed, RecordingItem } from "./protocol.ts";

/** What of a debug session is needed here. */
export interface SessionSource {
  readonly id: string;
  readonly name: string;
  readonly debugType: string;
  readonly status: SessionStatus;
  /** The present run of the program. */
  readonly recording: Recording;
  /** Earlier runs, oldest first. */
  readonly closedRuns: readonly Recording[];
  /** Where the object lies that an expression names; refused, in words, where that is not to be known now. */
  locate?(expression: string): Promise<{ readonly address: number }>;
}

export interface SessionsSource {
  readonly all: readonly SessionSource[];
  readonly shown: SessionSource | undefined;
  show(id: string): void;
  readonly onChange: { listen(listener: (session: SessionSource) => void): Disposable };
  readonly onStep: {
    listen(listener: (told: { readonly session: SessionSource; readonly step: Step }) => void): Disposable;
  };
}

/** Scans and files that stay open; the oldest is closed when one more comes. */
const MOST_OPENED = 8;

interface Entry {
  readonly recording: Recording;
  /** Absent for scans and files. */
  readonly session?: SessionSource;
}

export class Recordings implements Disposable {
  readonly onChange = new Emitter<Changed>();
  private readonly sessions: SessionsSource;
  private readonly disposables = new DisposableList();
  /** Scans and files, oldest first. */
  private opened: readonly Recording[] = [];
  /** Ended runs that the user has closed. */
  private readonly closed = new WeakSet<Recording>();
  /** Runs that have stopped at least once. */
  private readonly stopped = new WeakSet<Recording>();
  /** What the user chose to show in place of the shown session's run. */
  private chosen: string | undefined;
  private watched: { readonly id: string; readonly subscription: Disposable } | undefined;
  private newestStep = 0;

  constructor(sessions: SessionsSource) {
    this.sessions = sessions;
    this.disposables.add(sessions.onChange.listen(session => this.sessionChanged(session)));
    this.disposables.add(
      sessions.onStep.listen(({ session }) => {
        // Its count of steps is in the state; the shown one tells by itself.
        if (session.recording.id !== this.watched?.id) this.onChange.fire({ state: true });
      }),
    );
  }

  dispose(): void {
    this.disposables.dispose();
    this.watched?.subscription.dispose();
  }

  /** The recording that the panel shows; undefined where there is none. */
  get shown(): Recording | undefined {
    return this.shownEntry?.recording;
  }

  /** The session whose present run is shown; undefined for earlier runs, scans and files. */
  get shownSession(): SessionSource | undefined {
    const entry = this.shownEntry;
    return entry?.session?.recording === entry?.recording ? entry?.session : undefined;
  }

  find(id: string): Recording | undefined {
    return this.entries().find(({ recording }) => recording.id === id)?.recording;
  }

  /** Runs of debug sessions, newest first, then process scans and files. */
  items(): RecordingItem[] {
    return this.entries().map(itemOf);
  }

  show(id: string): void {
    const entry = this.entries().find(({ recording }) => recording.id === id);
    if (!entry) return;
    this.chosen = id;
    if (entry.session?.recording === entry.recording) {
      // What commands act on is the session that is shown.
      this.chosen = undefined;
      this.sessions.show(entry.session.id);
    }
    this.refresh();
  }

  /** Adds a process scan or a file, and shows it. */
  open(recording: Recording): void {
    this.opened = [...this.opened, recording].slice(-MOST_OPENED);
    this.chosen = recording.id;
    this.refresh();
  }

  /** Closes a process scan, a file or an ended run; a program that still runs can't be closed. */
  close(id: string): void {
    const entry = this.entries().find(({ recording }) => recording.id === id);
    if (!entry) return;
    const { recording, session } = entry;
    if (session?.recording === recording && session.status.program !== "ended") return;
    if (session) this.closed.add(recording);
    else this.opened = this.opened.filter(other => other !== recording);
    if (this.chosen === id) this.chosen = undefined;
    this.refresh();
  }

  private get shownEntry(): Entry | undefined {
    const entries = this.entries();
    const { shown } = this.sessions;
    return (
      entries.find(({ recording }) => recording.id === this.chosen) ??
      entries.find(({ recording }) => recording === shown?.recording) ??
      entries[0]
    );
  }

  private entries(): Entry[] {
    const runs = [...this.sessions.all]
      .reverse()
      .flatMap(session =>
        [...session.closedRuns, session.recording].reverse().map((recording): Entry => ({ recording, session })),
      )
      .filter(({ recording }) => !this.closed.has(recording));
    return [...runs, ...[...this.opened].reverse().map((recording): Entry => ({ recording }))];
  }

  private sessionChanged(session: SessionSource): void {
    const { recording, status } = session;
    // A program that stops for the first time is what its user looks at now, whatever was shown before.
    if (status.program === "stopped" && status.can.everArm && !this.stopped.has(recording)) {
      this.stopped.add(recording);
      this.chosen = undefined;
      this.sessions.show(session.id);
    }
    this.refresh();
  }

  /** Tells that the state is another, and listens to the recording that is shown now. */
  private refresh(): void {
    const { shown } = this;
    if (shown?.id === this.watched?.id) {
      this.onChange.fire({ state: true });
      return;
    }
    this.watched?.subscription.dispose();
    this.watched = undefined;
    if (!shown) {
      this.onChange.fire({ state: true });
      return;
    }
    this.watched = { id: shown.id, subscription: shown.onChange(change => this.recordingChanged(shown, change)) };
    this.newestStep = shown.steps.last?.number ?? 0;
    this.onChange.fire({ state: true, recording: shown.id, revision: shown.revision, layout: true });
  }

  private recordingChanged(recording: Recording, change: RecordingChange): void {
    const { changed, newest } = noticeOf(recording, change, this.newestStep);
    this.newestStep = newest;
    this.onChange.fire(changed);
  }
}

/** What a page is told of a change. @param newest the newest step that it was told of. */
export function noticeOf(
  { id, revision }: Recording,
  change: RecordingChange,
  newest: number,
): { readonly changed: Changed; readonly newest: number } {
  const about = { recording: id, revision };
  switch (change.what) {
    case "step": {
      const isNew = change.number > newest;
      return {
        changed: { state: false, ...about, step: change.number, isNew },
        newest: Math.max(newest, change.number),
      };
    }
    case "layout":
      return { changed: { state: false, ...about, layout: true }, newest };
    case "resident":
      return { changed: { state: false, ...about }, newest };
    case "cleared":
      return { changed: { state: true, ...about }, newest: 0 };
    case "arming":
      return { changed: { state: true, ...about, layout: true }, newest };
  }
}

function itemOf({ recording, session }: Entry): RecordingItem {
  const { id, kind, pid, steps, arming, layout, microseconds } = recording;
  const unseen = layout ? unseenPages(layout) : 0;
  const isPresent = session?.recording === recording;
  return {
    id,
    kind,
    title: titleOf(recording, session),
    ...(pid === undefined ? {} : { pid }),
    stepCount: steps.count,
    forgotten: steps.forgotten,
    ...(session && isPresent ? { status: session.status } : {}),
    ...(session ? { debugType: session.debugType } : {}),
    ...(arming
      ? {
          arming: {
            mappings: layout?.armed.length ?? arming.mappings,
            pages: arming.pages,
            microseconds: arming.microseconds,
            notArmed: layout?.notArmed.length ?? arming.notArmed.length,
            ...(unseen > 0 ? { unseen } : {}),
          },
        }
      : {}),
    ...(recording.classes.length > 0
      ? { classes: recording.classes.map(({ name, pages }) => ({ name, pages: pages.pageCount })) }
      : {}),
    ...(microseconds === undefined ? {} : { microseconds }),
  };
}

function unseenPages({ unseen, pinnedElsewhere }: Layout): number {
  return unseen.reduce((pages, { start, end }) => pages + end - start, pinnedElsewhere);
}

/** "sample", "sample, run 1 (ended)", "scan of redis-server (4711)". */
function titleOf(recording: Recording, session: SessionSource | undefined): string {
  if (!session) {
    if (recording.kind !== "scan") return recording.title;
    return t("scan of {0}{1}", recording.title, recording.pid === undefined ? "" : ` (${recording.pid})`);
  }
  const runs = [...session.closedRuns, session.recording];
  const run = runs.length > 1 ? t(", run {0}", runs.indexOf(recording) + 1) : "";
  const ended = session.recording !== recording || session.status.program === "ended";
  return ended ? t("{0}{1} (ended)", session.name, run) : `${session.name}${run}`;
}
