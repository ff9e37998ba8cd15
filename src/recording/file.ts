// A recording read back from what an export or the trace command's --json has written: JSON Lines.
import type { Disposable } from "../common/disposable.ts";
import { BadShape, checked } from "../common/shape.ts";
import { PageSet } from "../memory/page-set.ts";
import type { ArmReport, Layout } from "../tracker/reports.ts";
import {
  ARMED_LINE,
  armingOf,
  LAYOUT_LINE,
  layoutOfLine,
  STEP_LINE,
  stepOfLine,
  UNSEEN_LINE,
  unseenOfLine,
} from "./file-lines.ts";
import type { Recording, StepList } from "./recording.ts";
import type { Step } from "./step.ts";
import { type StepBudget, StepStore } from "./step-store.ts";
import { SupposedLayout } from "./supposed-layout.ts";

/** Bytes of a file that is read; an export of ten thousand steps has some tens of MiB. */
export const MOST_FILE_BYTES = 256 * 1024 * 1024;
const MOST_LINES = 1_000_000;
/** Lines that are read before others get their turn of the event loop. */
const LINES_A_TURN = 500;

export class FileRecording implements Recording {
  readonly id: string;
  readonly kind = "file";
  readonly title: string;
  readonly pid: number | undefined;
  readonly arming: ArmReport | undefined;
  readonly layout: Layout;
  readonly resident = PageSet.EMPTY;
  readonly classes = [];
  readonly steps: StepList;
  readonly everWritten: PageSet;
  readonly microseconds = undefined;
  readonly revision = 0;

  private constructor(title: string, { pid, arming, layout, steps, everWritten }: Read) {
    this.id = `file-${crypto.randomUUID()}`;
    this.title = title;
    this.pid = pid;
    this.arming = arming;
    this.layout = layout;
    this.steps = steps;
    this.everWritten = everWritten;
  }

  /**
   * Reads a file's whole text. Other programs' turns of the event loop come in between.
   * @param title the file's name.
   * @throws {BadShape} it is no recording; the message names the line and what is wrong with it.
   */
  static async read(title: string, text: string, budget?: StepBudget): Promise<FileRecording> {
    return new FileRecording(title, await readLines(text, budget));
  }

  /** It never changes. */
  onChange(): Disposable {
    return { dispose: () => {} };
  }
}

interface Read {
  readonly pid: number | undefined;
  readonly arming: ArmReport | undefined;
  readonly layout: Layout;
  readonly steps: StepStore;
  readonly everWritten: PageSet;
}

async function readLines(text: string, budget: StepBudget | undefined): Promise<Read> {
  if (text.length > MOST_FILE_BYTES) throw new BadShape("The file is too large to be read.");
  let pid: number | undefined;
  let arming: ArmReport | undefined;
  let told: Layout | undefined;
  let unseen = {};
  const steps: Step[] = [];
  const supposed = new SupposedLayout();
  let number = 0;
  for (const { line, isLast } of linesOf(text)) {
    number += 1;
    if (number > MOST_LINES) throw new BadShape(`The file has more than ${MOST_LINES.toLocaleString("en")} lines.`);
    if (number % LINES_A_TURN === 0) await new Promise(resolve => setTimeout(resolve));
    if (line.trim() === "") continue;
    try {
      const value = parsed(line, isLast);
      switch (value?.event) {
        case "armed":
          ({ pid, arming } = armingOf(checked(ARMED_LINE, value)));
          break;
        case "layout":
          told = layoutOfLine(checked(LAYOUT_LINE, value));
          break;
        case "unseen":
          unseen = unseenOfLine(checked(UNSEEN_LINE, value));
          break;
        case "step": {
          const step = stepOfLine(checked(STEP_LINE, value), supposed);
          const last = steps[steps.length - 1]?.number ?? 0;
          if (step.number <= last) throw new BadShape(`step ${step.number} comes after step ${last}`);
          steps.push(step);
          break;
        }
      }
    } catch (error) {
      if (!(error instanceof BadShape)) throw error;
      throw new BadShape(`Line ${number} of the file can't be read: ${error.message}.`);
    }
  }
  if (!arming && !told && steps.length === 0) {
    throw new BadShape("The file holds no steps: open one that “Export Steps as JSON…” or trace --json has written.");
  }
  const layout = told ?? { ...supposed.layout(arming?.notArmed ?? []), ...unseen };
  const store = new StepStore(budget);
  for (const step of steps) store.add({ ...step, layout });
  return { pid, arming, layout, steps: store, everWritten: unionOf(steps.map(({ written }) => written)) };
}

function* linesOf(text: string): Generator<{ readonly line: string; readonly isLast: boolean }> {
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf("\n", start);
    yield { line: text.slice(start, end < 0 ? undefined : end), isLast: end < 0 };
    if (end < 0) return;
    start = end + 1;
  }
}

/** @returns undefined for the beginning of a line that was never finished: its writer was ended. */
function parsed(line: string, isLast: boolean): { readonly event?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new BadShape("it is no JSON object");
    return value;
  } catch (error) {
    if (error instanceof BadShape) throw error;
    if (isLast && line.startsWith('{"event":')) return undefined;
    throw new BadShape("it is no JSON");
  }
}

/** In pairs, so that no set is copied more often than their number has digits. */
function unionOf(sets: readonly PageSet[]): PageSet {
  let round = sets;
  while (round.length > 1) {
    const last = round;
    round = last.flatMap((set, i) => (i % 2 === 0 ? [i + 1 < last.length ? set.union(last[i + 1]) : set] : []));
  }
  return round[0] ?? PageSet.EMPTY;
}
