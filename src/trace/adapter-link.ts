// How a DAP client reaches a debug adapter: a process of its own, or an object in this one.
import type { DebugProtocol } from "@vscode/debugprotocol";

export interface AdapterLink {
  /** The adapter's process, where it has one of its own. */
  readonly pid: number | undefined;
  /** Settles when the adapter has ended and all it said was told, with a sentence on how. */
  readonly gone: Promise<string>;
  /** Takes whoever hears what the adapter says; to be called once. */
  listen(listener: (message: DebugProtocol.ProtocolMessage) => void): void;
  send(message: DebugProtocol.ProtocolMessage): void;
  /** Ends the adapter and all it started. */
  dispose(): void;
}
