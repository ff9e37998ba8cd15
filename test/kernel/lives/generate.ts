// Random lives: scripts for life.c, a list of lines for each time until the next stop. Pure: the same seed gives the same life.
import { Random } from "../../programs/random.ts";

export interface Life {
  readonly seed: number;
  /** A mapping with more unpopulated pages is armed by its populated pages only. */
  readonly sparsePages: number;
  /** Before it is armed, and then for each step. */
  readonly steps: readonly (readonly string[])[];
}

const SLOTS = 6;
const SIZES = [1, 2, 8, 24, 64, 300, 1200] as const;

type Draw = (random: Random) => string;

const slot = (random: Random): number => random.between(0, SLOTS - 1);
const size = (random: Random): number => random.pick(SIZES) + random.between(0, 3);
const part = (random: Random): string => `${random.between(0, 2047)} ${random.pick([1, 2, 5, 17, 60, 700])}`;

/** How often of a hundred, and how it is drawn. */
const OPERATIONS: readonly (readonly [number, Draw])[] = [
  [14, random => `map ${slot(random)} ${size(random)} ${random.between(0, 7)}`],
  [40, random => `write ${slot(random)} ${part(random)} ${random.between(0, 26)}`],
  [6, random => `read ${slot(random)} ${part(random)}`],
  [4, random => `unmap ${slot(random)} ${part(random)}`],
  [5, random => `protect ${slot(random)} ${part(random)} ${random.between(0, 3)}`],
  [10, random => `advise ${slot(random)} ${part(random)} ${random.between(0, 15)}`],
  [6, random => `remap ${slot(random)} ${size(random)} ${random.between(0, 3)}`],
  [4, random => `fixed ${slot(random)} ${part(random)} ${random.between(0, 1)}`],
  [3, random => `fork ${slot(random)} ${part(random)} ${random.between(0, 2)}`],
  [3, random => `brk ${random.between(0, 63)} ${random.between(0, 2)}`],
  [2, random => `stack ${random.between(0, 199)}`],
  [2, random => `library ${random.between(0, 7)} ${random.between(0, 2)}`],
  [1, random => `lock ${slot(random)} ${random.between(0, 1)}`],
];

const TOTAL = OPERATIONS.reduce((sum, [weight]) => sum + weight, 0);

function operation(random: Random): string {
  let at = random.between(1, TOTAL);
  for (const [weight, draw] of OPERATIONS) {
    at -= weight;
    if (at <= 0) return draw(random);
  }
  throw new Error("the weights do not add up");
}

/** @param withExec whether it may run itself anew, which ends the memory that was armed. */
export function randomLife(seed: number, withExec = true): Life {
  const random = new Random(seed);
  const sparsePages = random.pick([1 << 18, 1 << 18, 128]);
  const steps = [Array.from({ length: random.between(0, 12) }, () => operation(random))];
  const count = random.between(3, 10);
  for (let i = 0; i < count; i += 1) {
    if (withExec && random.chance(4)) steps.push(["exec"]);
    steps.push(Array.from({ length: random.between(1, 9) }, () => operation(random)));
  }
  return { seed, sparsePages, steps };
}

/** The lives that have one operation less, or one step less: candidates for a smaller life that fails as this one. */
export function* smallerLives(life: Life): Generator<Life> {
  const { steps } = life;
  for (const [i, step] of steps.entries()) {
    if (i > 0 && steps.length > 2) yield { ...life, steps: steps.toSpliced(i, 1) };
    if (step.length < 2 && i > 0) continue;
    for (let size = step.length >> 1 || 1; size >= 1; size >>= 1)
      for (let at = 0; at < step.length; at += size) yield { ...life, steps: steps.with(i, step.toSpliced(at, size)) };
  }
}
