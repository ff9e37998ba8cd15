// What a message from elsewhere must look like, said once beside its type: checks plain data, and names the first thing that is wrong.

/** Checks for a T. */
export interface Shape<T> {
  /** @returns what is wrong with the value that stands at that place, undefined where nothing is. */
  readonly problem: (value: unknown, at: string) => string | undefined;
  /** Only for the compiler: nothing ever stands here. */
  readonly type?: T;
}

/** The same for a property that may be absent. */
export interface OptionalShape<T> extends Shape<T> {
  readonly optional: true;
}

/** For each property its shape; one that may be absent takes an {@link OptionalShape}, so that neither is forgotten. */
export type Shapes<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? OptionalShape<Exclude<T[K], undefined>>
    : Shape<T[K]>;
};

/** A message that is not what it should be. */
export class BadShape extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = "BadShape";
  }
}

/** @returns the value itself. @throws {BadShape} it is not what the shape says. */
export function checked<T>(shape: Shape<T>, value: unknown): T {
  const problem = shape.problem(value, "the message");
  if (problem !== undefined) throw new BadShape(problem);
  return value as T;
}

/** A text of at most `most` characters. */
export function text(most = 1024): Shape<string> {
  return {
    problem: (value, at) => {
      if (typeof value !== "string") return `${at} is not a text`;
      return value.length > most ? `${at} is longer than ${most} characters` : undefined;
    },
  };
}

/** A finite number within bounds. */
export function number(least = -Number.MAX_VALUE, most = Number.MAX_VALUE): Shape<number> {
  return {
    problem: (value, at) =>
      typeof value === "number" && value >= least && value <= most
        ? undefined
        : `${at} is not a number from ${least} to ${most}`,
  };
}

/** A whole number within bounds. */
export function whole(least = 0, most = Number.MAX_SAFE_INTEGER): Shape<number> {
  return {
    problem: (value, at) =>
      Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
        ? undefined
        : `${at} is not a whole number from ${least} to ${most}`,
  };
}

export const flag: Shape<boolean> = {
  problem: (value, at) => (typeof value === "boolean" ? undefined : `${at} is neither true nor false`),
};

/** One of a few texts or numbers. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Shape<T> {
  return {
    problem: (value, at) => (values.includes(value as T) ? undefined : `${at} is none of ${values.join(", ")}`),
  };
}

/** An object of that class: a typed array, say. */
export function instance<T extends object>(kind: abstract new (...args: never[]) => T): Shape<T> {
  return { problem: (value, at) => (value instanceof kind ? undefined : `${at} is no ${kind.name}`) };
}

/** Nothing, where an answer only says that it was done. */
export const nothing: Shape<null> = { problem: (value, at) => (value === null ? undefined : `${at} is not null`) };

/** An array of at most `most` items, of any number where that is absent. */
export function list<T>(shape: Shape<T>, most = Infinity): Shape<readonly T[]> {
  return {
    problem: (value, at) => {
      if (!Array.isArray(value)) return `${at} is not an array`;
      if (value.length > most) return `${at} has more than ${most} items`;
      for (let i = 0; i < value.length; i += 1) {
        const problem = shape.problem(value[i], `${at}[${i}]`);
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
  };
}

export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return {
    optional: true,
    problem: (value, at) => (value === undefined ? undefined : shape.problem(value, at)),
  };
}

/** A plain object with these properties; others are let be, for messages of a newer version. */
export function object<T extends object>(shapes: Shapes<T>): Shape<T> {
  const entries = Object.entries(shapes) as [string, Shape<unknown>][];
  return {
    problem: (value, at) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return `${at} is not an object`;
      for (const [name, shape] of entries) {
        const own = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
        const problem = shape.problem(own, `${at}.${name}`);
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
  };
}

/** One of several kinds of object, told apart by the text in one property. */
export function variant<T extends object>(tag: string, kinds: Readonly<Record<string, Shape<object>>>): Shape<T> {
  const names = Object.keys(kinds);
  return {
    problem: (value, at) => {
      if (typeof value !== "object" || value === null) return `${at} is not an object`;
      const kind = Object.hasOwn(value, tag) ? (value as Record<string, unknown>)[tag] : undefined;
      if (typeof kind !== "string" || !Object.hasOwn(kinds, kind)) return `${at}.${tag} is none of ${names.join(", ")}`;
      return kinds[kind].problem(value, at);
    },
  };
}
