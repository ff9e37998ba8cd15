// For tests: a target of either kernel that is stepped at random, with the bytes of its pages kept, beside full copies of its memory.
import type { ContentsHandle } from "../../src/agent/contents.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import { linuxKernel } from "../../src/kernel/linux/linux-kernel.ts";
import { simulatedKernel } from "../../src/kernel/simulated/simulated-kernel.ts";
import type { Changes } from "../../src/memory/contents/changes.ts";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { NOTHING_TOLD, type Step } from "../../src/recording/step.ts";
import { StepStore } from "../../src/recording/step-store.ts";
import { BEGINNING, type Phase } from "../../src/session/phase.ts";
import { StepContentsReader } from "../../src/session/step-contents.ts";
import { machineOf } from "../../src/simulation/machines.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { EMPTY_LAYOUT } from "../../src/tracker/reports.ts";
import type { Random } from "../programs/random.ts";
import { type KernelName, TrackedTarget } from "./tracked.ts";

/** Pages of the private memory and of the private file's that the story is about. */
const PRIVATE = 48;
const FILE = 8;

/** The whole memory at one stop; undefined for a page that can't be read. */
export type Snapshot = ReadonlyMap<number, Uint8Array | undefined>;

export interface Habits {
  /** Pages that copies are kept of. */
  readonly budget: number;
  /** How often, in a hundred, the program is let go while the pages of a step are being read. */
  readonly overtaken: number;
  /** Whether all that can be is copied before the program goes on. */
  readonly waits: boolean;
}

export class ContentsStory {
  readonly steps = new StepStore();
  /** The memory at the arming, then as each step left it. */
  readonly snapshots: Snapshot[] = [];
  /** All pages of the story. */
  readonly pages: readonly number[];
  private readonly tracked: TrackedTarget;
  private readonly kernel: Kernel;
  private readonly random: Random;
  private readonly habits: Habits;
  private readonly areas: readonly { readonly address: number; readonly pages: number; readonly isFile: boolean }[];
  private readonly reader: StepContentsReader;
  private phase: Phase = { ...BEGINNING, program: "stopped" };
  private debuggerPages = PageSet.EMPTY;

  private constructor(
    tracked: TrackedTarget,
    kernel: KernelName,
    random: Random,
    habits: Habits,
    addresses: readonly [number, number],
  ) {
    this.tracked = tracked;
    this.kernel = kernel === "live" ? linuxKernel : simulatedKernel(machineOf);
    this.random = random;
    this.habits = habits;
    this.areas = [
      { address: addresses[0], pages: PRIVATE, isFile: false },
      { address: addresses[1], pages: FILE, isFile: true },
    ];
    this.pages = this.areas.flatMap(({ address, pages }) =>
      Array.from({ length: pages }, (_, i) => pageOf(address) + i),
    );
    this.reader = new StepContentsReader({
      handle: this.handle,
      phase: () => this.phase,
      stands: () => this.phase.program === "stopped",
      asked: () => 0,
      step: number => this.steps.byNumber(number),
      update: step => void this.steps.replace(step),
    });
  }

  static async begin(kernel: KernelName, random: Random, habits: Habits): Promise<ContentsStory> {
    const tracked = TrackedTarget.on(kernel);
    const { target } = tracked;
    const memory = await target.map(PRIVATE * PAGE_SIZE);
    const file = await target.do("mapfile", FILE * PAGE_SIZE, 0, 3);
    await target.do("write", memory, (PRIVATE / 2) * PAGE_SIZE, 300);
    await tracked.arm({ ...DEFAULT_ARM_OPTIONS, contentsPages: habits.budget });
    const story = new ContentsStory(tracked, kernel, random, habits, [memory, file]);
    // What arming itself brought is nobody's step.
    await story.reader.ofDebugger(PageSet.EMPTY, 0);
    story.snapshots.push(story.snapshot());
    return story;
  }

