// Questions that views ask of a recording.
import type { Recording } from "./recording.ts";
import type { Step } from "./step.ts";
import { wroteIn } from "./thin-step.ts";

/** The steps that wrote in pages [start, end), newest first; by the pages they report, the kernel's own among them. */
export function* writersOf({ steps }: Recording, start: number, end: number): Generator<Step> {
  for (const step of steps.touching(start, end)) if (wroteIn(step, start, end)) yield step;
}
