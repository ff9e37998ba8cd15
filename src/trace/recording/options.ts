// The recording command's arguments.
import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";

export const RECORDING_USAGE = `Usage: npm run --silent recording -- FILE who EXPRESSION|0xADDRESS[+LENGTH] [--json]
       npm run --silent recording -- FILE step N [--json]
       npm run --silent recording -- FILE at N 0xADDRESS[+LENGTH]|EXPRESSION [--json]
       npm run --silent recording -- FILE steps [--json]
       npm run --silent recording -- FILE report OUT.html [--json]

Answers questions about a recording (.writewatch); no process stands behind it.

  who       the steps that wrote these bytes, newest first. An EXPRESSION is the name of a global variable that some
            step changed: counters, counters+68 (its byte 68), counters+68+4 (four bytes from there on)
  step      what step N changed
  at        the bytes as they were when step N ended; 0 for when the memory was armed
  steps     all steps, oldest first
  report    writes the recording as one HTML page that needs nothing else
  --json    print JSON Lines instead of text
`;

export type Question =
  | { readonly ask: "who"; readonly what: string }
  | { readonly ask: "step"; readonly step: number }
  | { readonly ask: "at"; readonly step: number; readonly what: string }
  | { readonly ask: "steps" }
  | { readonly ask: "report"; readonly target: string };

export interface RecordingOptions {
  readonly file: string;
  readonly question: Question;
  readonly json: boolean;
}

/** @throws {UsageError} */
export function parseRecordingOptions(argv: readonly string[]): RecordingOptions | "help" {
  const { values, positionals } = parse(argv);
  if (values.help) return "help";
  const [file, ask, ...rest] = positionals;
  if (file === undefined) throw new UsageError("The recording's FILE is missing.");
  return { file, question: questionOf(ask, rest), json: values.json ?? false };
}

function questionOf(ask: string | undefined, rest: readonly string[]): Question {
  const take = (...wanted: readonly string[]): readonly string[] => {
    if (rest.length < wanted.length) throw new UsageError(`${ask} needs ${wanted.slice(rest.length).join(" and ")}.`);
    if (rest.length > wanted.length) throw new UsageError(`${ask} takes no ${rest.slice(wanted.length).join(" ")}.`);
    return rest;
  };
  switch (ask) {
    case "who":
      return { ask, what: take("an EXPRESSION or 0xADDRESS+LENGTH")[0] };
    case "step":
      return { ask, step: stepNumber(take("a step's number")[0]) };
    case "at": {
      const [step, what] = take("a step's number", "0xADDRESS+LENGTH");
      return { ask, step: stepNumber(step), what };
    }
    case "steps":
      take();
      return { ask };
    case "report":
      return { ask, target: take("OUT.html")[0] };
    default:
      throw new UsageError(
        ask === undefined
          ? "What to ask is missing: who, step, at, steps or report."
          : `There is no question '${ask}'.`,
      );
  }
}

function stepNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) throw new UsageError(`'${text}' is no step's number.`);
  return number;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