  get handle(): ContentsHandle {
    const { contents } = this.tracked.tracker;
    if (!contents) throw new Error("no copies are kept");
    return contents;
  }

  /** The program does something, and comes to its next stop. */
  async step(): Promise<void> {
    const { random, reader, habits } = this;
    if (habits.waits) await reader.ready();
    if (this.phase.program === "stopped") this.letGo();
    for (let deeds = random.between(0, 4); deeds > 0; deeds -= 1) await this.deed();
    this.phase = { ...this.phase, program: "stopped", halts: this.phase.halts + 1 };
    const { runs } = this.phase;
    const step = await this.scanned();
    this.steps.add(step);
    this.snapshots.push(this.snapshot());
    const reading = reader.ofStep(step.number, runs, 0);
    if (random.chance(habits.overtaken)) {
      for (let turns = random.between(0, 3); turns > 0; turns -= 1) await new Promise(resolve => setImmediate(resolve));
      this.letGo();
      await this.deed();
    }
    await reading;
    if (this.phase.program === "stopped" && random.chance(30)) await this.debuggerWrites();
  }

  /** What the debugger has changed since the last step. */
  get since(): Changes {
    return this.reader.byDebugger;
  }

  /** The newest bytes of a page, as the copies have them. */
  async newest(page: number): Promise<Uint8Array | undefined> {
    const { bytes, known } = await this.handle.newest(Float64Array.of(page));
    return known[0] === 1 ? bytes : undefined;
  }

  close(): void {
    this.reader.end();
    this.tracked.close();
  }

  private letGo(): void {
    this.phase = { ...this.phase, program: "running", runs: this.phase.runs + 1, goes: this.phase.goes + 1 };
    this.reader.letGo();
  }

  private async deed(): Promise<void> {
    const { random } = this;
    const { target } = this.tracked;
    const area = random.pick(this.areas as [(typeof this.areas)[0]]);
    const first = random.between(0, area.pages - 1);
    const pages = Math.min(area.pages - first, random.between(1, 6));
    const start = area.address + first * PAGE_SIZE;
    if (random.chance(70)) {
      const offset = random.between(0, PAGE_SIZE - 1);
      const stride = random.pick([1, 3, 64, 1000, 4096]);
      await target.do("write", start + offset, pages * PAGE_SIZE - offset, stride);
    } else if (random.chance(40)) {
      await target.do("read", start, pages * PAGE_SIZE, PAGE_SIZE);
    } else if (area.isFile || random.chance(50)) {
      await target.do("discard", start, pages * PAGE_SIZE);
    } else {
      await target.do("unmap", start, pages * PAGE_SIZE);
      await target.map(pages * PAGE_SIZE, start);
    }
  }

  private async debuggerWrites(): Promise<void> {
    const { runs } = this.phase;
    await this.deed();
    const { written, discarded } = await this.scanned();
    this.debuggerPages = this.debuggerPages.union(written);
    await this.reader.ofDebugger(written.union(discarded), runs);
  }

  private async scanned(): Promise<Step> {
    const { written: reported } = await this.tracked.tracker.scan();
    const { created, removed, discarded, late } = await this.tracked.tracker.settle(false);
    const number = (this.steps.last?.number ?? 0) + 1;
    const step = {
      ...({ ...NOTHING_TOLD, number, by: "next", stops: 1, created, removed, discarded } as const),
      written: reported.union(late).subtract(discarded),
      debugger: this.debuggerPages,
    };
    return { ...step, layout: EMPTY_LAYOUT, scanMicroseconds: 0, settled: true };
  }

  private snapshot(): Snapshot {
    const { kernel, tracked } = this;
    return new Map(
      this.pages.map(page => {
        const bytes = new Uint8Array(PAGE_SIZE);
        try {
          const read = kernel.readPages(tracked.target.pid, Float64Array.of(page, page + 1), bytes);
          return [page, read === PAGE_SIZE ? bytes : undefined];
        } catch {
          return [page, undefined];
        }
      }),
    );
  }
}
