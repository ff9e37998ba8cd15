// Steps as the page lists them: a part of the list that passes a filter, found without making an item of each step.
import { t } from "../common/l10n.ts";
import { changedWords } from "../recording/changed-names.ts";
import type { Recording, StepList } from "../recording/recording.ts";
import { debuggerData, type SourceLocation, type Step } from "../recording/step.ts";
import { summarize, wayOf } from "../recording/summary.ts";
import type { StepItem, StepsQuery, StepsReply } from "./protocol.ts";

type Filter = Pick<StepsQuery, "text" | "writingOnly">;

/** What of a step takes time to find out; a step never changes, a fuller account of it is another object. */
interface Digest {
  readonly pages: number;
  readonly kernelPages: number;
  /** By the debugger, without its breakpoints in program text. */
  readonly debuggerPages: number;
  readonly summary: string;
  readonly changed: string;
}

const digests = new WeakMap<Step, Digest>();

function digestOf(step: Step): Digest {
  const known = digests.get(step);
  if (known) return known;
  const kernelPages = step.kernel.pageCount;
  const digest = {
    pages: step.written.pageCount - kernelPages,
    kernelPages,
    debuggerPages: debuggerData(step).pageCount,
    summary: summarize(step),
    changed: step.names ? changedWords(step.names) : "",
  };
  digests.set(step, digest);
  return digest;
}

export function stepItem(step: Step): StepItem {
  return {
    number: step.number,
    ...(step.from ? { from: step.from } : {}),
    ...(step.to ? { to: step.to } : {}),
    by: step.by,
    stops: step.stops,
    ...(step.thread ? { thread: step.thread } : {}),
    ...digestOf(step),
    way: wayOf(step),
    doubts: step.doubts,
    settled: step.settled,
  };
}

/** The steps at positions from `from` on among those that pass the filter; a negative one counts from the end. */
export function stepsReply(recording: Recording, { from, count, text, writingOnly }: StepsQuery): StepsReply {
  const { steps, revision } = recording;
  const passing = positions(recording, { text, writingOnly });
  const total = passing?.length ?? steps.count;
  const first = Math.min(total, from < 0 ? Math.max(0, total + from) : from);
  const items: StepItem[] = [];
  for (let i = first; i < Math.min(total, first + count); i += 1) {
    const step = steps.at(passing ? passing[i] : i);
    if (step) items.push(stepItem(step));
  }
  return { revision, total, kept: steps.count, from: first, items };
}

/** Position of a step among those that pass the filter; -1 where it is not among them. */
export function stepPosition(recording: Recording, number: number, filter: Filter): number {
  const index = recording.steps.indexOf(number);
  const passing = positions(recording, filter);
  if (!passing || index < 0) return index;
  let low = 0;
  let high = passing.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passing[middle] < index) low = middle + 1;
    else high = middle;
  }
  return passing[low] === index ? low : -1;
}

interface Passing {
  readonly revision: number;
  readonly filter: Filter;
  readonly positions: readonly number[];
}

const lastPassing = new WeakMap<StepList, Passing>();

/** Positions of the steps that pass, ascending; undefined where all do. The last answer is kept until the recording changes. */
function positions({ steps, revision }: Recording, { text, writingOnly }: Filter): readonly number[] | undefined {
  const wanted = text.trim().toLowerCase();
  if (wanted === "" && !writingOnly) return undefined;
  const known = lastPassing.get(steps);
  if (known?.revision === revision && known.filter.text === wanted && known.filter.writingOnly === writingOnly) {
    return known.positions;
  }
  const found: number[] = [];
  let position = 0;
  for (const step of steps) {
    if ((!writingOnly || digestOf(step).pages > 0) && (wanted === "" || holds(step, wanted))) found.push(position);
    position += 1;
  }
  lastPassing.set(steps, { revision, filter: { text: wanted, writingOnly }, positions: found });
  return found;
}

/** Whether a step's place, function, thread or summary holds a text in lower case; the summary is asked last, it takes longest. */
function holds(step: Step, wanted: string): boolean {
  const { from, to, thread } = step;
  return (
    placeHolds(from, wanted) ||
    placeHolds(to, wanted) ||
    (thread !== undefined &&
      t("thread {0} {1}", thread.id, thread.name ?? "")
        .toLowerCase()
        .includes(wanted)) ||
    wayOf(step).toLowerCase().includes(wanted) ||
    digestOf(step).summary.toLowerCase().includes(wanted) ||
    digestOf(step).changed.toLowerCase().includes(wanted)
  );
}

function placeHolds(place: SourceLocation | undefined, wanted: string): boolean {
  if (!place) return false;
  const file = place.source?.slice(place.source.lastIndexOf("/") + 1) ?? "";
  return `${file}:${place.line} ${place.function}`.toLowerCase().includes(wanted);
}
