// The arguments of an attach request, checked.
import { shortened } from "../common/shortened.ts";

export interface AttachOptions {
  readonly pid: number;
  readonly stopOnAttach: boolean;
  /** How long the program runs at each step, milliseconds. */
  readonly timeSlice: number;
}

/** Milliseconds, as long as a person may wait. */
const LONGEST_SLICE = 600_000;
const DEFAULT_SLICE = 10;

/** @throws {Error} with what is wrong and what would be right. */
export function attachOptions(given: unknown): AttachOptions {
  const values = (typeof given === "object" && given !== null ? given : {}) as Readonly<Record<string, unknown>>;
  const { pid, stopOnAttach = true, timeSlice = DEFAULT_SLICE } = values;
  const number = typeof pid === "string" && /^\s*\d{1,10}\s*$/.test(pid) ? Number(pid) : pid;
  if (typeof number !== "number" || !Number.isInteger(number) || number < 1) {
    const said = pid === undefined ? "names none" : `has ${shortened(pid)}`;
    throw new Error(
      `"pid" is the number of a process, or "\${command:writewatch.pickProcess}"; the configuration ${said}.`,
    );
  }
  if (typeof stopOnAttach !== "boolean")
    throw new Error(`"stopOnAttach" takes true or false, not ${shortened(stopOnAttach)}.`);
  if (typeof timeSlice !== "number" || !(timeSlice > 0 && timeSlice <= LONGEST_SLICE)) {
    throw new Error(
      `"timeSlice" takes milliseconds, more than 0 and at most ${LONGEST_SLICE}, not ${shortened(timeSlice)}.`,
    );
  }
  return { pid: number, stopOnAttach, timeSlice };
}
