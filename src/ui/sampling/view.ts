// "Sample What a Process Writes…": samples a live process and draws what it writes, until the tab is closed.

import * as vscode from "vscode";
import { t } from "../../common/l10n.ts";
import type { Log } from "../../common/log.ts";
import { isGone } from "../../kernel/kernel-error.ts";
import { explainKernelError } from "../../kernel/remedy.ts";
import { estimateMigration } from "../../sampling/migration.ts";
import { type MappingPages, type Sample, Sampler } from "../../sampling/sampler.ts";
import { rateOf } from "../../sampling/words.ts";
import type { DebugSessions } from "../../session/debug-sessions.ts";
import { DEFAULT_ARM_OPTIONS } from "../../tracker/policy.ts";
import { type Processes, pickProcess } from "../pick-process.ts";
import { type Bar, MOST_BARS, samplingHtml } from "./chart.ts";
import { DEFAULT_CHOICE, parseChoice, type SamplingChoice, samplingPage } from "./page.ts";

/** What is in use is counted anew after so many samples. */
const COUNT_EVERY = 20;
/** More often nobody can look at it, milliseconds. */
const DRAW_EVERY = 200;
const BYTES_PER_MEGABIT = 1e6 / 8;

export function samplingCommands(
  processes: Processes,
  sessions: DebugSessions,
  log: Log,
): Record<string, (...args: never[]) => unknown> {
  return {
    sampleProcess: async (pid?: unknown) => {
      if (!vscode.workspace.isTrusted)
        throw new Error(
          t("Nothing is armed from a folder that is not trusted: trust it first (Workspaces: Manage Workspace Trust)."),
        );
      const picked =
        typeof pid === "number"
          ? { pid, title: t("process {0}", pid) }
          : await pickProcess(processes, sessions, t("Sample what a process writes (without pausing it)"));
      if (!picked) return undefined;
      const sampler = new Sampler(processes.agent().tracker(), {
        pid: picked.pid,
        interval: DEFAULT_CHOICE.interval,
        arm: DEFAULT_ARM_OPTIONS,
      });
      await sampler.begin().catch(error => {
        throw new Error(t("Process {0} can't be sampled. {1}", picked.pid, explainKernelError(error)), {
          cause: error,
        });
      });
      return new SamplingView(sampler, t("What {0} ({1}) writes", picked.title, picked.pid), log);
    },
  };
}

/** A tab of the editor; what it tells is also there to be read by tests. */
export class SamplingView {
  /** What the page shows, below its fields. */
  html = "";
  /** Settles when nothing is sampled any more. */
  readonly over: Promise<void>;
  private readonly panel: vscode.WebviewPanel;
  private readonly sampler: Sampler;
  private choice: SamplingChoice = DEFAULT_CHOICE;
  private state = t("Sampling; the process is not paused.");
  private readonly samples: Sample[] = [];
  private isClosed = false;
  private isEnded = false;
  private drawn = 0;
  private wake: (() => void) | undefined;

  constructor(sampler: Sampler, title: string, log: Log) {
    this.sampler = sampler;
    this.panel = vscode.window.createWebviewPanel("writewatch.sampling", title, vscode.ViewColumn.Active, {
      enableScripts: true,
      retainContextWhenHidden: true,
      localResourceRoots: [],
    });
    const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
    this.panel.webview.html = samplingPage(title, nonce);
    this.panel.onDidDispose(() => {
      this.isClosed = true;
      this.wake?.();
    });
    this.panel.webview.onDidReceiveMessage(message => {
      const choice = parseChoice(message);
      if (!choice) return log.warn(() => "the sampling page sent no choice");
      this.choice = choice;
      this.wake?.();
      this.draw();
    });
    this.over = this.run().finally(() => sampler.end());
  }

  close(): void {
    this.panel.dispose();
  }

  private async run(): Promise<void> {
    try {
      for (let i = 1; !this.isClosed; i += 1) {
        await this.until();
        if (this.isClosed) return;
        if (!this.choice.isRunning) continue;
        this.samples.push(await this.sampler.sample());
        if (this.samples.length > MOST_BARS) this.samples.shift();
        if (i % COUNT_EVERY === 0) await this.sampler.count();
        if (performance.now() - this.drawn >= DRAW_EVERY) this.draw();
      }
    } catch (error) {
      this.isEnded = true;
      this.state = isGone(error)
        ? t("The process has ended, or has replaced its program.")
        : t("The sampling has ended. {0}", explainKernelError(error));
      this.draw();
    }
  }

  /** Waits until the next sample is due, or something else is wanted. */
  private async until(): Promise<void> {
    const { isRunning, interval } = this.choice;
    await new Promise<void>(resolve => {
      const timer = isRunning ? setTimeout(resolve, this.sampler.dueAfter(interval)) : undefined;
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }

  private draw(): void {
    if (this.isClosed) return;
    this.drawn = performance.now();
    const { bandwidth: megabits, downtime: milliseconds, isRunning } = this.choice;
    const [bandwidth, downtime] = [megabits * BYTES_PER_MEGABIT, milliseconds / 1000];
    const { resident, workingSet } = this.sampler;
    const { curve } = workingSet;
    const migration =
      curve.length > 0 ? { migration: estimateMigration({ pages: resident, curve, bandwidth, downtime }) } : {};
    const state =
      isRunning || this.isEnded ? this.state : t("Stopped; the process runs on, its memory is armed still.");
    const look = { state, bars: this.samples.map(barOf), mappings: sum(this.samples), curve, resident };
    this.html = samplingHtml({ ...look, ...migration, bandwidth, downtime });
    void this.panel.webview.postMessage({ html: this.html, isOver: this.isEnded });
  }
}

function barOf(sample: Sample): Bar {
  return { at: sample.at, pages: sample.pages.pageCount, rate: rateOf(sample) };
}

function sum(samples: readonly Sample[]): MappingPages[] {
  const counts = new Map<string, number>();
  for (const { mappings } of samples)
    for (const { name, pages } of mappings) counts.set(name, (counts.get(name) ?? 0) + pages);
  return [...counts].map(([name, pages]) => ({ name, pages })).sort((a, b) => b.pages - a.pages);
}
