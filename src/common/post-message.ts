// JSON-RPC over two sides that post messages to each other (a webview's page, an agent's process): objects cross as they are, typed arrays too.
//
// A library for JSON-RPC queues each message and answers it turns of the event loop later, which took longer than a scan. Here a
// message is handled and answered where it arrives.
import type { Disposable } from "./disposable.ts";
import type { Log } from "./log.ts";

/** One end of the conversation. */
export interface Port {
  post(message: unknown): void;
  listen(listener: (message: unknown) => void): Disposable;
}

/** An error as it crosses, JSON-RPC's "error object". */
export interface ErrorReply {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** JSON-RPC's own code for a request that nobody serves. */
const METHOD_NOT_FOUND = -32601;
/** Our own, for requests that nobody will answer any more. */
const CLOSED = 3;
/** As the language server protocol names it. */
const CANCEL = "$/cancelRequest";

/** A request that is being served. */
export interface Call {
  /** Given when the other side wants the answer no more. Made when first asked for: most requests are answered before that. */
  readonly signal: AbortSignal;
}

/** Answers with `reply` or `refuse`, once, at once or later; never throws. */
type Server = (
  params: unknown,
  call: Call,
  reply: (result: unknown) => void,
  refuse: (error: ErrorReply) => void,
) => void;

/** What came back: a result, or an error. */
type Settle = (error: ErrorReply | undefined, result: unknown) => void;

/** A connection that listens. */
export function connectOver(port: Port, log: Log): Connection {
  return new Connection(port, log);
}

/**
 * One end of a conversation. What comes in and is no JSON-RPC message is dropped and logged: neither side can make the other throw.
 * Disposing of the connection ends the listening; what is asked afterwards is refused.
 */
export class Connection implements Disposable {
  private readonly port: Port;
  private readonly log: Log;
  private readonly subscription: Disposable;
  private readonly servers = new Map<string, Server>();
  private readonly hearers = new Map<string, (params: unknown) => void>();
  /** Requests of ours that wait for their answer. */
  private readonly asked = new Map<number, Settle>();
  /** The other side's that are being answered. */
  private readonly calls = new Map<string | number, OpenCall>();
  private lastId = 0;
  private isClosed = false;

  constructor(port: Port, log: Log) {
    this.port = port;
    this.log = log;
    this.subscription = port.listen(message => this.receive(message));
  }

  /** @returns ends the serving; there is one server for each method, the one that came last. */
  serve(method: string, server: Server): Disposable {
    return put(this.servers, method, server);
  }

  /** @returns ends the hearing; there is one hearer for each method, the one that came last. */
  hear(method: string, hearer: (params: unknown) => void): Disposable {
    return put(this.hearers, method, hearer);
  }

  /**
   * Asks the other side.
   * @param settle is called once, unless the request is given up before: with an error, too, when the connection is closed.
   * @returns the request's number, for {@link giveUp}. @throws {Error} the connection is closed.
   */
  ask(method: string, params: unknown, settle: Settle): number {
    if (this.isClosed) throw new Error(`'${method}' was not asked: the connection is closed`);
    this.lastId += 1;
    const id = this.lastId;
    this.asked.set(id, settle);
    this.post({ jsonrpc: "2.0", id, method, params });
    return id;
  }

  /** Nobody waits for the answer any more: the other side need not make it. */
  giveUp(id: number): void {
    if (this.asked.delete(id)) this.tell(CANCEL, { id });
  }

  /** Tells the other side something. On a closed connection nobody hears it. */
  tell(method: string, params: unknown): void {
    this.post({ jsonrpc: "2.0", method, params });
  }

  dispose(): void {
    this.isClosed = true;
    this.subscription.dispose();
    for (const call of this.calls.values()) call.abort();
    this.calls.clear();
    const waiting = [...this.asked.values()];
    this.asked.clear();
    for (const settle of waiting) settle({ code: CLOSED, message: "the connection was closed" }, undefined);
  }

  /** Posts in the caller's turn of the event loop. A port that is closed is no fault of whoever answers over it. */
  private post(message: unknown): void {
    if (this.isClosed) return;
    try {
      this.port.post(message);
    } catch (error) {
      this.log.warn(() => `a message could not be posted: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private receive(message: unknown): void {
    if (this.isClosed) return;
    if (!isMessage(message)) this.log.warn(() => `a message that is no JSON-RPC was dropped: ${excerpt(message)}`);
    else if (message.method === undefined) this.settled(message);
    else if (message.id === undefined) this.heard(message.method, message.params);
    else this.requested(message.id, message.method, message.params);
  }

  private settled({ id, error, result }: Message): void {
    const settle = this.asked.get(id as number);
    // The answer to a request that was given up: it was on its way already.
    if (!settle) return;
    this.asked.delete(id as number);
    settle(error, result);
  }

  private heard(method: string, params: unknown): void {
    if (method === CANCEL) this.cancelled(params);
    else {
      const hearer = this.hearers.get(method);
      if (hearer) hearer(params);
      else this.log.warn(() => `'${method}' was dropped: nobody hears it`);
    }
  }

  private cancelled(params: unknown): void {
    const id = typeof params === "object" && params !== null ? (params as { id?: unknown }).id : undefined;
    if (isId(id)) this.calls.get(id)?.abort();
    else this.log.warn(() => `'${CANCEL}' was dropped: it names no request`);
  }

  private requested(id: string | number, method: string, params: unknown): void {
    const server = this.servers.get(method);
    const refuse = (error: ErrorReply): void => {
      this.calls.delete(id);
      this.post({ jsonrpc: "2.0", id, error });
    };
    if (!server) {
      refuse({ code: METHOD_NOT_FOUND, message: `Unhandled method ${method}` });
      return;
    }
    const call = new OpenCall();
    this.calls.set(id, call);
    const reply = (result: unknown): void => {
      this.calls.delete(id);
      // A reply without a result would be none.
      this.post({ jsonrpc: "2.0", id, result: result === undefined ? null : result });
    };
    server(params, call, reply, refuse);
  }
}

class OpenCall implements Call {
  private controller: AbortController | undefined;
  private isAborted = false;

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.isAborted) this.controller.abort();
    }
    return this.controller.signal;
  }

  abort(): void {
    this.isAborted = true;
    this.controller?.abort();
  }
}

function put<T>(map: Map<string, T>, method: string, one: T): Disposable {
  map.set(method, one);
  return {
    dispose: () => {
      if (map.get(method) === one) map.delete(method);
    },
  };
}

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: ErrorReply;
}

/** Whether it is a request, a notification or a response with an id that can be told from others. */
function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { jsonrpc, id, method, error, result } = value as Record<string, unknown>;
  if (jsonrpc !== "2.0") return false;
  if (method !== undefined) return typeof method === "string" && (id === undefined || isId(id));
  if (!isId(id)) return false;
  return error === undefined ? result !== undefined : isErrorReply(error);
}

function isId(value: unknown): value is string | number {
  return typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
}

function isErrorReply(value: unknown): value is ErrorReply {
  if (typeof value !== "object" || value === null) return false;
  const { code, message } = value as Record<string, unknown>;
  return Number.isInteger(code) && typeof message === "string";
}

function excerpt(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 200);
  } catch {
    return typeof value;
  }
}
