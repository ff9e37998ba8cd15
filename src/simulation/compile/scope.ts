// What names mean at a place in a program.
import type { Integer } from "../language/integer.ts";
import type { CompiledFunction, Global, Local, Place } from "../run/code.ts";

export type Binding =
  | { readonly kind: "constant"; readonly value: Integer }
  | { readonly kind: "register"; readonly index: number }
  | ({ readonly kind: "memory"; readonly offset: number } & Place)
  | ({ readonly kind: "global"; readonly offset: number } & Place)
  | { readonly kind: "function"; readonly function: CompiledFunction };

export class Scope {
  private readonly names = new Map<string, Binding>();
  private readonly outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.outer = outer;
  }

  /** @returns false where this very scope has the name already. */
  declare(name: string, binding: Binding): boolean {
    if (this.names.has(name)) return false;
    this.names.set(name, binding);
    return true;
  }

  lookup(name: string): Binding | undefined {
    for (let scope: Scope | undefined = this; scope; scope = scope.outer) {
      const binding = scope.names.get(name);
      if (binding) return binding;
    }
    return undefined;
  }

  /** All names that can be seen here, for suggestions. */
  *visible(): Generator<string> {
    for (let scope: Scope | undefined = this; scope; scope = scope.outer) yield* scope.names.keys();
  }
}

/** The names of a running program as one instruction of a function sees them. */
export function scopeAt(program: Scope, inFunction: CompiledFunction, pc: number): Scope {
  let scope = program;
  for (const local of inFunction.locals) {
    if (pc < local.from || pc >= local.to) continue;
    // Each in a scope of its own: an inner name may be an outer one's.
    scope = new Scope(scope);
    scope.declare(local.name, bindingOf(local));
  }
  return scope;
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

/** The names that stand outside of functions. */
export function programScope(
  constants: ReadonlyMap<string, Integer>,
  globals: ReadonlyMap<string, Global>,
  functions: ReadonlyMap<string, CompiledFunction>,
): Scope {
  const scope = new Scope();
  for (const [name, value] of constants) scope.declare(name, { kind: "constant", value });
  for (const [name, { offset, width, size, element }] of globals) {
    scope.declare(name, { kind: "global", offset, width, size, element });
  }
  for (const [name, compiled] of functions) scope.declare(name, { kind: "function", function: compiled });
  return scope;
}
