// What gdb is told, in its Python, to run one system call in the debuggee; the same for every adapter that speaks to gdb.
import { ARGUMENT_REGISTERS, SYSCALL_INSTRUCTION, SYSCALL_LENGTH } from "../registers.ts";

/** A script that hands the debuggee's PID to print_result(). */
export const processIdScript = "print_result(gdb.selected_inferior().pid)";

/** The kernel's order of registers in PTRACE_GETREGS (struct user_regs_struct, x86-64). */
const REGISTERS =
  "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs";

/**
 * A script that runs a system call of up to six arguments and hands the kernel's return value to print_result().
 *
 * gdb's Python runs in gdb's own thread, which is the program's tracer: it may use ptrace past gdb. One thread's registers are
 * set, its signals blocked, one `syscall` instruction that the program already has is stepped, and all is put back. So gdb
 * takes no notice and tells its client of no stop, nothing is written to the program's memory, no other thread runs, and no
 * signal is lost. (A function called by gdb itself needs a breakpoint in the program's code, runs signal handlers, and fails on
 * processors with AMX: "Couldn't write extended state status: Bad address", gdb 13.1.)
 */
export function systemCallScript(number: number, args: readonly number[]): string {
  if (args.length > ARGUMENT_REGISTERS.length) throw new Error(`A system call takes no ${args.length} arguments.`);
  const values = [["rax", number], ...args.map((arg, i) => [ARGUMENT_REGISTERS[i], arg])];
  const set = values.map(([name, value]) => `"${name}": ${value}`).join(", ");
  return `
import ctypes, os, re
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
GETREGS, SETREGS, SINGLESTEP = 12, 13, 9
GETSIGINFO, SETSIGINFO, GETSIGMASK, SETSIGMASK = 0x4202, 0x4203, 0x420A, 0x420B
SIGTRAP, SIGSTOP, TGKILL, WALL = 5, 19, 234, 0x40000000
NAMES = "${REGISTERS}".split()

pid, task, _ = gdb.selected_thread().ptid
task = task or pid

def ask(what, request, address, data):
    if libc.ptrace(request, task, address, data) == -1:
        raise gdb.error("%s of thread %d by ptrace: %s" % (what, task, os.strerror(ctypes.get_errno())))

def registers():
    values = (ctypes.c_ulong * len(NAMES))()
    ask("reading the registers", GETREGS, None, ctypes.addressof(values))
    return values

def set_registers(values):
    ask("setting the registers", SETREGS, None, ctypes.addressof(values))

def instruction():
    mappings = [line.split(None, 5) for line in open("/proc/%d/maps" % pid)]
    code = [(fields[0], "[vdso]" in fields[-1]) for fields in mappings if fields[1].startswith("r-x")]
    with open("/proc/%d/mem" % pid, "rb") as memory:
        for addresses, _ in sorted(code, key=lambda mapping: not mapping[1]):
            start, end = (int(text, 16) for text in addresses.split("-"))
            for chunk in range(start, end, 65536):
                memory.seek(chunk)
                # One byte more: the instruction may lie across the chunk's end.
                found = memory.read(min(65537, end - chunk)).find(bytes.fromhex("${SYSCALL_INSTRUCTION}"))
                if found >= 0:
                    return chunk + found
    raise gdb.error("it has no syscall instruction in any of its mappings, not even a vDSO")

if os.readlink("/proc/%d/exe" % pid) and open("/proc/%d/exe" % pid, "rb").read(5)[4:] != bytes([2]):
    raise gdb.error("only 64-bit programs can be armed")
before = registers()
place = instruction()
signal = (ctypes.c_char * 128)()
# A thread that stands for no signal has none to put back.
had_signal = libc.ptrace(GETSIGINFO, task, None, ctypes.addressof(signal)) == 0
code = int.from_bytes(signal.raw[8:12], "little", signed=True)
# The kernel's codes for its own stops: PTRACE_EVENT_FORK and others in the second byte, or a system call's entry or exit.
if had_signal and signal.raw[0] == SIGTRAP and (code == SIGTRAP | 0x80 or (code > 0 and code >> 8)):
    raise gdb.error("the thread stands inside a system call (a fork, perhaps), which a call would spoil: step once, and arm then")
mask, every = ctypes.c_ulong(), ctypes.c_ulong(2 ** 64 - 1)
ask("reading the signal mask", GETSIGMASK, 8, ctypes.addressof(mask))
# gdb's own, to stop a thread: no mask holds it back, and gdb waits for it.
stops = 0
try:
    ask("setting the signal mask", SETSIGMASK, 8, ctypes.addressof(every))
    changed = type(before)(*before)
    for name, value in {${set}, "rip": place, "orig_rax": -1}.items():
        changed[NAMES.index(name)] = value
    set_registers(changed)
    while True:
        ask("stepping", SINGLESTEP, None, None)
        _, status = os.waitpid(task, WALL)
        if not os.WIFSTOPPED(status):
            raise gdb.error("the program ended in the call")
        if os.WSTOPSIG(status) != SIGSTOP:
            break
        stops += 1
    after = registers()
    if os.WSTOPSIG(status) != SIGTRAP or after[NAMES.index("rip")] != place + ${SYSCALL_LENGTH}:
        raise gdb.error("the thread did not run it: it stopped by signal %d at 0x%x" % (os.WSTOPSIG(status), after[NAMES.index("rip")]))
finally:
    set_registers(before)
    ask("setting the signal mask", SETSIGMASK, 8, ctypes.addressof(mask))
    if had_signal:
        ask("putting the signal back", SETSIGINFO, None, ctypes.addressof(signal))
    for _ in range(stops):
        libc.syscall(TGKILL, pid, task, SIGSTOP)
print_result(ctypes.c_long(after[NAMES.index("rax")]).value)
`.trim();
}
