// What can be typed in a program, with a line on each, as plain data for whoever offers it.
import { BUILTINS, signatureOf } from "./builtins.ts";
import { UNITS } from "./units.ts";
import { PREDEFINED } from "./words.ts";

export interface Completion {
  readonly name: string;
  readonly kind: "keyword" | "function" | "variable" | "constant" | "unit";
  /** What follows the name in a list: a function's arguments. */
  readonly detail?: string;
  /** In a sentence. */
  readonly doc?: string;
  /** What is inserted, with <places> to fill in and <> where the cursor ends, where that is more than the name. */
  readonly snippet?: string;
}

const KEYWORDS: readonly (readonly [name: string, doc: string, snippet?: string])[] = [
  ["fn", "A function; the program begins with main.", "fn <main>() {\n\t<>\n}"],
  ["global", "A variable in the program's data: u8 to u64, or an array of so many bytes.", "global <name>: <4 pages>"],
  ["const", "A name for a number.", "const <NAME> = <1>"],
  ["seed", "Where random numbers begin: the same seed, the same run.", "seed <42>"],
  ["let", "A name for a value, in a register: writing it writes no memory.", "let <name> = <0>"],
  ["var", "A variable on the stack: writing it writes the stack's page.", "var <name> = <0>"],
  ["store", "Writes one byte.", "store <address>, <value>"],
  ["store16", "Writes 2 bytes.", "store16 <address>, <value>"],
  ["store32", "Writes 4 bytes.", "store32 <address>, <value>"],
  ["store64", "Writes 8 bytes.", "store64 <address>, <value>"],
  ["fill", "Writes the same byte many times, as memset does.", "fill <address>, <length>, <value>"],
  ["copy", "Copies memory, as memmove does.", "copy <to>, <from>, <length>"],
  ["for", "Counts from the first value up to, but without, the last.", "for <i> in <0>..<10> {\n\t<>\n}"],
  ["while", "Repeats while the condition holds.", "while <condition> {\n\t<>\n}"],
  ["loop", "Repeats until break, return or exit.", "loop {\n\t<>\n}"],
  ["if", "Runs the block if the condition holds.", "if <condition> {\n\t<>\n}"],
  ["else", "Runs where the condition does not hold."],
  ["break", "Leaves the loop."],
  ["continue", "Goes on with the loop's next round."],
  ["return", "Leaves the function, with a value."],
  ["exit", "Ends the process with a code."],
  ["exec", "Replaces the process by a fresh one that begins with this function.", "exec <main>()"],
  ["spawn", "Begins a thread, and gives its number.", "spawn <worker>()"],
  ["join", "Waits for a thread; gives what its function returned."],
  ["fork", "A child process runs the block; gives its number.", "fork {\n\t<>\n}"],
  ["wait", "Waits for a child process; gives its exit code."],
  ["yield", "Lets other threads run."],
  ["try", "Before a system call: its failure is its value, -errno, and does not end the program."],
  ["expect", "The statement must fail, and with this error or signal.", "expect <EINVAL> <>"],
  ["assert", "Ends the program unless the condition holds.", 'assert <condition>, "<message>"'],
  ["print", "Prints texts and numbers; hex(n) in hexadecimal.", 'print "<text>", <value>'],
  ["sizeof", "How many bytes a variable in memory has.", "sizeof(<name>)"],
];

/** All that the language itself brings along. */
export function languageCompletions(): Completion[] {
  return [
    ...KEYWORDS.map(
      ([name, doc, snippet]): Completion => ({ name, kind: "keyword", doc, ...(snippet ? { snippet } : {}) }),
    ),
    ...[...BUILTINS.values()].map(
      (builtin): Completion => ({
        name: builtin.name,
        kind: "function",
        detail: signatureOf(builtin).slice(builtin.name.length),
        doc: builtin.doc,
      }),
    ),
    ...[...UNITS].map(([name, bytes]): Completion => ({ name, kind: "unit", doc: `${bytes} bytes` })),
    ...[...PREDEFINED].map(([name, value]): Completion => ({ name, kind: "constant", doc: String(value) })),
  ];
}

/** Short words that may stand in the argument being typed: `read`, `shared`, `dontneed`. @param before the line up to the cursor. */
export function argumentWords(before: string): Completion[] {
  const call = openCall(before);
  const builtin = call && BUILTINS.get(call.name);
  const parameter = builtin?.parameters[call?.argument ?? 0];
  return [...(parameter?.words ?? [])].map(
    ([name, value]): Completion => ({ name, kind: "constant", doc: String(value) }),
  );
}

/** Names that a program's text declares, as far as it can be read without understanding it. */
export function declaredNames(source: string): Completion[] {
  const found = new Map<string, Completion>();
  for (const [, word, name] of source.matchAll(/\b(fn|global|const|let|var|for)[ \t]+([A-Za-z_]\w*)/g)) {
    if (!name) continue;
    const kind = word === "fn" ? "function" : word === "const" ? "constant" : "variable";
    found.set(name, { name, kind });
  }
  return [...found.values()];
}

/** The call whose parentheses are open at the end, and which of its arguments is being typed. */
function openCall(before: string): { name: string; argument: number } | undefined {
  let argument = 0;
  let depth = 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const character = before[i];
    if (character === ")") depth += 1;
    else if (character === "(" && depth > 0) depth -= 1;
    else if (character === "(") {
      const name = /([A-Za-z_]\w*)\s*$/.exec(before.slice(0, i))?.[1];
      return name === undefined ? undefined : { name, argument };
    } else if (character === "," && depth === 0) argument += 1;
  }
  return undefined;
}
