// "Show What a Fork No Longer Shares…": follows a parent and its forked child, and shows in the panel which pages each has for itself by now.

import * as vscode from "vscode";
import type { ForkPair } from "../agent/tracking.ts";
import { Cancelled } from "../common/deadline.ts";
import { t } from "../common/l10n.ts";
import { signalOf } from "../common/rpc.ts";
import { isGone } from "../kernel/kernel-error.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import { formatSize } from "../memory/page.ts";
import type { PageSet } from "../memory/page-set.ts";
import { ForkRecording } from "../recording/fork.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import { unsharedPages } from "../tracker/fork-lens.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import type { ListedProcess, Processes } from "./pick-process.ts";
import { plainLabel } from "./plain-label.ts";

/** A child that runs the same program as its parent: it was forked, and has not replaced its program. */
interface Fork extends ForkPair {
  readonly name: string;
}

const PACES = [
  { label: t("Every second"), milliseconds: 1000 },
  { label: t("Ten times a second"), milliseconds: 100, description: t("for what ends soon") },
  { label: t("Every ten seconds"), milliseconds: 10_000, description: t("for what takes hours") },
  {
    label: t("Look once"),
    milliseconds: undefined,
    description: t("who parted the pages is not to be known from one look"),
  },
];
/** Steps whose numbers are told. */
const MOST_TOLD = 3;

/** @throws {Error} there is no fork, or it can't be looked at, and why. */
export async function showFork(processes: Processes, sessions: DebugSessions, panel: MemoryWritesPanel): Promise<void> {
  const fork = await pickFork(processes.list());
  if (!fork) return;
  const pace = await vscode.window.showQuickPick(PACES, {
    title: t("What {0} ({1}) and its child {2} share", fork.name, fork.parent, fork.child),
    placeHolder: t("How often to look"),
    ignoreFocusOut: true,
  });
  if (pace) await followFork(processes, sessions, panel, fork, pace.milliseconds);
}

/**
 * Looks until one of the two has ended, or the user has seen enough.
 * @param pace milliseconds between two looks; undefined: one look. @returns the recording, when it is over.
 * @throws {Error} they can't be looked at, and why.
 */
export async function followFork(
  processes: Processes,
  sessions: DebugSessions,
  panel: MemoryWritesPanel,
  fork: Fork,
  pace: number | undefined,
): Promise<ForkRecording> {
  const begun = performance.now();
  const recording = new ForkRecording(fork, begun, (pid, pages) => writersIn(sessions, pid, pages));
  const lens = processes.agent().forkLens(fork);
  const look = async (signal: AbortSignal): Promise<string> => {
    const found = await lens.look(signal);
    recording.add(found, performance.now());
    return t(
      "shared {0}, no longer {1}",
      formatSize(found.shared.pageCount),
      formatSize(unsharedPages(found).pageCount),
    );
  };
  try {
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: t("WriteWatch: {0} and its child {1}", plainLabel(fork.name), fork.child),
        cancellable: true,
      },
      async (progress, token) => {
        const signal = signalOf(token);
        progress.report({ message: await look(signal) });
        panel.recordings.open(recording);
        await panel.show();
        while (pace !== undefined && !token.isCancellationRequested) {
          await passing(pace, token);
          if (!token.isCancellationRequested) progress.report({ message: await look(signal) });
        }
      },
    );
  } catch (error) {
    // To stop is how one ends it, and so is the child's end: what was seen stays.
    const isOver = error instanceof Cancelled || (isGone(error) && recording.last !== undefined);
    if (!isOver) {
      const why = explainKernelError(error);
      throw new Error(t("What {0} and {1} share can't be told. {2}", fork.parent, fork.child, why), { cause: error });
    }
  } finally {
    lens.close();
  }
  return recording;
}

async function pickFork(list: readonly ListedProcess[]): Promise<Fork | undefined> {
  const byPid = new Map(list.map(process => [process.pid, process]));
  const items = list.flatMap(({ pid, parent, name, command, executable, resident }) => {
    const above = byPid.get(parent);
    if (!above || executable === "" || above.executable !== executable) return [];
    return [
      {
        ...{ parent, child: pid, name },
        label: plainLabel(name),
        description: t("{0}, child of {1} · {2}", pid, parent, formatSize(resident)),
        detail: plainLabel(command),
      },
    ];
  });
  if (items.length === 0) {
    throw new Error(
      t(
        "No process here is a fork that still runs its parent's program: start what forks, a redis server's BGSAVE or a preforking server, and try again.",
      ),
    );
  }
  return vscode.window.showQuickPick(items, {
    title: t("What does a fork no longer share with its parent?"),
    placeHolder: t("Name, command line or number of the child"),
    matchOnDescription: true,
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
}

/** "steps 3 and 4 of sample": where a session watches the process, the newest of its steps that wrote these pages. */
function writersIn(sessions: DebugSessions, pid: number, pages: PageSet): string | undefined {
  const session = sessions.all.find(({ processId, status }) => processId === pid && status.memory === "armed");
  if (!session) return undefined;
  const found: number[] = [];
  const { steps } = session.recording;
  for (let i = steps.count - 1; i >= 0 && found.length < MOST_TOLD; i -= 1) {
    const step = steps.at(i);
    if (step && !step.written.intersect(pages).isEmpty) found.push(step.number);
  }
  return found.length === 0 ? undefined : t("step {0} of {1}", found.reverse().join(", "), session.name);
}

function passing(milliseconds: number, token: vscode.CancellationToken): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer);
      hearing.dispose();
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    const hearing = token.onCancellationRequested(end);
  });
}
