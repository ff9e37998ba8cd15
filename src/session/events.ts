// The one place that reads raw DAP messages: it turns what goes by into a few typed events, and takes nothing on trust.
import { functionNameOf } from "../debuggers/frame.ts";
import type { Fields } from "../debuggers/signs.ts";
import type { Motion, SourceLocation } from "../recording/step.ts";

/** What a session needs to know of the conversation between a client and its debug adapter. */
export type SessionEvent =
  /** The client asked to let the program go. */
  | { readonly kind: "resuming"; readonly seq: number; readonly motion: Motion; readonly threadId?: number }
  /** The adapter answered that it has, or that it won't. */
  | { readonly kind: "resumed" | "notResumed"; readonly seq: number; readonly why?: string }
  /** A thread, or all of them, stopped. `allStopped` is absent where the adapter does not say. */
  | {
      readonly kind: "stopped";
      readonly threadId?: number;
      readonly reason: string;
      readonly allStopped?: boolean;
    }
  | { readonly kind: "continued"; readonly threadId?: number; readonly allContinued: boolean }
  | { readonly kind: "process"; readonly pid?: number; readonly name?: string }
  /** The launch or attach request's arguments went to the adapter. */
  | { readonly kind: "configured"; readonly request: "launch" | "attach"; readonly configuration: Fields }
  /** The adapter said what it can do: all of it in its answer to `initialize`, what has changed later. */
  | { readonly kind: "capable"; readonly capabilities: Fields }
  /** The client asked for a new run of the program in the same conversation; and the adapter has begun it. */
  | { readonly kind: "restarting" }
  | { readonly kind: "restarted" }
  | { readonly kind: "ended" }
  /** A request that may write the program's memory was sent, or was answered. */
  | { readonly kind: "asked"; readonly seq: number; readonly command: string; readonly isEdit: boolean }
  | { readonly kind: "answered"; readonly seq: number; readonly command: string }
  /** The innermost frame of a thread was asked for, or told; no place: the adapter knows none, or refused. */
  | { readonly kind: "placeAsked"; readonly seq: number; readonly threadId: number }
  | { readonly kind: "place"; readonly seq: number; readonly threadId: number; readonly place?: SourceLocation }
  | { readonly kind: "threads"; readonly names: ReadonlyMap<number, string> }
  /** How many breakpoints of a source (or of another kind) have a condition, a hit count or a log message. */
  | { readonly kind: "conditions"; readonly of: string; readonly count: number };

const MOTIONS: Readonly<Record<string, Motion>> = {
  next: "next",
  stepIn: "stepIn",
  stepOut: "stepOut",
  continue: "continue",
  goto: "goto",
  stepBack: "stepBack",
  reverseContinue: "stepBack",
  restartFrame: "goto",
};

/** Requests that set something in the program's memory because the user says so. */
const EDITS = new Set(["setVariable", "setExpression", "writeMemory"]);

/** An `evaluate` in these contexts is the user's own, and may assign; in others the window asks by itself. */
const USERS_CONTEXTS = new Set(["repl", "clipboard"]);

/** Requests in flight that are remembered; an adapter that leaves more unanswered has lost them. */
const MOST_IN_FLIGHT = 1000;

interface InFlight {
  readonly command: string;
  readonly args: Fields;
  /** As it was asked: what is known of the adapter may be more when it answers. */
  readonly mayWrite: boolean;
}

/**
 * Reads one conversation, message by message.
 * Messages are what an adapter or a client made of the protocol: a field of a wrong type counts as absent, a message that
 * makes no sense as none, and nothing is ever thrown into whoever carries the message.
 */
export class MessageReader {
  private readonly harmless: () => ReadonlySet<string>;
  private readonly inFlight = new Map<number, InFlight>();

  /** @param harmless requests that are known not to write the program's memory, whatever the adapter does for them; as far as it is known yet. */
  constructor(harmless: () => ReadonlySet<string>) {
    this.harmless = harmless;
  }

  /** A message on its way to the adapter. */
  toAdapter(message: unknown): SessionEvent[] {
    const { type, seq, command, arguments: args } = fields(message);
    if (type !== "request" || typeof seq !== "number" || typeof command !== "string") return [];
    const given = fields(args);
    const mayWrite = this.mayWrite(command);
    this.inFlight.set(seq, { command, args: given, mayWrite });
    if (this.inFlight.size > MOST_IN_FLIGHT) this.inFlight.delete(this.inFlight.keys().next().value ?? -1);
    const events: SessionEvent[] = [];
    const motion = Object.hasOwn(MOTIONS, command) ? MOTIONS[command] : undefined;
    if (motion) {
      events.push({ kind: "resuming", seq, motion, ...optional("threadId", number(given.threadId)) });
      return events;
    }
    if (command === "launch" || command === "attach")
      events.push({ kind: "configured", request: command, configuration: given });
    if (command === "restart") events.push({ kind: "restarting" }, { kind: "resuming", seq, motion: "run" });
    if (command === "stackTrace" && isTopmost(given)) {
      events.push({ kind: "placeAsked", seq, threadId: number(given.threadId) ?? 0 });
    }
    const conditions = conditionsOf(command, given);
    if (conditions) events.push(conditions);
    if (mayWrite) events.push({ kind: "asked", seq, command, isEdit: isEdit(command, given) });
    return events;
  }

