// The sample command's arguments.
import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";

export const SAMPLE_USAGE = `Usage: npm run --silent sample -- --pid PID [options]

Tells what a live process writes, every so many milliseconds, without pausing it and without a debugger; and what a live migration,
or a checkpoint by pre-copy, would take.

  --pid PID            the process; nobody may trace it
  --every MS           between two samples, milliseconds (default: 100)
  --for SECONDS        how long (default: 5)
  --bandwidth MBIT     megabits a second that a migration may send (default: 1000)
  --downtime MS        how long it may pause the process in the end (default: 300)
  --json               print JSON Lines instead of text
`;

export interface SampleOptions {
  readonly pid: number;
  /** Milliseconds. */
  readonly interval: number;
  readonly seconds: number;
  /** Bytes a second. */
  readonly bandwidth: number;
  /** Seconds. */
  readonly downtime: number;
  readonly json: boolean;
}

/** @throws {UsageError} */
export function parseSampleOptions(args: readonly string[]): SampleOptions | "help" {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        pid: { type: "string" },
        every: { type: "string", default: "100" },
        for: { type: "string", default: "5" },
        bandwidth: { type: "string", default: "1000" },
        downtime: { type: "string", default: "300" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return "help";
  if (values.pid === undefined) throw new UsageError("Which process? Name it with --pid.");
  const number = (name: string, least: number, most: number): number => {
    const text = String(values[name]);
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new UsageError(`--${name} takes a number from ${least} to ${most}, not ${text}.`);
    return value;
  };
  const pid = number("pid", 1, 2 ** 31 - 1);
  if (!Number.isInteger(pid)) throw new UsageError("--pid takes a whole number.");
  return {
    pid,
    interval: number("every", 1, 3_600_000),
    seconds: number("for", 0.001, 86_400),
    bandwidth: (number("bandwidth", 0.001, 1e9) * 1e6) / 8,
    downtime: number("downtime", 0, 3_600_000) / 1000,
    json: values.json === true,
  };
}
