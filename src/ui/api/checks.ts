// What other extensions hand in, checked at the door: JavaScript knows no types, and a wrong argument is told to whoever gave it.
import { addressOf, USER_PAGES_END } from "../../memory/page.ts";

const END = addressOf(USER_PAGES_END);

/** @throws {TypeError} */
export function text(value: unknown, name: string): string {
  if (typeof value !== "string" || value === "")
    throw new TypeError(`WriteWatch's API: ${name} must be a text, and not empty.`);
  return value;
}

/** @throws {TypeError} */
export function whole(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most)
    throw new TypeError(`WriteWatch's API: ${name} must be a whole number from ${least} to ${most}.`);
  return value;
}

/** @throws {TypeError} */
export function address(value: unknown): number {
  const number = typeof value === "string" && /^0x[0-9a-f]{1,16}$/i.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0 || number >= END)
    throw new TypeError(
      "WriteWatch's API: an address must be a text as \"0x7ffd1000\", or a number, within a program's memory.",
    );
  return number;
}

/** @throws {TypeError} */
export function listener<T>(value: unknown): (event: T) => unknown {
  if (typeof value !== "function") throw new TypeError("WriteWatch's API: a listener must be a function.");
  return value as (event: T) => unknown;
}

/** The signal of a VS Code cancellation token; none where there is none. @throws {TypeError} */
export function signal(token: unknown): AbortSignal | undefined {
  if (token === undefined || token === null) return undefined;
  const { isCancellationRequested, onCancellationRequested } = token as Record<string, unknown>;
  if (typeof isCancellationRequested !== "boolean" || typeof onCancellationRequested !== "function")
    throw new TypeError("WriteWatch's API: a token must be a CancellationToken.");
  const controller = new AbortController();
  if (isCancellationRequested) controller.abort();
  else onCancellationRequested.call(token, () => controller.abort());
  return controller.signal;
}

/** The value with all that it holds made immutable. */
export function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}
