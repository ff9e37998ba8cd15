// A debug adapter that is an object in this process, as VS Code knows them (vscode.DebugAdapter).
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterLink } from "./adapter-link.ts";

/** What a DebugSession of @vscode/debugadapter offers. */
export interface AdapterObject {
  handleMessage(message: DebugProtocol.ProtocolMessage): void;
  onDidSendMessage(listener: (message: DebugProtocol.ProtocolMessage) => void): unknown;
  dispose(): void;
}

export class InlineAdapter implements AdapterLink {
  readonly pid = undefined;
  readonly gone: Promise<string>;
  private readonly adapter: AdapterObject;
  private end: ((how: string) => void) | undefined;

  constructor(adapter: AdapterObject) {
    this.adapter = adapter;
    this.gone = new Promise(resolve => {
      this.end = resolve;
    });
  }

  listen(listener: (message: DebugProtocol.ProtocolMessage) => void): void {
    this.adapter.onDidSendMessage(listener);
  }

  send(message: DebugProtocol.ProtocolMessage): void {
    // Not within the sender's call: to it an answer comes later, whoever gives it.
    queueMicrotask(() => this.adapter.handleMessage(message));
  }

  dispose(): void {
    this.adapter.dispose();
    this.end?.("the debug adapter was ended");
  }
}
