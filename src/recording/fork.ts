// A fork watched over time as a recording: each look's newly parted pages are steps, one for each process whose doing it was.
import { t } from "../common/l10n.ts";
import { PageSet } from "../memory/page-set.ts";
import { type ForkLook, unsharedPages } from "../tracker/fork-lens.ts";
import { type ArmReport, EMPTY_LAYOUT } from "../tracker/reports.ts";
import { LiveRecording } from "./live.ts";
import { NOTHING_TOLD, type Thread } from "./step.ts";

export interface ForkedProcesses {
  readonly parent: number;
  readonly child: number;
  /** The program's name. */
  readonly name: string;
}

/** Pages that were parted between two looks, by whose store. */
interface Parted {
  readonly thread: Thread;
  readonly pages: PageSet;
}

/** Tells of a process's pages in which steps of a session they were written; undefined where none watches it. */
export type TrackedWriters = (pid: number, pages: PageSet) => string | undefined;

/**
 * "In memory" are the pages that are still shared, "written" those that are not any more: by the parent's doing where it stored first or has
 * the page alone, by the child's likewise; by nobody known where they were parted before the first look, or frames may not be seen.
 */
export class ForkRecording extends LiveRecording {
  /** The newest look. */
  last: ForkLook | undefined;
  private readonly processes: ForkedProcesses;
  private readonly begun: number;
  private readonly writers: TrackedWriters;

  /** @param now milliseconds of a clock. @param writers absent: nobody is watched. */
  constructor(processes: ForkedProcesses, now: number, writers: TrackedWriters = () => undefined) {
    super(t("{0}: shared by {1} and its child {2}", processes.name, processes.parent, processes.child));
    this.processes = processes;
    this.begun = now;
    this.writers = writers;
    this.pid = processes.parent;
  }

  /** Adds what has changed since the look before. */
  add(look: ForkLook, now: number): void {
    const { last } = this;
    this.last = look;
    const mappings = last && sameList(last, look) ? last.mappings : look.mappings;
    const layout =
      this.layout?.mappings === mappings
        ? this.layout
        : { ...EMPTY_LAYOUT, revision: (this.layout?.revision ?? 0) + 1, mappings };
    // That there is something to show is told by what arming came to; nothing is armed for a look.
    if (!last) this.armed(this.processes.parent, firstLook(look), layout);
    this.setLayout(layout);
    this.setResident(look.shared);
    const when = last ? `${((now - this.begun) / 1000).toFixed(1)} s` : t("before the first look");
    for (const { thread, pages } of this.parted(last, look)) {
      const writers = this.writers(thread.id, pages);
      this.addStep({
        ...NOTHING_TOLD,
        number: (this.steps.last?.number ?? 0) + 1,
        from: { function: writers === undefined ? when : `${when}: ${writers}`, line: 0 },
        by: "scan",
        stops: 1,
        thread,
        written: pages,
        layout,
        scanMicroseconds: look.microseconds,
        settled: true,
      });
    }
  }

  private parted(last: ForkLook | undefined, look: ForkLook): Parted[] {
    const { parent, child } = this.processes;
    const before = last ? unsharedPages(last) : PageSet.EMPTY;
    const byParent = look.byParent.union(look.onlyParent).subtract(before);
    const byChild = look.byChild.union(look.onlyChild).subtract(before);
    const unknown = look.copied.subtract(before).subtract(byParent).subtract(byChild);
    return [
      { thread: { id: parent, name: t("parent") }, pages: byParent },
      { thread: { id: child, name: t("child") }, pages: byChild },
      { thread: { id: 0, name: t("parent or child") }, pages: unknown },
    ].filter(({ pages }) => !pages.isEmpty);
  }
}

function firstLook({ evidence, mappings, shared, microseconds }: ForkLook): ArmReport {
  return {
    backend: evidence,
    mappings: mappings.length,
    pages: shared.pageCount,
    populatedOnly: [],
    notArmed: [],
    microseconds,
  };
}

/** Told in the agent, mappings come as other objects each time. */
function sameList(a: ForkLook, b: ForkLook): boolean {
  return (
    a.mappings.length === b.mappings.length &&
    a.mappings.every((mapping, i) => {
      const other = b.mappings[i];
      return mapping.start === other.start && mapping.end === other.end && mapping.name === other.name;
    })
  );
}
