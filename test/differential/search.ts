// Looks for a program that both sides perform differently, and makes it small.
import fc from "fast-check";
import { type Outcome, performOnBoth } from "./both.ts";
import { type Choice, EVERYTHING, programs } from "./generate.ts";
import type { LiveKernel } from "./live.ts";
import type { Program } from "./operation.ts";

export interface Search {
  readonly seed: number;
  readonly choice?: Choice;
  /** Ends the search, looked at before each program; told how many operations were compared. */
  readonly isOver: (operations: number) => boolean;
}

export interface Found {
  readonly program: Program;
  readonly outcome: Outcome;
}

/** @returns the smallest diverging program, if there is one, and how many operations were compared. */
export async function search(
  kernel: LiveKernel,
  { seed, choice = EVERYTHING, isOver }: Search,
): Promise<{ found: Found | undefined; operations: number }> {
  let operations = 0;
  let isShrinking = false;
  const property = fc.asyncProperty(programs(choice), async program => {
    if (!isShrinking && isOver(operations)) return;
    const { divergence } = await performOnBoth(kernel, program);
    if (!isShrinking) operations += program.length;
    if (!divergence) return;
    isShrinking = true;
    throw new Error("diverges");
  });
  let batch = 0;
  while (!isOver(operations)) {
    const details = await fc.check(property, { seed: seed + batch, numRuns: 200 });
    batch += 1;
    const program = details.counterexample?.[0];
    if (program) return { found: await smallest(kernel, program), operations };
  }
  return { found: undefined, operations };
}

/**
 * Leaves out one operation after the other while the rest still diverges; `matters` may ask for the same kind of divergence.
 */
export async function smallest(
  kernel: LiveKernel,
  program: Program,
  matters: (outcome: Outcome, program: Program) => boolean = () => true,
): Promise<Found> {
  let best = program;
  let outcome = await performOnBoth(kernel, best);
  // What comes after the first difference shows nothing.
  const end = (outcome.divergence?.operation ?? best.length) + 1;
  const cut = best.slice(0, end);
  const cutOutcome = await performOnBoth(kernel, cut);
  if (cutOutcome.divergence && matters(cutOutcome, cut)) [best, outcome] = [cut, cutOutcome];
  const accepts = async (candidate: Program) => {
    const result = await performOnBoth(kernel, candidate);
    if (!result.divergence || !matters(result, candidate)) return false;
    [best, outcome] = [candidate, result];
    return true;
  };
  for (let i = best.length - 1; i >= 0 && best.length > 1; i--) await accepts(best.toSpliced(i, 1));
  for (const [i, operation] of best.entries()) {
    if (operation.process !== 0) await accepts(best.with(i, { ...operation, process: 0 }));
  }
  return { program: best, outcome };
}
