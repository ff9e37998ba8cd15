// What the compiler knows while it is in one function: names, registers, where code goes.
import type { Integer } from "../language/integer.ts";
import type { ProblemList, Span } from "../language/problem.ts";
import { suggestion } from "../language/suggest.ts";
import type { Name } from "../language/syntax.ts";
import { PREDEFINED } from "../language/words.ts";
import type { CompiledFunction, Local, Place } from "../run/code.ts";
import type { Emitter, Label } from "./emitter.ts";
import { type Binding, type Names, Scope } from "./scope.ts";

export interface Loop {
  readonly again: Label;
  readonly after: Label;
}

/** Who compiles: the program, a debugger's user who wants something done, or one who only wants to look. */
export type Use = "program" | "debugger" | "look";

export class FunctionContext {
  readonly emitter: Emitter;
  readonly problems: ProblemList;
  readonly function: CompiledFunction;
  readonly use: Use;
  /** The loops around, innermost last; a fork's block is in none. */
  loops: Loop[] = [];
  isInFork = false;
  /** How often what is compiled runs a function of the program, begins a thread or a process, or waits for one. */
  waits = 0;
  private scope: Scope;

  constructor(
    emitter: Emitter,
    problems: ProblemList,
    inFunction: CompiledFunction,
    outside: Names,
    use: Use = "program",
  ) {
    this.emitter = emitter;
    this.problems = problems;
    this.function = inFunction;
    this.use = use;
    this.scope = new Scope(outside);
  }

  lookup(name: string): Binding | undefined {
    const binding = this.scope.lookup(name);
    if (binding) return binding;
    const value = PREDEFINED.get(name);
    return value === undefined ? undefined : { kind: "constant", value };
  }

  /** Every name that could have been meant here. */
  *names(): Generator<string> {
    yield* this.scope.visible();
    yield* PREDEFINED.keys();
  }

  suggest(name: string, more: Iterable<string> = []): string {
    // To look through all names for each of thousands that are wrong would take minutes, and nobody would see it.
    if (this.problems.isFull) return "";
    return suggestion(name, [...this.names(), ...more]);
  }

  /** Whether a debugger's user may not have this; then it is reported. */
  refuseToDebugger(what: string, span: Span): boolean {
    if (this.use !== "program") this.problems.report(`${what} is the program's to do, not the debugger's`, span);
    return this.use !== "program";
  }

  newRegister(): number {
    this.function.registerCount += 1;
    return this.function.registerCount - 1;
  }

  declareRegister(name: Name, index: number): void {
    this.bind(name, { kind: "register", index });
  }

  declareConstant(name: Name, value: Integer): void {
    this.bind(name, { kind: "constant", value });
  }

  /** @returns how far below the frame's base the variable lies. */
  declareMemory(name: Name, place: Place): number {
    const alignment = place.width === 0 ? 16 : place.width;
    const end = this.function.frameBytes + place.size;
    this.function.frameBytes = Math.ceil(end / alignment) * alignment;
    const offset = this.function.frameBytes;
    this.bind(name, { kind: "memory", offset, ...place });
    return offset;
  }

  /** Runs `compile` with names of its own. */
  inner(compile: () => void): void {
    const outside = this.scope;
    const first = this.function.locals.length;
    this.scope = new Scope(outside);
    compile();
    this.scope = outside;
    for (const local of this.function.locals.slice(first)) {
      if (local.to === Infinity) local.to = this.emitter.here;
    }
  }

  private bind(name: Name, binding: Exclude<Binding, { kind: "global" | "function" }>): void {
    if (!this.scope.declare(name.text, binding)) {
      this.problems.report(`"${name.text}" is declared here already`, name.span);
    }
    const local: Local = { name: name.text, from: this.emitter.here, to: Infinity, ...binding };
    this.function.locals.push(local);
  }
}
