// Requests and replies with what every conversation of the house needs: checked messages, deadlines, cancellation, refusals in words.
import { answered, Cancelled, type Wait } from "./deadline.ts";
import type { Disposable } from "./disposable.ts";
import type { Log } from "./log.ts";
import type { Call, Connection, ErrorReply } from "./post-message.ts";
import { BadShape, checked, type Shape } from "./shape.ts";

/** Codes of our own in a response's error, and JSON-RPC's for what is no refusal. */
const REFUSED = 1;
const CANCELLED = 2;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;

/** One kind of request, by its name; its parameters and its reply are told to the compiler alone. */
export class RequestType<P, R> {
  readonly method: string;
  declare readonly types?: (params: P) => R;

  constructor(method: string) {
    this.method = method;
  }
}

/** The same for what asks for no reply. */
export class NotificationType<P> {
  readonly method: string;
  declare readonly types?: (params: P) => void;

  constructor(method: string) {
    this.method = method;
  }
}

/** The other side can't or won't do what it was asked for, and says why. */
export class Refusal extends Error {
  /** What else is to be known of it; plain data, unchecked where it comes from the other side. */
  readonly data: unknown;

  constructor(why: string, data?: unknown) {
    super(why);
    this.name = "Refusal";
    this.data = data;
  }
}

/**
 * Answers one kind of request. Whatever goes wrong becomes an error reply, never an exception at the connection's owner.
 * @param shape what the request's parameters must be.
 * @param work a {@link Refusal} thrown by it is an expected answer; anything else is logged as a fault, too.
 */
export function serve<P, R>(
  connection: Connection,
  type: RequestType<P, R>,
  shape: Shape<P>,
  work: (params: P, call: Call) => R | Promise<R>,
  log: Log,
): Disposable {
  return connection.serve(type.method, (params, call, reply, refuse) => {
    const fail = (error: unknown): void => refuse(errorReply(error, type.method, log));
    try {
      const result = work(checked(shape, params), call);
      // What is known at once is answered at once.
      if (result instanceof Promise) result.then(reply, fail);
      else reply(result);
    } catch (error) {
      fail(error);
    }
  });
}

/** Hears one kind of notification. One that is not what it should be is dropped, and logged. */
export function hear<P>(
  connection: Connection,
  type: NotificationType<P>,
  shape: Shape<P>,
  work: (params: P) => unknown,
  log: Log,
): Disposable {
  return connection.hear(type.method, async params => {
    try {
      await work(checked(shape, params));
    } catch (error) {
      log.warn(() => `'${type.method}' was dropped: ${messageOf(error)}`);
    }
  });
}

/**
 * Asks the other side.
 * @throws {Refusal} it refused; {DeadlineError} it has not answered in time; {Cancelled} the signal was given, and the other side was
 *   told; {Error} the connection is closed.
 */
export async function ask<P, R>(connection: Connection, type: RequestType<P, R>, params: P, wait: Wait): Promise<R> {
  let id = 0;
  const answer = new Promise<R>((resolve, reject) => {
    id = connection.ask(type.method, params, (error, result) => {
      if (error === undefined) resolve(result as R);
      else reject(error.code === CANCELLED ? new Cancelled() : new Refusal(error.message, error.data));
    });
  });
  try {
    return await answered(answer, wait);
  } catch (error) {
    connection.giveUp(id);
    throw error;
  }
}

/** A token of VS Code's as the signal that our own functions take. */
export function signalOf(token: {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): unknown;
}): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

function errorReply(error: unknown, method: string, log: Log): ErrorReply {
  if (error instanceof Cancelled) return { code: CANCELLED, message: error.message };
  if (error instanceof Refusal) {
    return { code: REFUSED, message: error.message, ...(error.data === undefined ? {} : { data: error.data }) };
  }
  log.warn(() => `'${method}' was refused: ${messageOf(error)}`);
  return { code: error instanceof BadShape ? INVALID_PARAMS : INTERNAL_ERROR, message: messageOf(error) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
