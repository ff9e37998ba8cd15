// Requests and replies over JSON-RPC with what every conversation of the house needs: checked messages, deadlines, cancellation, refusals in words.
import {
  type CancellationToken,
  CancellationTokenSource,
  ErrorCodes,
  type MessageConnection,
  type NotificationType,
  type RequestType,
  ResponseError,
} from "vscode-jsonrpc";
import { answered, Cancelled, type Wait } from "./deadline.ts";
import type { Disposable } from "./disposable.ts";
import type { Log } from "./log.ts";
import { BadShape, checked, type Shape } from "./shape.ts";

/** Codes of our own in a response's error, beside JSON-RPC's. */
const REFUSED = 1;
const CANCELLED = 2;

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
  connection: MessageConnection,
  type: RequestType<P, R, void>,
  shape: Shape<P>,
  work: (params: P, signal: AbortSignal) => R | Promise<R>,
  log: Log,
): Disposable {
  return connection.onRequest<unknown, void>(type.method, async (...args: unknown[]): Promise<unknown> => {
    const { params, signal } = request(args);
    try {
      return await work(checked(shape, params), signal);
    } catch (error) {
      throw errorReply(error, type.method, log);
    }
  });
}

/** Hears one kind of notification. One that is not what it should be is dropped, and logged. */
export function hear<P>(
  connection: MessageConnection,
  type: NotificationType<P>,
  shape: Shape<P>,
  work: (params: P) => unknown,
  log: Log,
): Disposable {
  return connection.onNotification(type.method, async (...args: unknown[]) => {
    try {
      await work(checked(shape, args.length === 1 ? args[0] : args));
    } catch (error) {
      log.warn(() => `'${type.method}' was dropped: ${messageOf(error)}`);
    }
  });
}

/**
 * Asks the other side.
 * @throws {Refusal} it refused; {DeadlineError} it has not answered in time; {Cancelled} the signal was given, and the other side was told.
 */
export async function ask<P, R>(
  connection: MessageConnection,
  type: RequestType<P, R, void>,
  params: P,
  wait: Wait,
): Promise<R> {
  const source = new CancellationTokenSource();
  try {
    return await answered(connection.sendRequest<R>(type.method, params, source.token), wait);
  } catch (error) {
    // Nobody waits for the answer any more: the other side need not make it.
    source.cancel();
    if (error instanceof ResponseError) {
      throw error.code === CANCELLED ? new Cancelled() : new Refusal(error.message, error.data);
    }
    throw error;
  } finally {
    source.dispose();
  }
}

/** The connection's handlers get the parameters, several where they came as an array, and a token last. */
function request(args: readonly unknown[]): { readonly params: unknown; readonly signal: AbortSignal } {
  const given = args.slice(0, -1);
  return { params: given.length === 1 ? given[0] : given, signal: signalOf(args.at(-1) as CancellationToken) };
}

/** A token of JSON-RPC (or VS Code) as the signal that our own functions take. */
export function signalOf(
  token: Pick<CancellationToken, "isCancellationRequested" | "onCancellationRequested">,
): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

function errorReply(error: unknown, method: string, log: Log): ResponseError<unknown> {
  if (error instanceof Cancelled) return new ResponseError(CANCELLED, error.message);
  if (error instanceof Refusal) return new ResponseError(REFUSED, error.message, error.data);
  log.warn(() => `'${method}' was refused: ${messageOf(error)}`);
  const code = error instanceof BadShape ? ErrorCodes.InvalidParams : ErrorCodes.InternalError;
  return new ResponseError(code, messageOf(error));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
