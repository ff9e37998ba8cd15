// Performs a program on both sides and compares.
import type { Account } from "./account.ts";
import { type Divergence, firstDifference } from "./compare.ts";
import type { LiveKernel } from "./live.ts";
import type { Program } from "./operation.ts";
import { performSimulated } from "./simulated.ts";

export interface Outcome {
  readonly live: Account;
  readonly simulated: Account;
  readonly divergence: Divergence | undefined;
}

/** @param swapPages of the simulated machine's swap area; the live one must have some then, too. */
export async function performOnBoth(kernel: LiveKernel, program: Program, swapPages = 0): Promise<Outcome> {
  // The live side works while the simulated one does.
  const answer = kernel.perform(program);
  const simulated = performSimulated(program, kernel.profile, swapPages);
  if (simulated.end === "hung") kernel.hurry();
  const live = await answer;
  return { live, simulated, divergence: firstDifference(live, simulated) };
}
