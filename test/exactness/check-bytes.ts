// Compares the bytes that a trace reported with where the program says that it wrote, and with each other: a byte's value before is the last one told. Pure.
import { PAGE_SIZE } from "../../src/memory/page.ts";
import type { StepEvent, TracedRange } from "./trace-events.ts";
import type { LineTruth, Truth } from "./truth.ts";

export interface BytesVerdict {
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
  /** Bytes told with their values before and after. */
  readonly bytes: number;
  /** Pages of which the bytes before were not known, by the mapping's name and why: "[heap]: the page …". */
  readonly unknown: ReadonlyMap<string, number>;
}

/** @param source the base name of the program's source file. */
export function checkBytes(steps: readonly StepEvent[], truth: Truth, source: string): BytesVerdict {
  const problems: string[] = [];
  const unknown = new Map<string, number>();
  // By page: the byte's value when it was told last, 256 where it was not.
  const values = new Map<number, Uint16Array>();
  const executions = new Map<number, number>();
  let bytes = 0;
  for (const step of steps) {
    // Whoever else wrote a page, or took it away: what was told of it is told no more.
    const others = [...step.debugger, ...step.created, ...step.removed].map(pagesOf);
    if (others.length > 0) for (const page of values.keys()) if (isIn(page * PAGE_SIZE, others)) values.delete(page);
    const own = [...step.written, ...(step.discarded ?? [])].map(pagesOf);
    const record = recordOf(step, truth, source, executions);
    if (!step.changed) problems.push(`step ${step.step} tells no bytes`);
    for (const { address, before, after, why } of step.changed ?? []) {
      const first = Number(address);
      if (!isIn(first, own)) problems.push(`step ${step.step}: ${address} changed, and its page was not written`);
      if (before === null) {
        const range = step.written.find(written => isIn(first, [pagesOf(written)]));
        const what = `${range?.mapping}: ${why}`;
        unknown.set(what, (unknown.get(what) ?? 0) + 1);
        values.delete(first / PAGE_SIZE);
        continue;
      }
      const [old, now] = [Buffer.from(before, "hex"), Buffer.from(after ?? "", "hex")];
      if (old.length !== now.length || old.length === 0) problems.push(`step ${step.step}: ${address} has no bytes`);
      bytes += now.length;
      const page = Math.floor(first / PAGE_SIZE);
      const known = values.get(page) ?? new Uint16Array(PAGE_SIZE).fill(NEVER);
      values.set(page, known);
      const mayBeAnywhere = !record || isExplainedPage(page, record, truth);
      for (let i = 0; i < now.length; i += 1) {
        const at = first + i;
        const last = known[at % PAGE_SIZE];
        known[at % PAGE_SIZE] = now[i];
        const isWrong = last !== NEVER && last !== old[i];
        const isElsewhere = !mayBeAnywhere && !isIn(at, record?.bytes ?? []);
        if (old[i] !== now[i] && !isWrong && !isElsewhere) continue;
        const where = `step ${step.step}: byte 0x${at.toString(16)}`;
        if (old[i] === now[i]) problems.push(`${where} is told to have changed from ${old[i]} to the same`);
        if (isWrong) problems.push(`${where} was ${last} when last told, now ${old[i]}`);
        if (isElsewhere) problems.push(`${where} changed, and line ${record?.line} wrote elsewhere`);
      }
    }
  }
  return { problems: problems.slice(0, 10), bytes, unknown };
}

/** What the program says of this execution of the line. */
function recordOf(
  { from, to }: StepEvent,
  truth: Truth,
  source: string,
  executions: Map<number, number>,
): LineTruth | undefined {
  if (!from?.source?.endsWith(source) || from.line === undefined) return undefined;
  // Such a step and the next together ran the line: only the last one counts.
  if (to?.line === from.line && to.function === from.function) return undefined;
  const before = executions.get(from.line) ?? 0;
  executions.set(from.line, before + 1);
  return truth.lines.filter(({ line }) => line === from.line)[before];
}

/** In a page that the line says it wrote, only what it says may change; of others, the page's own explanation is checked elsewhere. */
function isExplainedPage(page: number, { wrote, may, created }: LineTruth, { own }: Truth): boolean {
  const holds = ({ start, end }: { readonly start: number; readonly end: number }): boolean =>
    start <= page && page < end;
  // What a new mapping took the place of is gone: all its bytes may change.
  return !wrote.some(holds) || may.some(holds) || own.some(holds) || created.some(holds);
}

/** No byte's value. */
const NEVER = 256;

interface Bytes {
  readonly start: number;
  readonly end: number;
}

function pagesOf({ start, end }: Pick<TracedRange, "start" | "end">): Bytes {
  return { start: Number(start), end: Number(end) };
}

function isIn(address: number, ranges: readonly Bytes[]): boolean {
  return ranges.some(({ start, end }) => start <= address && address < end);
}
