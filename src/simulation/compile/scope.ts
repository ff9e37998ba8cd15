// What names mean at a place in a program.
import type { Integer } from "../language/integer.ts";
import type { CompiledFunction, Global, Local, Place } from "../run/code.ts";

export type Binding =
  | { readonly kind: "constant"; readonly value: Integer }
  | { readonly kind: "register"; readonly index: number }
  | ({ readonly kind: "memory"; readonly offset: number } & Place)
  | ({ readonly kind: "global"; readonly offset: number } & Place)
  | { readonly kind: "function"; readonly function: CompiledFunction };

/** Names, and what they mean. */
export interface Names {
  lookup(name: string): Binding | undefined;
  /** All names that can be seen here, for suggestions. */
  visible(): Iterable<string>;
}

export class Scope implements Names {
  private readonly names = new Map<string, Binding>();
  private readonly outer: Names;

  constructor(outer: Names) {
    this.outer = outer;
  }

  /** @returns false where this very scope has the name already. */
  declare(name: string, binding: Binding): boolean {
    if (this.names.has(name)) return false;
    this.names.set(name, binding);
    return true;
  }

  lookup(name: string): Binding | undefined {
    return this.names.get(name) ?? this.outer.lookup(name);
  }

  *visible(): Generator<string> {
    yield* this.names.keys();
    yield* this.outer.visible();
  }
}

/** The names of a running program as one instruction of a function sees them. */
export function namesAt(program: Names, inFunction: CompiledFunction, pc: number): Names {
  // An inner name comes later, and hides an outer one.
  const locals = new Map<string, Local>();
  for (const local of inFunction.locals) if (pc >= local.from && pc < local.to) locals.set(local.name, local);
  return {
    lookup(name) {
      const local = locals.get(name);
      return local ? bindingOf(local) : program.lookup(name);
    },
    *visible() {
      yield* locals.keys();
      yield* program.visible();
    },
  };
}

function bindingOf(local: Local): Binding {
  switch (local.kind) {
    case "register":
      return { kind: "register", index: local.index };
    case "constant":
      return { kind: "constant", value: local.value };
    case "memory": {
      const { offset, width, size, element } = local;
      return { kind: "memory", offset, width, size, element };
    }
  }
}

/** The names that stand outside of functions: those that are known by now, and those that will be. */
export function programNames(
  constants: ReadonlyMap<string, Integer>,
  globals: ReadonlyMap<string, Global>,
  functions: ReadonlyMap<string, CompiledFunction>,
): Names {
  return {
    lookup(name) {
      const value = constants.get(name);
      if (value !== undefined) return { kind: "constant", value };
      const global = globals.get(name);
      if (global) {
        const { offset, width, size, element } = global;
        return { kind: "global", offset, width, size, element };
      }
      const compiled = functions.get(name);
      return compiled && { kind: "function", function: compiled };
    },
    *visible() {
      yield* constants.keys();
      yield* globals.keys();
      yield* functions.keys();
    },
  };
}
