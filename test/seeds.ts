// The seeds of tests that draw at random: the same on every run, so that a failure is the code's; a soak names others.

/** The seeds that WRITEWATCH_SEED names, separated by blanks or commas; where it names none, these. */
export function seedsOr(fixed: readonly number[]): readonly number[] {
  const named = (process.env.WRITEWATCH_SEED ?? "").split(/[ ,]+/).filter(Boolean).map(Number);
  if (!named.every(Number.isSafeInteger)) throw new Error("WRITEWATCH_SEED takes whole numbers, separated by blanks.");
  return named.length > 0 ? named : fixed;
}

/** The first of them, for tests that take one. */
export const SEED = seedsOr([1])[0];
