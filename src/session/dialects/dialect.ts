// What differs from one debugger to the next, behind one interface: one small file a debugger implements it.
import type { AdapterPort } from "../../debuggers/adapter-port.ts";

export interface Dialect {
  /** The debugger's name as messages show it, e.g. "lldb-dap". */
  readonly name: string;

  /**
   * The debuggee's PID as the debugger knows it; asked only while the debuggee is stopped.
   * `announced` is the `systemProcessId` of the adapter's `process` event, where there was one.
   * @throws {Error} where the debugger can't tell, with what was tried.
   */
  processId(port: AdapterPort, frameId: number, announced: number | undefined): Promise<number>;

  /**
   * Runs one system call in the stopped debuggee (in the thread of `frameId`), leaving its registers and code as they were.
   * @returns the kernel's return value: a negative value is -errno.
   * @throws {Error} where the debugger can't run it, with the debugger's own words and the remedy.
   */
  systemCall(port: AdapterPort, frameId: number, number: number, args: readonly number[]): Promise<number>;
}
