// Python run by gdb, and its answer found in what gdb prints: among the program's own words, perhaps.

/**
 * What marks an answer. Random, and new for each: the program writes to the same place, and could write an answer of its own
 * (the number of another process, say) if it knew the mark.
 */
export function newMark(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `writewatch-${[...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * One command for gdb, whose command `python` takes one line only; the script travels in base64.
 * @param script answers by calling print_result(number).
 */
export function pythonCommand(mark: string, script: string): string {
  const whole = `def print_result(value):\n    print("${mark} = %d" % int(value))\ntry:\n${indent(script)}\nexcept Exception as error:\n    print("${mark} failed: %s" % error)\n`;
  // No double quotes: cdt-gdb-adapter puts the whole command between some.
  return `python import base64; exec(base64.b64decode('${btoa(whole)}').decode(), {'gdb': gdb})`;
}

/**
 * Finds the marked answer in what gdb printed.
 * @returns undefined while it has not come yet.
 * @throws {Error} where the script failed, with gdb's words.
 */
export function parseMarked(mark: string, printed: string): number | undefined {
  const failure = new RegExp(`${mark} failed: (.*)`).exec(printed);
  if (failure) throw new Error(`gdb could not run a system call in the program: ${failure[1]}`);
  const answer = new RegExp(`${mark} = (-?\\d+)\\r?\\n`).exec(printed);
  return answer ? Number(answer[1]) : undefined;
}

function indent(script: string): string {
  return script
    .split("\n")
    .map(line => `    ${line}`)
    .join("\n");
}
