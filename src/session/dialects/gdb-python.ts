// What gdb is told, in its Python, to run one system call in the debuggee; the same for every adapter that speaks to gdb.

/** A script that hands the debuggee's PID to print_result(). */
export const processIdScript = "print_result(gdb.selected_inferior().pid)";

/**
 * A script that runs a system call and hands the kernel's return value to print_result().
 *
 * Where the program has libc's `syscall`, gdb calls it (and steps over the red zone as for any call). It answers -1 with errno
 * set, so errno is read from where libc keeps it. A static program without the symbol gets its registers set at a `syscall`
 * instruction of the vDSO, is stepped over it and gets its registers back.
 */
export function gdbSystemCall(number: number, args: readonly number[]): string {
  return `
numbers = [${[number, ...args].join(", ")}]
def by_libc():
    call = "((long (*)(long, ...)) syscall)(" + ", ".join("%dL" % n for n in numbers) + ")"
    result = int(gdb.parse_and_eval(call))
    if result != -1:
        return result
    return -int(gdb.parse_and_eval("*((int *(*)(void)) __errno_location)()"))
def by_registers():
    text = gdb.execute("info auxv", to_string=True)
    vdso = next(int(line.split()[-1], 0) for line in text.splitlines() if "AT_SYSINFO_EHDR" in line)
    memory = bytes(gdb.selected_inferior().read_memory(vdso, 4096))
    at = vdso + memory.index(b"\\x0f\\x05")
    names = ["rax", "rdi", "rsi", "rdx", "r10", "r8", "r9"][:len(numbers)]
    # Not by a cast: the flags register has a type of its own.
    saved = {name: int(gdb.execute("output/d $" + name, to_string=True)) for name in names + ["rcx", "r11", "rip", "eflags", "orig_rax"]}
    def put(name, value):
        gdb.execute("set var $%s = %d" % (name, value), to_string=True)
    try:
        for name, value in zip(names, numbers):
            put(name, value)
        put("orig_rax", -1)
        put("rip", at)
        gdb.execute("stepi", to_string=True)
        return int(gdb.parse_and_eval("(long) $rax"))
    finally:
        for name, value in saved.items():
            put(name, value)
try:
    gdb.parse_and_eval("(long) syscall")
    has_libc = True
except gdb.error:
    has_libc = False
print_result(by_libc() if has_libc else by_registers())
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
  return `python import base64; exec(base64.b64decode('${Buffer.from(whole).toString("base64")}').decode(), {'gdb': gdb})`;
}

function indent(script: string): string {
  return script
    .split("\n")
    .map(line => `    ${line}`)
    .join("\n");
}
