// A DAP client: what VS Code is to a debug adapter, for a program with no window.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Disposable } from "../common/disposable.ts";
import { Emitter } from "../common/emitter.ts";
import { type AdapterPort, DapError } from "../debuggers/adapter-port.ts";
import type { AdapterLink } from "./adapter-link.ts";

interface Pending {
  readonly command: string;
  resolve(body: unknown): void;
  reject(error: Error): void;
}

/**
 * The conversation with one adapter. Requests that are pending when it ends, and all later ones, reject with how it ended and
 * the last it complained of.
 */
export class DapClient implements AdapterPort {
  readonly debugType: string;
  /** Settles when the adapter has ended, with a sentence on how. */
  readonly gone: Promise<string>;
  /** All messages, in order; what the adapter says is told here before anyone acts on it. */
  readonly onToAdapter = new Emitter<DebugProtocol.ProtocolMessage>();
  readonly onFromAdapter = new Emitter<DebugProtocol.ProtocolMessage>();

  private readonly link: AdapterLink;
  private readonly events = new Emitter<DebugProtocol.Event>();
  private readonly pending = new Map<number, Pending>();
  private sequence = 0;
  private epitaph: string | undefined;

  constructor(debugType: string, link: AdapterLink) {
    this.debugType = debugType;
    this.link = link;
    link.listen(message => this.receive(message));
    this.gone = link.gone.then(how => {
      this.epitaph = how;
      for (const { command, reject } of this.pending.values()) reject(new DapError(command, how));
      this.pending.clear();
      return how;
    });
  }

  /** The adapter's process, where it has one of its own. */
  get pid(): number | undefined {
    return this.link.pid;
  }

  request(command: string, args?: object): Promise<unknown> {
    if (this.epitaph) return Promise.reject(new DapError(command, this.epitaph));
    return new Promise((resolve, reject) => {
      // An adapter in this process may have answered before it is sent.
      this.pending.set(this.sequence + 1, { command, resolve, reject });
      this.send({ type: "request", command, ...(args ? { arguments: args } : {}) });
    });
  }

  onEvent(listener: (event: DebugProtocol.Event) => void): Disposable {
    return this.events.listen(listener);
  }

  /** The first event that comes from now on and passes the test; rejects when the adapter ends before. */
  nextEvent(test: (event: DebugProtocol.Event) => boolean): Promise<DebugProtocol.Event> {
    return new Promise((resolve, reject) => {
      const subscription = this.onEvent(event => {
        if (!test(event)) return;
        subscription.dispose();
        resolve(event);
      });
      void this.gone.then(how => {
        subscription.dispose();
        reject(new Error(how));
      });
    });
  }

  /** Ends the adapter and all it started. */
  dispose(): void {
    this.link.dispose();
  }

  private send(message: object): void {
    this.sequence += 1;
    const framed = { seq: this.sequence, ...message } as DebugProtocol.ProtocolMessage;
    this.onToAdapter.fire(framed);
    this.link.send(framed);
  }

  private receive(message: DebugProtocol.ProtocolMessage): void {
    this.onFromAdapter.fire(message);
    if (message.type === "event") {
      this.events.fire(message as DebugProtocol.Event);
    } else if (message.type === "response") {
      const { request_seq, success, body, message: text } = message as DebugProtocol.Response;
      const pending = this.pending.get(request_seq);
      this.pending.delete(request_seq);
      if (success) pending?.resolve(body ?? {});
      else pending?.reject(new DapError(pending.command, body?.error?.format ?? text ?? "no reason given"));
    } else {
      const { seq, command } = message as DebugProtocol.Request;
      // There is no terminal to run anything in, and no second session to start.
      this.send({ type: "response", request_seq: seq, command, success: false, message: "not supported" });
    }
  }
}
