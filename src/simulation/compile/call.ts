// Compiles calls: of the program's functions, and of those every program has.

import { errnoName } from "../../kernel/errno.ts";
import { INTERRUPTED, WAITS } from "../../kernel/simulated/system-calls.ts";
import { BUILTINS, type Builtin } from "../language/builtins.ts";
import type { Integer } from "../language/integer.ts";
import type { Call, Width } from "../language/syntax.ts";
import { IMPLEMENTATIONS, INSTRUCTIONS } from "../run/builtins.ts";
import {
  BLOCKED,
  CallFailure,
  type CompiledFunction,
  type Compute,
  type ProgramThread,
  type Registers,
} from "../run/code.ts";
import { matchArguments } from "./arguments.ts";
import type { FunctionContext } from "./context.ts";
import { compileAll, constantValue, elementOf, NO_VALUE, refuse, type Value } from "./expression.ts";

/** Loads are compiled without a detour: programs do little else. */
const LOADS: ReadonlyMap<string, Width> = new Map([
  ["load", 1],
  ["load8", 1],
  ["load16", 2],
  ["load32", 4],
  ["load64", 8],
]);

/** @param tries whether the call's failure is a value like any other. */
export function compileCall(context: FunctionContext, call: Call, tries: boolean): Value {
  const { text, span } = call.callee;
  const binding = context.lookup(text);
  if (binding?.kind === "function") {
    if (tries) return refuse(context, `try stands before system calls; "${text}" is a function of the program`, span);
    return compileFunctionCall(context, call, binding.function);
  }
  if (text === "sizeof") return sizeOf(context, call);
  if (text === "hex") return refuse(context, "hex(…) shows a number in print, as an item of its own", span);
  const builtin = BUILTINS.get(text);
  if (!builtin) {
    if (binding) return refuse(context, `"${text}" is no function`, span);
    return refuse(
      context,
      `there is no function "${text}"${context.suggest(text, [...BUILTINS.keys(), "sizeof"])}`,
      span,
    );
  }
  if (tries && !builtin.isSystemCall) return refuse(context, `"${text}" is no system call; it can't fail`, span);
  if (context.use === "look" && !builtin.isPure) {
    return refuse(context, `"${text}" is not called just to look; type it in the debug console`, span);
  }
  return compileBuiltinCall(context, call, builtin, tries);
}

/** The function and the computations of its arguments, where the call is right. */
export function compileCallee(
  context: FunctionContext,
  call: Call,
  after: string,
): { callee: CompiledFunction; values: Value[] } | undefined {
  const { text, span } = call.callee;
  const binding = context.lookup(text);
  if (binding?.kind !== "function") {
    const hint = binding || BUILTINS.has(text) ? "" : context.suggest(text);
    context.problems.report(`${after} takes a function of the program, which "${text}" is not${hint}`, span);
    return undefined;
  }
  return { callee: binding.function, values: functionArguments(context, call, binding.function) };
}

function functionArguments(context: FunctionContext, call: Call, callee: CompiledFunction): Value[] {
  const { parameters, name } = callee;
  const given = call.arguments.length;
  if (given !== parameters.length) {
    const takes = parameters.length === 1 ? "1 argument" : `${parameters.length} arguments`;
    context.problems.report(`${name}(${parameters.join(", ")}) takes ${takes}, not ${given}`, call.span);
  }
  for (const { name: named } of call.arguments) {
    if (named) context.problems.report("only the functions every program has take arguments by name", named.span);
  }
  return compileAll(
    context,
    call.arguments.map(({ value }) => value),
  );
}

/** Computes a new frame's registers. */
export function frameRegisters(
  callee: CompiledFunction,
  values: readonly Value[],
): (r: Registers, t: ProgramThread) => Registers {
  const computes = values.map(({ compute }) => compute);
  return (r, t) => {
    const registers: Registers = new Array(callee.registerCount).fill(0);
    for (let i = 0; i < computes.length; i += 1) registers[i] = (computes[i] as Compute)(r, t);
    return registers;
  };
}

function compileFunctionCall(context: FunctionContext, call: Call, callee: CompiledFunction): Value {
  if (context.use === "look") {
    return refuse(context, `"${callee.name}" is not called just to look; type it in the debug console`, call.span);
  }
  const registers = frameRegisters(callee, functionArguments(context, call, callee));
  context.waits += 1;
  const result = context.newRegister();
  context.emitter.emit(next => (r, t) => {
    t.enter(callee, registers(r, t), next, result);
    return callee.entry;
  });
  return { compute: r => r[result] ?? 0 };
}

function compileBuiltinCall(context: FunctionContext, call: Call, builtin: Builtin, tries: boolean): Value {
  const matched = matchArguments(context, call, builtin);
  if (!matched) return NO_VALUE;
  const { text, values } = matched;
  const width = LOADS.get(builtin.name);
  if (width !== undefined && values[0]) {
    const address = values[0].compute;
    return { compute: (r, t) => t.load(address(r, t), width) };
  }
  const run = IMPLEMENTATIONS[builtin.name];
  if (!run) throw new Error(`nothing runs the builtin ${builtin.name}`);
  const computes = values.map(({ compute }) => compute);
  const valuesOf = (r: Registers, t: ProgramThread): Integer[] => {
    const given: Integer[] = [];
    for (const argument of computes) given.push(argument(r, t));
    return given;
  };
  // To a debugger a bare system call answers as the kernel does.
  const isBare = context.use === "debugger" && builtin.name === "syscall";
  const mayFail = !builtin.isSystemCall || tries || isBare;
  const checked = (result: Integer): Integer => {
    if (mayFail || result >= 0) return result;
    throw new CallFailure(builtin.name, -Number(result), errnoName(-Number(result)), true);
  };
  if (!INSTRUCTIONS.has(builtin.name)) return { compute: (r, t) => checked(run(t, valuesOf(r, t), text)) };
  const register = context.newRegister();
  context.emitter.emit(next => (r, t) => {
    t.interrupted ??= { values: valuesOf(r, t), done: 0 };
    const result = runInterruptible(t, () => run(t, t.interrupted?.values ?? [], text));
    if (result === INTERRUPTED) return next - 1;
    if (result === WAITS) return BLOCKED;
    r[register] = checked(result);
    return next;
  });
  return { compute: r => r[register] ?? 0 };
}

/** However a call ends, but for its being interrupted or waiting, the thread has no call under way afterwards. */
function runInterruptible(thread: ProgramThread, run: () => Integer): Integer {
  let result: Integer | undefined;
  try {
    result = run();
    return result;
  } finally {
    if (result !== INTERRUPTED && result !== WAITS) thread.interrupted = undefined;
  }
}

/** `sizeof(name)`, `sizeof(name[index])`: known when compiling. */
function sizeOf(context: FunctionContext, call: Call): Value {
  const [argument] = call.arguments;
  if (call.arguments.length === 1 && argument?.value.kind === "index") {
    return constantValue(elementOf(context, argument.value.base));
  }
  if (call.arguments.length !== 1 || argument?.value.kind !== "name") {
    return refuse(context, "sizeof takes the name of a variable in memory", call.span);
  }
  const { name, span } = argument.value;
  const binding = context.lookup(name);
  if (binding?.kind === "memory" || binding?.kind === "global") return constantValue(binding.size);
  if (!binding) return refuse(context, `nothing is called "${name}"${context.suggest(name)}`, span);
  return refuse(context, `"${name}" is not in memory; declare it by var or global to give it a size`, span);
}
