// JSON-RPC over two sides that post messages to each other (a webview's page and its extension): objects cross as they are, typed arrays too.
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Message,
  type MessageConnection,
  type MessageReader,
  type MessageWriter,
  RAL,
} from "vscode-jsonrpc";
import type { Disposable } from "./disposable.ts";
import type { Log } from "./log.ts";

/** One end of the conversation. */
export interface Port {
  post(message: unknown): void;
  listen(listener: (message: unknown) => void): Disposable;
}

/**
 * A connection that listens. What comes in and is no JSON-RPC message is dropped and logged: neither side can make the other throw.
 * Disposing of the connection ends the listening.
 */
export function connectOver(port: Port, log: Log): MessageConnection {
  installTimers();
  const connection = createMessageConnection(new PortReader(port, log), new PortWriter(port, log), {
    error: message => log.warn(message),
    warn: message => log.warn(message),
    info: message => log.debug(message),
    log: message => log.debug(message),
  });
  connection.listen();
  return connection;
}

class PortReader extends AbstractMessageReader implements MessageReader {
  private readonly port: Port;
  private readonly log: Log;
  private subscription: Disposable | undefined;

  constructor(port: Port, log: Log) {
    super();
    this.port = port;
    this.log = log;
  }

  listen(callback: DataCallback): Disposable {
    this.subscription = this.port.listen(message => {
      if (!isMessage(message)) {
        this.log.warn(() => `a message that is no JSON-RPC was dropped: ${excerpt(message)}`);
        return;
      }
      try {
        callback(message);
      } catch (error) {
        // A cancellation of nothing that can be named, for one.
        this.log.warn(() => `a message was dropped: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
    return this.subscription;
  }

  override dispose(): void {
    this.subscription?.dispose();
    super.dispose();
  }
}

class PortWriter extends AbstractMessageWriter implements MessageWriter {
  private readonly port: Port;
  private readonly log: Log;

  constructor(port: Port, log: Log) {
    super();
    this.port = port;
    this.log = log;
  }

  /** Posts in the caller's turn of the event loop. A port that is closed is no fault of whoever answers over it. */
  async write(message: Message): Promise<void> {
    try {
      this.port.post(message);
    } catch (error) {
      this.log.warn(() => `a message could not be posted: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  end(): void {}
}

/** Whether it is a request, a notification or a response with an id that can be told from others. */
function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { jsonrpc, id, method, error } = value as Record<string, unknown>;
  if (jsonrpc !== "2.0") return false;
  const hasId = typeof id === "string" || (typeof id === "number" && Number.isFinite(id));
  if (method !== undefined) return typeof method === "string" && (hasId || id === undefined);
  if (!hasId) return false;
  return error === undefined
    ? (value as Record<string, unknown>).result !== undefined
    : typeof error === "object" && error !== null && Number.isInteger((error as { code?: unknown }).code);
}

function excerpt(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 200);
  } catch {
    return typeof value;
  }
}

/**
 * What vscode-jsonrpc needs of its surroundings, where nobody has brought it: its own way for Node would not do in a browser, nor
 * the other way round, and one bundle may hold this file for both.
 */
function installTimers(): void {
  try {
    RAL();
    return;
  } catch {
    // None is installed.
  }
  const none = (): never => {
    throw new Error("WriteWatch speaks JSON-RPC by messages here, not by bytes");
  };
  RAL.install({
    crypto: { randomUUID: () => crypto.randomUUID() },
    applicationJson: {
      encoder: { name: "application/json", encode: none },
      decoder: { name: "application/json", decode: none },
    },
    messageBuffer: { create: none },
    console,
    timer: {
      setTimeout: (callback, milliseconds, ...args) => {
        const timer = setTimeout(callback, milliseconds, ...args);
        return { dispose: () => clearTimeout(timer) };
      },
      // A browser's timers wait; a message is to be handled before the next frame.
      setImmediate: (callback, ...args) => {
        let wanted = true;
        queueMicrotask(() => {
          if (wanted) callback(...args);
        });
        return {
          dispose: () => {
            wanted = false;
          },
        };
      },
      setInterval: (callback, milliseconds, ...args) => {
        const timer = setInterval(callback, milliseconds, ...args);
        return { dispose: () => clearInterval(timer) };
      },
    },
  });
}
