// Brings the arguments of a call into the order of the parameters, and fills in what was left out.
import { type Builtin, type Parameter, signatureOf } from "../language/builtins.ts";
import type { Span } from "../language/problem.ts";
import type { Argument, Call } from "../language/syntax.ts";
import type { FunctionContext } from "./context.ts";
import { compileBefore, constantValue, suspends, type Value } from "./expression.ts";

export interface MatchedArguments {
  /** The text among them; no function takes two. */
  readonly text: string;
  readonly values: readonly Value[];
}

/** @returns undefined where the call is wrong; what is wrong is reported. */
export function matchArguments(context: FunctionContext, call: Call, builtin: Builtin): MatchedArguments | undefined {
  const given = inOrder(context, call, builtin);
  if (!given) return undefined;
  let text = "";
  const values: Value[] = [];
  const lastWaiting = given.findLastIndex(argument => argument !== undefined && suspends(context, argument.value));
  const { parameters } = builtin;
  for (let i = 0; i < Math.max(parameters.length, given.length); i += 1) {
    const parameter = parameterAt(parameters, i);
    const value = given[i]?.value;
    if (parameter?.kind === "text") {
      if (value?.kind !== "text") {
        const span = value?.span ?? call.span;
        context.problems.report(`${parameter.name} is a text in quotes: ${signatureOf(builtin)}`, span);
        return undefined;
      }
      text = value.value;
    } else if (value) {
      values.push(compileBefore(context, value, i < lastWaiting, parameter?.words));
    } else if (parameter?.fallback !== undefined) {
      values.push(constantValue(parameter.fallback));
    }
  }
  return { text, values };
}

function parameterAt(parameters: readonly Parameter[], index: number): Parameter | undefined {
  return parameters[index] ?? (parameters.at(-1)?.isRest ? parameters.at(-1) : undefined);
}

function inOrder(context: FunctionContext, call: Call, builtin: Builtin): (Argument | undefined)[] | undefined {
  const { parameters } = builtin;
  const signature = signatureOf(builtin);
  const ordered: (Argument | undefined)[] = [];
  let isWrong = false;
  const complain = (message: string, span: Span): void => {
    context.problems.report(message, span);
    isWrong = true;
  };
  call.arguments.forEach((argument, i) => {
    const { name, value } = argument;
    const index = name ? parameters.findIndex(parameter => parameter.name === name.text && !parameter.isRest) : i;
    if (name && index < 0) complain(`${builtin.name} has no argument "${name.text}": ${signature}`, name.span);
    else if (!parameterAt(parameters, index)) complain(`too many arguments: ${signature}`, value.span);
    else if (ordered[index]) complain(`"${parameterAt(parameters, index)?.name}" is given twice`, value.span);
    else ordered[index] = argument;
  });
  parameters.forEach((parameter, i) => {
    if (ordered[i] || parameter.fallback !== undefined || parameter.isRest) return;
    complain(`${parameter.name} is missing: ${signature}`, call.span);
  });
  return isWrong ? undefined : ordered;
}
