// A process scan as a recording: one look at a process, without steps.
import type { Disposable } from "../common/disposable.ts";
import { Category } from "../memory/category.ts";
import type { PageQuery } from "../memory/page-query.ts";
import { PageSet, RunBuilder } from "../memory/page-set.ts";
import { type ArmReport, EMPTY_LAYOUT, type Layout } from "../tracker/reports.ts";
import type { Snapshot } from "../tracker/snapshot.ts";
import type { PageClass, Recording, StepList } from "./recording.ts";
import { StepStore } from "./step-store.ts";

const { WRITTEN, FILE, PRESENT, SWAPPED, PFNZERO, HUGE } = Category;

const CLASSES: readonly { readonly name: PageClass["name"]; holds(categories: number): boolean }[] = [
  { name: "file", holds: bits => (bits & PRESENT) !== 0 && (bits & FILE) !== 0 },
  { name: "private", holds: bits => (bits & PRESENT) !== 0 && (bits & (FILE | PFNZERO)) === 0 },
  { name: "zero page", holds: bits => (bits & PFNZERO) !== 0 },
  { name: "huge", holds: bits => (bits & PRESENT) !== 0 && (bits & HUGE) !== 0 },
  { name: "swapped", holds: bits => (bits & SWAPPED) !== 0 },
  { name: "written", holds: bits => (bits & WRITTEN) !== 0 },
];

export class ScanRecording implements Recording {
  readonly id: string;
  readonly kind = "scan";
  readonly title: string;
  readonly pid: number;
  readonly arming: ArmReport | undefined = undefined;
  readonly layout: Layout;
  readonly resident: PageSet;
  readonly classes: readonly PageClass[];
  readonly steps: StepList = new StepStore();
  readonly everWritten = PageSet.EMPTY;
  readonly microseconds: number;
  readonly revision = 0;
  /** The kernel's own account: regions of equal categories. */
  readonly snapshot: Snapshot;

  /** What was looked for; undefined: all. */
  readonly query: PageQuery | undefined;

  /** @param title the process's name. */
  constructor(title: string, pid: number, snapshot: Snapshot, query?: PageQuery) {
    this.query = query;
    this.id = `scan-${crypto.randomUUID()}`;
    this.title = title;
    this.pid = pid;
    this.snapshot = snapshot;
    this.microseconds = snapshot.microseconds;
    this.layout = { ...EMPTY_LAYOUT, mappings: snapshot.mappings };
    this.classes = CLASSES.map(({ name, holds }) => ({ name, pages: pagesThat(snapshot, holds) }));
    this.resident = pagesThat(snapshot, bits => (bits & PRESENT) !== 0);
  }

  /** It never changes. */
  onChange(): Disposable {
    return { dispose: () => {} };
  }
}

function pagesThat({ runs, categories }: Snapshot, holds: (categories: number) => boolean): PageSet {
  const builder = new RunBuilder();
  categories.forEach((bits, i) => {
    if (holds(bits)) builder.add(runs[i * 2], runs[i * 2 + 1]);
  });
  return builder.finish();
}