  /** A message on its way from the adapter. */
  fromAdapter(message: unknown): SessionEvent[] {
    const raw = fields(message);
    if (raw.type === "event" && typeof raw.event === "string") return eventOf(raw.event, fields(raw.body));
    if (raw.type === "response" && typeof raw.request_seq === "number") return this.answer(raw.request_seq, raw);
    return [];
  }

  private answer(seq: number, raw: Fields): SessionEvent[] {
    const asked = this.inFlight.get(seq);
    // Answered twice, or never asked: nothing hangs on it.
    if (!asked) return [];
    this.inFlight.delete(seq);
    const { command, args, mayWrite } = asked;
    const success = raw.success === true;
    const body = fields(raw.body);
    const events: SessionEvent[] = [];
    if (Object.hasOwn(MOTIONS, command) || command === "restart") {
      const why = typeof raw.message === "string" ? { why: raw.message } : {};
      events.push(success ? { kind: "resumed", seq } : { kind: "notResumed", seq, ...why });
      if (success && command === "restart") events.push({ kind: "restarted" });
    }
    if (command === "stackTrace" && isTopmost(args)) {
      const place = success ? placeOf(body.stackFrames) : undefined;
      events.push({ kind: "place", seq, threadId: number(args.threadId) ?? 0, ...optional("place", place) });
    }
    if (command === "initialize" && success) events.push({ kind: "capable", capabilities: body });
    if (command === "threads" && success) events.push({ kind: "threads", names: threadNames(body.threads) });
    if (mayWrite) events.push({ kind: "answered", seq, command });
    return events;
  }

  private mayWrite(command: string): boolean {
    return !this.harmless().has(command) && !Object.hasOwn(MOTIONS, command);
  }
}

function eventOf(event: string, body: Fields): SessionEvent[] {
  switch (event) {
    case "stopped":
      return [
        {
          kind: "stopped",
          reason: typeof body.reason === "string" ? body.reason : "",
          ...optional("threadId", number(body.threadId)),
          ...optional("allStopped", boolean(body.allThreadsStopped)),
        },
      ];
    case "continued":
      // By the protocol all threads go on where nothing is said.
      return [
        {
          kind: "continued",
          allContinued: boolean(body.allThreadsContinued) ?? true,
          ...optional("threadId", number(body.threadId)),
        },
      ];
    case "process":
      return [
        {
          kind: "process",
          ...optional("pid", positive(body.systemProcessId)),
          ...optional("name", typeof body.name === "string" ? body.name : undefined),
        },
      ];
    case "capabilities":
      return [{ kind: "capable", capabilities: fields(body.capabilities) }];
    case "exited":
    case "terminated":
      return [{ kind: "ended" }];
    default:
      return [];
  }
}

function isEdit(command: string, args: Fields): boolean {
  if (command === "evaluate") return typeof args.context === "string" && USERS_CONTEXTS.has(args.context);
  return EDITS.has(command);
}

function isTopmost({ startFrame }: Fields): boolean {
  return startFrame === undefined || startFrame === 0;
}

function conditionsOf(command: string, args: Fields): SessionEvent | undefined {
  if (!/^set(Function|Instruction|Data|Exception)?Breakpoints$/.test(command)) return undefined;
  const list = Array.isArray(args.breakpoints) ? args.breakpoints.map(fields) : [];
  const count = list.filter(
    ({ condition, hitCondition, logMessage }) => condition || hitCondition || logMessage,
  ).length;
  const { path, name } = fields(args.source);
  return { kind: "conditions", of: `${command} ${path ?? name ?? ""}`, count };
}

function placeOf(frames: unknown): SourceLocation | undefined {
  if (!Array.isArray(frames) || frames.length === 0) return undefined;
  const frame = fields(frames[0]);
  const source = fields(frame.source);
  const isSource = !isInstructions(source);
  const file = [source.path, source.name].find(each => typeof each === "string");
  return {
    ...optional("source", isSource ? file : undefined),
    line: isSource ? (number(frame.line) ?? 0) : 0,
    function: typeof frame.name === "string" ? functionNameOf(frame.name) : "",
  };
}

/** Whether an adapter shows a function's instructions there, a text of its own: its lines are none of the program's (CodeLLDB). */
export function isInstructions(source: { readonly path?: unknown; readonly sourceReference?: unknown }): boolean {
  return typeof source.path !== "string" && positive(source.sourceReference) !== undefined;
}

function threadNames(threads: unknown): Map<number, string> {
  const names = new Map<number, string>();
  if (!Array.isArray(threads)) return names;
  for (const thread of threads) {
    const { id, name } = fields(thread);
    if (typeof id === "number" && typeof name === "string") names.set(id, name);
  }
  return names;
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function boolean(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

/** A field that is there only with a value. */
function optional<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: V });
}
