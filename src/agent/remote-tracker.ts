// A tracker in a process of its own, which lives as long as the tracker: no session waits for another's memory.
import { Cancelled } from "../common/deadline.ts";
import type { ProcessStatus } from "../kernel/kernel.ts";
import type { MemoryChoice } from "../tracker/choice.ts";
import { applyPatch } from "../tracker/layout-patch.ts";
import { type ArmOptions, EMPTY_LAYOUT, type ScanReport, type Settlement } from "../tracker/reports.ts";
import type { ContentsHandle } from "./contents.ts";
import type { CoreProgress, CoreReport, SaveCoreParams } from "./cores.ts";
import type { BytesBefore, NamedRoot, NamesAnswer } from "./names.ts";
import type { AgentProcess } from "./process.ts";
import * as Protocol from "./protocol.ts";
import { RemoteWatches } from "./remote-watches.ts";
import type { ArmAnswer, ReadPages, TrackerHandle } from "./tracking.ts";
import type { WatchHandle } from "./watches.ts";

export class RemoteTracker implements TrackerHandle {
  readonly pid: number | undefined;
  readonly gone: Promise<string>;
  private readonly process: AgentProcess;
  /** The newest one; the agent tells what changes of it. */
  private layout = EMPTY_LAYOUT;
  contents: ContentsHandle | undefined;
  readonly watches: WatchHandle;

  /** @param process a fresh one, from now on this tracker's. */
  constructor(process: AgentProcess) {
    this.process = process;
    this.pid = process.pid;
    this.gone = process.gone;
    this.watches = new RemoteWatches(process);
  }

  async status(pid: number, program?: string): Promise<ProcessStatus | undefined> {
    return (await this.process.ask(Protocol.STATUS, { pid, program })).status;
  }

  interrupt(pid: number, threadId: number, signal: number): Promise<boolean> {
    return this.process.ask(Protocol.INTERRUPT, { pid, threadId, signal });
  }

  peek(pid: number, address: number, bytes: number): Promise<Uint8Array> {
    return this.process.ask(Protocol.PEEK, { pid, address, bytes });
  }

  systemCallIn(pid: number, number: number, args: readonly number[]): Promise<number> {
    return this.process.ask(Protocol.SYSTEM_CALL, { pid, number, args });
  }

  async copyPages(pid: number, start: number, end: number, to: number): Promise<void> {
    await this.process.ask(Protocol.COPY_PAGES, { pid, start, end, to });
  }

  async attach(pid: number, descriptor: number, options: ArmOptions, signal?: AbortSignal): Promise<void> {
    await this.cancellable(this.process.ask(Protocol.ATTACH, { pid, descriptor, options }, signal));
    this.contents = options.contentsPages === undefined ? undefined : remoteContents(this.process);
  }

  async arm(signal?: AbortSignal): Promise<ArmAnswer> {
    const answer = await this.cancellable(this.process.ask(Protocol.ARM, {}, signal));
    this.layout = answer.layout;
    return answer;
  }

  async choose(choice: MemoryChoice): Promise<ArmAnswer> {
    const answer = await this.process.ask(Protocol.CHOOSE, choice);
    this.layout = answer.layout;
    return answer;
  }

  scan(): Promise<ScanReport> {
    return this.process.ask(Protocol.SCAN, {});
  }

  async settle(resident: boolean): Promise<Settlement> {
    const { patch, ...settlement } = await this.process.ask(Protocol.SETTLE, {
      resident,
      known: this.layout.revision,
    });
    if (!patch) return settlement;
    this.layout = applyPatch(this.layout, patch);
    return { ...settlement, layout: this.layout };
  }

  names(
    pid: number,
    ranges: Float64Array,
    most: number,
    before?: BytesBefore,
    roots?: readonly NamedRoot[],
  ): Promise<NamesAnswer> {
    return this.process.ask(Protocol.NAMES, { pid, ranges, most, before, roots });
  }

  read(pid: number, pages: Float64Array): Promise<ReadPages> {
    return this.process.ask(Protocol.READ, { pid, pages });
  }

  saveCore(
    params: SaveCoreParams,
    onProgress: (progress: CoreProgress) => void,
    signal?: AbortSignal,
  ): Promise<CoreReport> {
    return this.process.askTelling(Protocol.SAVE_CORE, params, onProgress, signal);
  }

  async disarm(): Promise<void> {
    await this.process.end("the agent was ended with its tracking");
  }

  /** What is cancelled may be inside a system call that takes long: only the process's end makes sure that nothing is armed. */
  private async cancellable<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof Cancelled) await this.process.end("the arming was cancelled");
      throw error;
    }
  }
}

function remoteContents(process: AgentProcess): ContentsHandle {
  return {
    capture: signal => process.ask(Protocol.CAPTURE, {}, signal),
    uncapture: async version => void (await process.ask(Protocol.UNCAPTURE, { version })),
    copyAhead: stood => process.ask(Protocol.COPY_AHEAD, { stood }),
    newest: pages => process.ask(Protocol.NEWEST, { pages }),
  };
}
