// Where a debug session stands, as a pure reducer over what its debugger and its client say. What can be done is derived from it, once.
import type { Motion } from "../recording/step.ts";
import type { SessionEvent } from "./events.ts";
import type { MemoryState, ProgramState, SessionAbilities } from "./status.ts";

/**
 * The program's side of a session.
 *
 * A *halt* is one standstill of the program, however many threads report it; a *run* is the time from one halt to the next.
 * Both are counted, so that a result can tell whether it is about the present one: whoever starts work at a halt remembers
 * `halts` and `runs`, and compares after each wait.
 */
export interface Phase {
  readonly program: ProgramState;
  /** How often the program has halted. */
  readonly halts: number;
  /** How often it was let go, or somebody tried to. */
  readonly runs: number;
  /** How often it really went, as far as is known: what was refused does not count, and what nobody had asked for does. */
  readonly goes: number;
  /** The thread that the present halt is about; absent while the program runs. */
  readonly threadId?: number;
  /** DAP's reason of the present halt. */
  readonly reason?: string;
  /** What let the program go last. */
  readonly motion: Motion;
  /** Others run on while the thread of the present halt stands (gdb's non-stop mode). */
  readonly othersRun: boolean;
  /** Requests to let it go that are not answered: a held key sends a second before the first one's answer is there. */
  readonly resuming: ReadonlySet<number>;
  /** A request for the present run was granted, or the debugger told of the run by itself: refusing another changes nothing. */
  readonly isGranted: boolean;
  /** Threads that reported the present halt. */
  readonly reporters: ReadonlySet<number>;
  /**
   * The halt was told before the adapter answered the request that let the program go, by a thread that had not told the halt
   * before: it may be a late word of that one, while the program runs.
   */
  readonly isSuspect: boolean;
  /** The thread that was let go last. */
  readonly letGo?: number;
  /** The debuggee's process, as far as the adapter has announced it. */
  readonly pid?: number;
  /** Arguments of the launch or attach request. */
  readonly configuration?: object;
  /** Requests that may write the program's memory, not answered yet: their numbers, and whether the user's edit is among them. */
  readonly inFlight: ReadonlyMap<number, boolean>;
  /** Breakpoints with conditions, by what set them. */
  readonly conditions: ReadonlyMap<string, number>;
  readonly threadNames: ReadonlyMap<number, string>;
}

export const BEGINNING: Phase = {
  program: "starting",
  halts: 0,
  runs: 0,
  goes: 0,
  motion: "run",
  othersRun: false,
  resuming: new Set(),
  isGranted: false,
  reporters: new Set(),
  isSuspect: false,
  inFlight: new Map(),
  conditions: new Map(),
  threadNames: new Map(),
};

/** The phase after an event. The same object where nothing changes. */
export function reduce(phase: Phase, event: SessionEvent): Phase {
  if (phase.program === "ended") return phase;
  switch (event.kind) {
    case "resuming":
      return letGo(phase, event.motion, event.seq, event.threadId);
    case "resumed":
      return phase.resuming.has(event.seq) ? { ...answered(phase, event.seq), isGranted: true } : phase;
    case "notResumed":
      return refused(phase, event.seq);
    case "stopped":
      return stopped(phase, event);
    case "continued":
      return continued(phase, event);
    case "process":
      return event.pid === undefined ? phase : { ...phase, pid: event.pid };
    case "restarting":
      // Another process comes, and lldb-dap does not tell its number.
      return without(phase, "pid");
    case "ended":
      return { ...without(phase, "threadId", "reason"), program: "ended", resuming: new Set(), inFlight: new Map() };
    case "asked":
      return { ...phase, inFlight: new Map(phase.inFlight).set(event.seq, event.isEdit) };
    case "answered": {
      const inFlight = new Map(phase.inFlight);
      return inFlight.delete(event.seq) ? { ...phase, inFlight } : phase;
    }
    case "conditions":
      return { ...phase, conditions: new Map(phase.conditions).set(event.of, event.count) };
    case "place":
      // Who tells frames stands; and since the request that let it go was answered before, it is a halt of its own.
      return event.place && phase.program === "stopped" && phase.isSuspect && phase.resuming.size === 0
        ? { ...phase, isSuspect: false }
        : phase;
    case "configured":
      return { ...phase, configuration: event.configuration };
    case "threads":
      return { ...phase, threadNames: event.names };
    default:
      return phase;
  }
}

