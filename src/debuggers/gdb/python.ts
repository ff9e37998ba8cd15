// What gdb is told, in its Python, to run one system call in the debuggee; the same for every adapter that speaks to gdb.

/** A script that hands the debuggee's PID to print_result(). */
export const processIdScript = "print_result(gdb.selected_inferior().pid)";

/**
 * What is called: `long call(long number, long a1, … long a6)`, by the C calling convention.
 * Libc's own `syscall` is missing from many static programs, and leaves a refusal in the program's errno.
 */
const STUB = [
  "4889f8", // mov %rdi, %rax
  "4889f7", // mov %rsi, %rdi
  "4889d6", // mov %rdx, %rsi
  "4889ca", // mov %rcx, %rdx
  "4d89c2", // mov %r8, %r10
  "4d89c8", // mov %r9, %r8
  "4c8b4c2408", // mov 8(%rsp), %r9
  "0f05", // syscall
  "c3", // ret
].join("");

/**
 * A script that runs a system call of up to six arguments and hands the kernel's return value to print_result().
 *
 * It stands for a moment where the program began, in code that never runs again, and is called as gdb calls any function: gdb
 * spares the red zone, lets signal handlers run to their end, brings every register back and tells its client of no stop.
 * The other threads stand still, or they would run the program on (and into its breakpoints) meanwhile.
 */
export function gdbSystemCall(number: number, args: readonly number[]): string {
  const numbers = [number, ...args, ...Array<number>(6).fill(0)].slice(0, 7);
  return `
inferior = gdb.selected_inferior()
auxv = gdb.execute("info auxv", to_string=True)
entry = next((int(line.split()[-1], 0) for line in auxv.splitlines() if "AT_ENTRY" in line), None)
if entry is None:
    raise gdb.error("its auxiliary vector does not tell where it began")
stub = bytes.fromhex("${STUB}")
# The first bytes are gdb's: a call's return stops there.
place = entry + 16
settings = {"scheduler-locking": "on", "unwindonsignal": "on", "language": "c"}
def put(name, value):
    gdb.execute("set %s %s" % (name, {True: "on", False: "off"}.get(value, value)), to_string=True)
before = {name: gdb.parameter(name) for name in settings}
code = bytes(inferior.read_memory(place, len(stub)))
try:
    for name, value in settings.items():
        put(name, value)
    inferior.write_memory(place, stub)
    call = "((long (*)(long, long, long, long, long, long, long)) %dUL)(%s)"
    result = int(gdb.parse_and_eval(call % (place, ", ".join("%dL" % n for n in [${numbers.join(", ")}]))))
finally:
    inferior.write_memory(place, code)
    for name, value in before.items():
        put(name, value)
print_result(result)
`.trim();
}

/**
 * Finds the marked answer in what gdb printed.
 * @returns undefined while it has not come yet.
 * @throws {Error} where the script failed, with gdb's words.
 */
export function parseMarked(mark: string, printed: string): number | undefined {
  const failure = new RegExp(`${mark} failed: (.*)`).exec(printed);
  if (failure) throw new Error(`gdb could not run a system call in the program: ${failure[1]}`);
  const answer = new RegExp(`${mark} = (-?\\d+)\\n`).exec(printed);
  return answer ? Number(answer[1]) : undefined;
}

/** One line for gdb's command `python`, which takes no more; the script travels in base64. */
export function pythonCommand(mark: string, script: string): string {
  const whole = `def print_result(value):\n    print("${mark} = %d" % int(value))\ntry:\n${indent(script)}\nexcept Exception as error:\n    print("${mark} failed: %s" % error)\n`;
  // No double quotes: cdt-gdb-adapter puts the whole command between some.
  return `python import base64; exec(base64.b64decode('${btoa(whole)}').decode(), {'gdb': gdb})`;
}

function indent(script: string): string {
  return script
    .split("\n")
    .map(line => `    ${line}`)
    .join("\n");
}
