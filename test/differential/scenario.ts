// Programs as text, an operation a line: what a divergence is reported as, and what the scenario files hold.
import { CALL_NAMES, CALLS, type CallName, type Operation, type Program } from "./operation.ts";
import { formatWord, parseWord } from "./words-of-text.ts";

export interface Scenario {
  /** The first comment line: what the scenario shows. */
  readonly title: string;
  /** From a comment line "not 6.12: reason": why the simulator does not do as that kernel here, by the kernel's profile. */
  readonly exceptions: Readonly<Record<string, string>>;
  readonly program: Program;
}

/**
 * "1: mmap address=@0 length=4p …"; the performing process stands first unless it is the first one, and "1b:" is its second thread.
 */
export function formatOperation({ process, bySecond, call, args }: Operation): string {
  const parts = CALLS[call].map(({ name, kind }, i) => `${name}=${formatWord(kind, args[i] ?? 0n)}`);
  const who = bySecond ? [`${process}b:`] : process === 0 ? [] : [`${process}:`];
  return [...who, call, ...parts].join(" ");
}

export function formatScenario({ title, program }: Pick<Scenario, "title" | "program">): string {
  return `${[`# ${title}`, ...program.map(formatOperation)].join("\n")}\n`;
}

/** @throws with the line that cannot be read. */
export function parseScenario(text: string): Scenario {
  const lines = text.split("\n").map(line => line.trim());
  const title =
    lines
      .find(line => line.startsWith("#"))
      ?.slice(1)
      .trim() ?? "untitled";
  const program = lines.filter(line => line !== "" && !line.startsWith("#")).map(parseOperation);
  const exceptions = Object.fromEntries(
    [...text.matchAll(/^# not (\S+): (.+)$/gm)].map(([, kernel, why]) => [kernel, why]),
  );
  return { title, exceptions, program };
}

function parseOperation(line: string): Operation {
  const words = line.split(/\s+/);
  const who = /^\d+b?:$/.test(words[0] ?? "") ? (words.shift() ?? "") : "0:";
  const process = Number.parseInt(who, 10);
  const second = who.endsWith("b:") ? { bySecond: true } : {};
  const call = words.shift() as CallName;
  if (!CALL_NAMES.includes(call)) throw new Error(`no call ${call} in '${line}'`);
  const given = new Map(words.map(word => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]));
  const parameters: readonly { name: string; kind: Parameters<typeof parseWord>[0] }[] = CALLS[call];
  for (const name of given.keys()) {
    if (!parameters.some(parameter => parameter.name === name)) throw new Error(`${call} has no ${name}: '${line}'`);
  }
  const args = parameters.map(({ name, kind }) => {
    const text = given.get(name);
    if (text === undefined) throw new Error(`${name} is missing in '${line}'`);
    return parseWord(kind, text);
  });
  return { process, ...second, call, args };
}
