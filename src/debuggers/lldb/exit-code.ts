// lldb tells the number of the signal that ended a program, where a shell tells 128 more than that.
import { signalNumber } from "../signal-numbers.ts";

/**
 * @param told the adapter's code.
 * @param lastSignal the signal that the last stop was for.
 */
export function shellsExitCode(told: number | undefined, lastSignal: string | undefined): number | undefined {
  const bySignal = told !== undefined && lastSignal !== undefined && signalNumber(lastSignal) === told;
  return bySignal ? 128 + told : told;
}
