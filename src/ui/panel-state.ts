// What the panel's page is told of a session: the messages' payloads, made of the session's state.

import { isZeroedData, kindOf, type Mapping } from "../memory/mapping.ts";
import type { Step } from "../recording/step.ts";
import { summarize } from "../recording/summary.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import type { Layout } from "../tracker/reports.ts";
import type { Snapshot } from "../tracker/snapshot.ts";
import type { MappingRow, SessionView, SnapshotView, StepView } from "./panel-messages.ts";

export function sessionView(session: TrackedSession): SessionView {
  const { id, name, debugType, status, recording } = session;
  const { pid, arming: armed, layout } = recording;
  const { message } = status;
  const phase = phaseOf(session);
  return {
    id,
    name,
    debugType,
    phase,
    message,
    isArmed: session.isArmed,
    ...(pid === undefined ? {} : { pid }),
    ...(armed
      ? {
          armed: {
            mappings: layout?.armed.length ?? armed.mappings,
            pages: armed.pages,
            microseconds: armed.microseconds,
            notArmed: layout?.notArmed ?? armed.notArmed,
          },
        }
      : {}),
  };
}

function phaseOf({ status: { program, memory } }: TrackedSession): SessionView["phase"] {
  if (program === "ended") return "ended";
  if (memory === "arming" || memory === "lost") return memory;
  return program === "starting" ? "found" : program;
}

/** One row a mapping, in address order. */
export function mappingRows({ mappings, armed, notArmed }: Layout): MappingRow[] {
  let next = 0;
  return mappings.map((mapping, i) => {
    while (next < armed.length && armed[next].end <= mapping.start) next += 1;
    const way = next < armed.length && armed[next].start < mapping.end ? armed[next].way : "no";
    const reason = way === "no" ? notArmed.find(({ start }) => start === mapping.start)?.reason : undefined;
    const bss = isZeroedData(mapping, mappings[i - 1]) ? { name: `${mappings[i - 1].name} (.bss)` } : {};
    return { ...row(mapping), ...bss, armed: way, ...(reason ? { reason } : {}) };
  });
}

function row(mapping: Mapping): MappingRow {
  const { start, end, permissions, name } = mapping;
  return { start, end, permissions, name, kind: kindOf(mapping), armed: "no" };
}

export function stepView(step: Step): StepView {
  return {
    number: step.number,
    ...(step.from ? { from: step.from } : {}),
    ...(step.to ? { to: step.to } : {}),
    pages: step.written.pageCount,
    summary: summarize(step),
    written: compact(step.written.runs),
    debugger: compact(step.debugger.runs),
    discarded: step.discarded.pageCount,
    notes: step.notes,
    created: step.created.length,
    removed: step.removed.length,
    scanMicroseconds: step.scanMicroseconds,
    shared: step.doubts.length > 0,
  };
}

/** A message carries the whole memory that a view looks into. */
function compact(runs: Float64Array): Float64Array {
  return runs.byteLength === runs.buffer.byteLength ? runs : runs.slice();
}

export function snapshotView(title: string, pid: number, snapshot: Snapshot): SnapshotView {
  return {
    title,
    pid,
    rows: snapshot.mappings.map(row),
    runs: snapshot.runs,
    categories: snapshot.categories,
    microseconds: snapshot.microseconds,
  };
}
