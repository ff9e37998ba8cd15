// What the debug console offers while its user types.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { argumentWords, type Completion, languageCompletions } from "../language/completion.ts";
import type { CompiledProgram } from "../run/code.ts";
import type { Place } from "./evaluate.ts";

/** @param before the text up to the cursor. */
export function completionsFor(
  program: CompiledProgram,
  { frame, pc }: Place,
  before: string,
): DebugProtocol.CompletionItem[] {
  const word = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? "";
  const locals = frame.function.locals.filter(({ from, to }) => pc >= from && pc < to).map(({ name }) => name);
  const own = [...locals, ...program.globals.keys(), ...program.constants.keys()];
  const offered: Completion[] = [
    ...own.map((name): Completion => ({ name, kind: "variable" })),
    ...[...program.functions.keys()].map((name): Completion => ({ name, kind: "function" })),
    ...argumentWords(before),
    ...languageCompletions(),
  ];
  return offered
    .filter(({ name }) => name.startsWith(word))
    .map(({ name, kind, detail, doc }) => ({
      label: name,
      type: kind === "unit" ? "unit" : kind === "constant" ? "value" : kind,
      ...((detail ?? doc) ? { detail: detail ?? doc ?? "" } : {}),
    }));
}
