// What other extensions may use, as writewatch.d.ts promises it: nothing of it can disturb a session, whatever is called in whatever order.
import type { Event } from "vscode";
import type { TrackingAgent } from "../../agent/tracking.ts";
import type { Disposable } from "../../common/disposable.ts";
import type { Log } from "../../common/log.ts";
import { explainKernelError } from "../../kernel/remedy.ts";
import { addressText } from "../../recording/contents/json.ts";
import { ScanRecording } from "../../recording/scan.ts";
import type { Step as RecordedStep } from "../../recording/step.ts";
import type { Hit as SessionHit } from "../../session/watch-hit.ts";
import { parseTarget, targetText, type WatchEntry } from "../../session/watch-list.ts";
import { scanJson } from "../scan-json.ts";
import * as check from "./checks.ts";
import { type ApiSession, sessionOf, stepOf } from "./session.ts";
import type { Hit, ProcessScan, Session, Watch, WriteWatch, WriteWatchExports } from "./writewatch.d.ts";

/** An emitter as who only listens sees it. */
interface Heard<T> {
  listen(listener: (value: T) => void): Disposable;
}

/** What the API stands on. */
export interface ApiGround {
  readonly sessions: {
    readonly all: readonly ApiSession[];
    readonly onChange: Heard<ApiSession>;
    readonly onStep: Heard<{ session: ApiSession; step: RecordedStep }>;
  };
  readonly watches: {
    readonly entries: readonly WatchEntry[];
    readonly onHit: Heard<{ readonly session: ApiSession; readonly hit: SessionHit }>;
    set(entries: readonly WatchEntry[]): Promise<void>;
  };
  agent(): Pick<TrackingAgent, "snapshot">;
  isTrusted(): boolean;
  readonly log: Log;
}

const MOST_WATCHES = 200;

/** The versions there are, for `extension.exports`. */
export function exportsOf(ground: ApiGround): WriteWatchExports {
  const api = Object.freeze(apiOf(ground));
  return {
    apiVersion: 1,
    getApi(version) {
      if (version !== 1) throw new Error(`WriteWatch has no version ${String(version)} of its API. It has version 1.`);
      return api;
    },
  };
}

function apiOf(ground: ApiGround): WriteWatch {
  const { sessions, watches, log } = ground;
  const known = new WeakMap<ApiSession, Session>();
  const seen = (session: ApiSession): Session => {
    const before = known.get(session) ?? sessionOf(session, ground.isTrusted);
    known.set(session, before);
    return before;
  };
  const isTrusted = (): void => {
    if (!ground.isTrusted())
      throw new Error("Other extensions watch nothing in a workspace that the user does not trust.");
  };
  return {
    version: 1,
    get sessions() {
      return Object.freeze(sessions.all.map(seen));
    },
    session: id => {
      const found = sessions.all.find(session => session.id === id);
      return found && seen(found);
    },
    onDidChangeSession: eventOf(sessions.onChange, seen, log),
    onDidTellStep: eventOf(
      sessions.onStep,
      ({ session, step }) => frozenPair({ session: seen(session), step: stepOf(step) }),
      log,
    ),
    onDidStopAtWrite: eventOf(
      watches.onHit,
      ({ session, hit }) => frozenPair({ session: seen(session), hit: hitOf(hit) }),
      log,
    ),
    get watches() {
      return check.frozen(watches.entries.map(watchOf));
    },
    async addWatch(target, options) {
      const parsed = parseTarget(check.text(target, "a watch's target"));
      isTrusted();
      if (watches.entries.length >= MOST_WATCHES)
        throw new Error(`There are ${MOST_WATCHES} watches already: remove some.`);
      const entry: WatchEntry = {
        id: crypto.randomUUID(),
        target: parsed,
        enabled: true,
        ...(options?.log === true ? { log: true } : {}),
      };
      const problem = await watches.set([...watches.entries, entry]).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      return check.frozen({ ...watchOf(entry), ...(problem === undefined ? {} : { problem }) });
    },
    async removeWatch(id) {
      const rest = watches.entries.filter(entry => entry.id !== id);
      if (rest.length === watches.entries.length) return false;
      // What can't be set besides is told where it is set.
      await watches.set(rest).catch(() => {});
      return true;
    },
    async scanProcess(processId, token) {
      const pid = check.whole(processId, "a process's number", 1, 2 ** 31 - 1);
      const called = check.signal(token);
      isTrusted();
      try {
        const snapshot = await ground.agent().snapshot(pid, called);
        const { mappings, regions } = scanJson(new ScanRecording("", pid, snapshot)) as ProcessScan;
        return check.frozen({ processId: pid, mappings, regions });
      } catch (error) {
        throw new Error(`Process ${pid} can't be scanned. ${explainKernelError(error)}`, { cause: error });
      }
    },
  };
}

/** An event as VS Code's own: a listener that throws is told in the log, and disturbs nobody. */
function eventOf<T, E>(emitter: Heard<T>, shown: (value: T) => E, log: Log): Event<E> {
  return (given, thisArgs, disposables) => {
    const listener = check.listener<E>(given);
    const listening: Disposable = emitter.listen(value => {
      try {
        const answer: unknown = listener.call(thisArgs, shown(value));
        if (answer instanceof Promise) answer.catch(told);
      } catch (error) {
        told(error);
      }
    });
    const told = (error: unknown): void => log.warn(() => `another extension's listener failed: ${error}`);
    disposables?.push(listening);
    return listening;
  };
}

function frozenPair<T extends object>(pair: T): Readonly<T> {
  return Object.freeze(pair);
}

function watchOf({ id, target, enabled }: WatchEntry): Watch {
  return { id, target: targetText(target), enabled };
}

function hitOf({ watch, address, by, place, isBefore, words }: SessionHit): Hit {
  return check.frozen({
    watch: watch.id,
    address: addressText(0, address),
    by,
    place: place ? { ...place } : null,
    isBefore,
    words,
  });
}
