// For tests: what a program said it wrote, against what a step reported.

import type { Step } from "../../src/recording/step.ts";
import { parseTruth } from "../exactness/truth.ts";

/** Pages that the program says the line wrote, in its n-th run of that line (from 0), and that the step lacks. */
export function missingPages(output: string, step: Step, run = 0): number[] {
  const line = step.from?.line;
  const truth = parseTruth(output).lines.filter(said => said.line === line)[run];
  if (!truth) throw new Error(`the program said nothing of line ${line}`);
  return truth.wrote
    .flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i))
    .filter(page => !step.written.has(page));
}
