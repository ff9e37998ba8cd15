// What differs from one debugger to the next, behind one interface; a folder a debugger holds all that is known of it.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "./adapter-port.ts";

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
}

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
}

export interface Debugger {
  /** The debugger's name as messages show it, e.g. "lldb-dap". */
  readonly name: string;
  readonly quirks: Quirks;

  /** @param debugType the launch configuration's `type`. */
  recognizes(debugType: string): boolean;

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

  /**
   * The exit code of a program, as a shell would tell it (128 and the signal's number where a signal ended it).
   * @param event any event of the adapter's.
   * @param lastSignal the signal that the last stop was for, e.g. "SIGSEGV".
   * @returns undefined where the event tells none.
   */
  exitCode(event: DebugProtocol.Event, lastSignal: string | undefined): number | undefined;
}

/** An `exited` event's code, for adapters that tell it as a shell does. */
export function exitedCode(event: DebugProtocol.Event): number | undefined {
  return event.event === "exited" ? (event as DebugProtocol.ExitedEvent).body.exitCode : undefined;
}
