// The recording of one run of a program, written by its debug session.
import type { Disposable } from "../common/disposable.ts";
import { Emitter } from "../common/emitter.ts";
import { PageSet } from "../memory/page-set.ts";
import type { ArmReport, Layout } from "../tracker/reports.ts";
import type { RecordedMemory } from "./memory.ts";
import type { PageClass, Recording, RecordingChange } from "./recording.ts";
import { unionOf } from "./span.ts";
import type { Step } from "./step.ts";
import { type StepBudget, StepStore } from "./step-store.ts";

/** Sets kept apart at most; they take memory of their own. */
const MOST_UNJOINED = 64;

export class LiveRecording implements Recording {
  readonly id: string;
  readonly kind = "live";
  readonly title: string;
  readonly classes: readonly PageClass[] = [];
  readonly microseconds = undefined;
  readonly steps: StepStore;
  pid: number | undefined;
  arming: ArmReport | undefined;
  layout: Layout | undefined;
  resident = PageSet.EMPTY;
  /** While the memory is armed. */
  memory: RecordedMemory | undefined;
  revision = 0;
  private readonly changes = new Emitter<RecordingChange>();
  private joined = PageSet.EMPTY;
  /** What steps wrote since it was last asked for: of hundreds of thousands of runs a union takes milliseconds, and few ever ask. */
  private unjoined: PageSet[] = [];

  constructor(title: string, budget?: StepBudget) {
    this.id = `live-${crypto.randomUUID()}`;
    this.title = title;
    this.steps = new StepStore(budget);
  }

  get everWritten(): PageSet {
    this.joined = unionOf([this.joined, ...this.unjoined]);
    this.unjoined = [];
    return this.joined;
  }

  onChange(listener: (change: RecordingChange) => void): Disposable {
    return this.changes.listen(listener);
  }

  /** The memory was armed. The steps of an arming before stay, and their numbers go on. */
  armed(pid: number, report: ArmReport, layout: Layout): void {
    this.pid = pid;
    this.arming = report;
    this.layout = layout;
    this.changed({ what: "arming" });
  }

  setLayout(layout: Layout): void {
    if (layout === this.layout) return;
    this.layout = layout;
    this.changed({ what: "layout" });
  }

  setResident(resident: PageSet): void {
    this.resident = resident;
    this.changed({ what: "resident" });
  }

  addStep(step: Step): void {
    this.steps.add(step);
    this.wrote(step.written);
    this.changed({ what: "step", number: step.number });
  }

  /** A fuller account of a step that was told before. */
  replaceStep(step: Step): void {
    if (!this.steps.replace(step)) return;
    this.wrote(step.written);
    this.changed({ what: "step", number: step.number });
  }

  /** Forgets all steps. */
  clear(): void {
    this.steps.clear();
    this.joined = PageSet.EMPTY;
    this.unjoined = [];
    this.changed({ what: "cleared" });
  }

  private wrote(pages: PageSet): void {
    this.unjoined.push(pages);
    if (this.unjoined.length >= MOST_UNJOINED) this.unjoined = [unionOf(this.unjoined)];
  }

  private changed(change: RecordingChange): void {
    this.revision += 1;
    this.changes.fire(change);
  }
}
