// What a session needs of a connection to a debug adapter, whoever owns that connection (VS Code or the trace command).
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Disposable } from "../common/disposable.ts";

/** A connection to a debug adapter over which requests of our own can be sent, beside those of the connection's owner. */
export interface AdapterPort {
  /** The debug type of the launch configuration: "lldb-dap", "gdb", "cppdbg", … */
  readonly debugType: string;

  /**
   * Sends one DAP request.
   * @returns the body of the response ({} where the adapter sends none).
   * @throws {DapError} the adapter answered `success: false`, or the connection ended.
   */
  request(command: string, args?: object): Promise<unknown>;

  /** Tells every event the adapter sends (`output`, `stopped`, …), in order, before the port's owner acts on it. */
  onEvent(listener: (event: DebugProtocol.Event) => void): Disposable;
}

/** An adapter's refusal: carries the request that was refused and the adapter's own words. */
export class DapError extends Error {
  readonly command: string;

  constructor(command: string, message: string) {
    super(`the debug adapter refused '${command}': ${message}`);
    this.name = "DapError";
    this.command = command;
  }
}
