// What differs from one debugger to the next, behind one interface; a folder a debugger holds all that is known of it.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { TrackerHandle } from "../agent/tracking.ts";
import type { AdapterPort } from "./adapter-port.ts";
import type { Located } from "./locate.ts";
import type { AdapterSigns, Verdict } from "./signs.ts";

/** Where a call in the debuggee is to run, and what is known of the session by then. */
export interface CallContext {
  readonly port: AdapterPort;
  /** DAP's number of the stopped thread that runs the call. */
  readonly threadId: number;
  /** Ends waiting for the debugger's answers. */
  readonly signal?: AbortSignal | undefined;
  /** `systemProcessId` of the adapter's `process` event, where there was one. */
  readonly announcedPid?: number | undefined;
  /** Arguments of the `launch` or `attach` request, as they went to the adapter. */
  readonly configuration?: object | undefined;
  /**
   * Whose agent can make a call by itself in a process that nobody traces (own-ptrace.ts), and send a signal to a thread that a
   * debugger holds.
   */
  readonly tracker?: Pick<TrackerHandle, "systemCallIn" | "interrupt" | "status"> | undefined;
}

/**
 * Among a request's arguments: it is part of a call that we make in the standing program. Adapters know nothing of it; it keeps the
 * session from taking it for the user's.
 */
export const OUR_OWN = { writewatchOwn: true } as const;

/** What a hidden `stopped` event is called: no client knows it, and whoever does not know an event lets it be. */
export const HIDDEN_STOP = "writewatchPassing";

/** The same of a `continued` event. */
export const HIDDEN_CONTINUED = "writewatchGoing";

/** Facts about a debug adapter that whoever follows its conversation has to know. */
export interface Quirks {
  /**
   * Requests whose answering is known, by measurement, never to write the debuggee's memory. After the answer to any other
   * request there may be pages that the debugger wrote, or had the program's own functions write.
   */
  readonly harmless: ReadonlySet<string>;
  /** Whether evaluating a breakpoint's condition, while the program runs, may write the debuggee's memory. */
  readonly conditionsWrite: boolean;
  /** Whether one halt may be told as several `stopped` events, one for each thread that has a reason to stand. */
  readonly stopsPerThread: boolean;
  /** Whether DAP's number of a thread is the system's. */
  readonly numbersThreadsAsSystem: boolean;
  /** Whether its answers come among what the program prints, which could print one of its own, another process's number say. */
  readonly answersAmongOutput: boolean;
  /** Whether its programs are processes of this computer, of which the kernel can be asked. */
  readonly ofThisComputer: boolean;
  /**
   * Whether it holds its programs by other means than ptrace, so that nobody traces them: calls in them are made by our own
   * (own-ptrace.ts). "perhaps": nobody knows, and where it traces them no call can be made. Absent: it traces them.
   */
  readonly leavesUntraced?: true | "perhaps";
  /**
   * Whether it works within the program's process, and stops the program's own language alone: while that stands the process runs on,
   * so that what is written then is told as the debugger's, and each step says so. Absent: all threads stand.
   */
  readonly worksWithin?: boolean;
  /**
   * A signal at which it stops the program, and which it keeps for itself: sent to one thread it halts the program there, sooner than
   * a `pause`, and the stop is told of that thread. Absent: `pause` is the only way.
   */
  readonly haltSignal?: { readonly number: number; readonly name: string };
  /**
   * A request that it answers by telling a stop while nothing runs: for debuggers without {@link Quirks.haltSignal}, where a stop that
   * was kept from all is to be told after all.
   */
  readonly retell?: { readonly command: string; readonly args: object; readonly reason: string };
  /** Whether `continue` takes up a step that a stop has cut short. */
  readonly continuesSteps: boolean;
}

/** Expressions that tell where an object lies; their values are read by their last number. */
export interface Asking {
  /** @returns an expression whose value holds the object's address in hexadecimal digits, after 0x. */
  address(expression: string): string;
  /** @returns one whose value is the object's size in decimal digits, bytes. */
  size(expression: string): string;
}

export interface Debugger {
  /** The debugger's name as messages show it, e.g. "lldb-dap". */
  readonly name: string;
  readonly quirks: Quirks;

  /** Why a session of this kind has no program of its own to arm, and where that is, in sentences; absent: it has one. */
  readonly whyNever?: string;

  /** Whether an adapter is this debugger's, by all it has shown so far; asked anew with each new sign. */
  recognizes(signs: AdapterSigns): Verdict;

  /**
   * The debuggee's PID as the debugger knows it; asked only while the debuggee is stopped.
   * @throws {Error} where the debugger can't tell, with what was tried.
   */
  processId(context: CallContext): Promise<number>;

  /**
   * Runs one system call in the stopped debuggee, in the thread of the context, leaving its registers and code as they were.
   * @returns the kernel's return value: a negative value is -errno.
   * @throws {Error} where the debugger can't run it, with the debugger's own words and the remedy.
   */
  systemCall(context: CallContext, number: number, args: readonly number[]): Promise<number>;

  /** As {@link locate}, which asks as C's debuggers understand it; absent: it understands that. */
  locate?(context: CallContext, expression: string, frameId?: number): Promise<Located>;

  /** Makes it keep {@link Quirks.haltSignal} for itself, where it would not. @throws {Error} as any call. */
  keepHaltSignal?(context: CallContext): Promise<void>;

  /**
   * Its number of the thread that has that number to the system; absent where it tells threads by the system's.
   * @returns undefined where it knows none.
   */
  threadOf?(context: CallContext, systemThread: number): Promise<number | undefined>;

  /**
   * Has the context's thread make one instruction while all others stand; the stop is told as any step's.
   * @returns when the debugger has been asked; what must be undone after the stop, where something must.
   * @throws {DapError} it refused, and the program stands where it stood.
   */
  stepInstruction(context: CallContext): Promise<(() => Promise<void>) | undefined>;

  /** How it is asked where an object lies, in context `watch`; absent: as in C. */
  readonly asking?: Asking;

  /**
   * The exit code of a program, as a shell would tell it (128 and the signal's number where a signal ended it).
   * @param event any event of the adapter's.
   * @param lastSignal the signal that the last stop was for, e.g. "SIGSEGV".
   * @returns undefined where the event tells none.
   */
  exitCode(event: DebugProtocol.Event, lastSignal: string | undefined): number | undefined;
}

/**
 * Not SIGINT, by which gdb itself halts a program: one that blocks it can't be halted so, and without a debugger it would end the
 * program. A stop can't be blocked, and is undone by SIGCONT.
 */
export const HALT_SIGNAL = { number: 19, name: "SIGSTOP" } as const;

/**
 * `&` and `sizeof`: debuggers of all languages take these. lldb-dap looks a bare name up, and compiles all else; of a variable in a
 * register the address would be that of a copy then.
 */
export const AS_IN_C: Asking = {
  address: expression => (/^[A-Za-z_]\w*$/.test(expression) ? `&${expression}` : `&(${expression})`),
  size: expression => `sizeof(${expression})`,
};

/**
 * One instruction by the protocol's own means: a thread alone, where the adapter knows how. Not `next`: the store may be a call's, of
 * its return address, and that would run the whole function.
 */
export async function stepByProtocol({ port, threadId }: CallContext): Promise<undefined> {
  await port.request("stepIn", { threadId, singleThread: true, granularity: "instruction" });
  return undefined;
}

/** An `exited` event's code, for adapters that tell it as a shell does. */
export function exitedCode(event: DebugProtocol.Event): number | undefined {
  return event.event === "exited" ? (event as DebugProtocol.ExitedEvent).body.exitCode : undefined;
}