function letGo(phase: Phase, motion: Motion, seq: number | undefined, threadId: number | undefined): Phase {
  // A second request while the first is on its way changes nothing: the program runs in either case.
  if (phase.program === "running") {
    return seq === undefined ? phase : { ...phase, resuming: new Set(phase.resuming).add(seq), motion };
  }
  return {
    ...without(phase, "threadId", "letGo"),
    program: "running",
    runs: phase.runs + 1,
    goes: phase.goes + 1,
    motion,
    resuming: new Set(seq === undefined ? [] : [seq]),
    isGranted: seq === undefined,
    ...(threadId === undefined ? {} : { letGo: threadId }),
  };
}

/** The program stands where it stood, the same halt goes on: unless another request lets it go. */
function refused(phase: Phase, seq: number): Phase {
  if (!phase.resuming.has(seq)) return phase;
  const rest = answered(phase, seq);
  const mayRun = phase.isGranted || rest.resuming.size > 0;
  if (phase.program !== "running" || phase.halts === 0 || mayRun) return rest;
  const thread = phase.letGo ?? phase.reporters.values().next().value;
  return { ...rest, program: "stopped", goes: phase.goes - 1, ...(thread === undefined ? {} : { threadId: thread }) };
}

function answered(phase: Phase, seq: number): Phase {
  const resuming = new Set(phase.resuming);
  resuming.delete(seq);
  return { ...phase, resuming };
}

function stopped(phase: Phase, event: Extract<SessionEvent, { kind: "stopped" }>): Phase {
  const thread = event.threadId ?? phase.threadId ?? phase.letGo ?? 1;
  if (phase.program === "stopped" && isSameHalt(phase, thread, event.allStopped)) {
    return { ...phase, reporters: new Set(phase.reporters).add(thread) };
  }
  const isUnseen = phase.program === "stopped" && !phase.isSuspect;
  return {
    ...phase,
    program: "stopped",
    halts: phase.halts + 1,
    goes: phase.goes + (isUnseen ? 1 : 0),
    threadId: thread,
    reason: event.reason,
    othersRun: event.allStopped === false && phase.threadNames.size !== 1,
    reporters: new Set([thread]),
    isSuspect: phase.resuming.size > 0 && (phase.isSuspect || !phase.reporters.has(thread)),
  };
}

/** One halt is told by each thread that has a reason to stop, once; what a thread tells again is a halt of its own. */
function isSameHalt(phase: Phase, thread: number, allStopped: boolean | undefined): boolean {
  return !phase.isSuspect && !phase.reporters.has(thread) && allStopped !== false;
}

function continued(phase: Phase, event: Extract<SessionEvent, { kind: "continued" }>): Phase {
  // Another thread than the one that everybody looks at: where threads run and stop each for itself.
  const isOther = !event.allContinued && event.threadId !== undefined && event.threadId !== phase.threadId;
  if (isOther) return phase;
  if (phase.program === "running") return phase.isGranted ? phase : { ...phase, isGranted: true };
  return letGo(phase, "run", undefined, undefined);
}

/** What can be done, from the program's side and the memory's together. */
export function abilities(
  program: ProgramState,
  memory: MemoryState,
  stepCount: number,
  everArm: boolean,
): SessionAbilities {
  const stands = program === "stopped";
  return {
    arm: everArm && stands && (memory === "unarmed" || memory === "lost"),
    disarm: memory === "armed" || memory === "arming",
    scan: stands && memory === "armed",
    reset: stepCount > 0,
    export: stepCount > 0,
    everArm,
  };
}

function without<K extends keyof Phase>(phase: Phase, ...keys: K[]): Omit<Phase, K> & Partial<Pick<Phase, K>> {
  const copy = { ...phase };
  for (const key of keys) delete copy[key];
  return copy;
}
