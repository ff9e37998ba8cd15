// What a system call leaves behind in the program it was run in: nothing. Registers, memory, mappings, waits: all as they were.
import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findAdapter } from "../../src/trace/adapters.ts";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { SystemCalls } from "./system-calls.ts";

const CLOSE = 3;
const GETPID = 39;
const USERFAULTFD = 323;
const CLOEXEC_NONBLOCK_USER_MODE_ONLY = 0x80801;

/** Fills every register, flags and the red zone; stands at `stopped`; and tells whether any of it has changed. */
const FILLED = `#include <stdint.h>
uint64_t after[16], flags, zone[3], saved_rsp;
uint64_t vectors[8];
void fill(void);
__asm__(
  ".text\\n fill:\\n push %rbp\\n push %rbx\\n push %r12\\n push %r13\\n push %r14\\n push %r15\\n mov %rsp, saved_rsp(%rip)\\n"
  "mov $0x1111, %rax\\n mov $0x2222, %rbx\\n mov $0x3333, %rcx\\n mov $0x4444, %rdx\\n mov $0x5555, %rsi\\n mov $0x6666, %rdi\\n"
  "mov $0x7777, %rbp\\n mov $0x8888, %r8\\n mov $0x9999, %r9\\n mov $0xaaaa, %r10\\n mov $0xbbbb, %r11\\n mov $0xcccc, %r12\\n"
  "mov $0xdddd, %r13\\n mov $0xeeee, %r14\\n mov $0xffff, %r15\\n"
  "movq %rax, %xmm0\\n movq %rbx, %xmm1\\n movq %rcx, %xmm7\\n movq %r15, %xmm15\\n"
  "mov %rax, -8(%rsp)\\n mov %rbx, -64(%rsp)\\n mov %rcx, -128(%rsp)\\n"
  "stc\\n std\\n"
  ".globl stopped\\n .type stopped, @function\\n stopped: nop\\n nop\\n"
  "mov %rax, after(%rip)\\n mov %rbx, after+8(%rip)\\n mov %rcx, after+16(%rip)\\n mov %rdx, after+24(%rip)\\n"
  "mov %rsi, after+32(%rip)\\n mov %rdi, after+40(%rip)\\n mov %rbp, after+48(%rip)\\n mov %r8, after+56(%rip)\\n"
  "mov %r9, after+64(%rip)\\n mov %r10, after+72(%rip)\\n mov %r11, after+80(%rip)\\n mov %r12, after+88(%rip)\\n"
  "mov %r13, after+96(%rip)\\n mov %r14, after+104(%rip)\\n mov %r15, after+112(%rip)\\n mov %rsp, after+120(%rip)\\n"
  "mov -8(%rsp), %rax\\n mov %rax, zone(%rip)\\n mov -64(%rsp), %rax\\n mov %rax, zone+8(%rip)\\n mov -128(%rsp), %rax\\n mov %rax, zone+16(%rip)\\n"
  "movdqu %xmm0, vectors(%rip)\\n movdqu %xmm1, vectors+16(%rip)\\n movdqu %xmm7, vectors+32(%rip)\\n movdqu %xmm15, vectors+48(%rip)\\n"
  "mov saved_rsp(%rip), %rsp\\n pushfq\\n pop flags(%rip)\\n cld\\n"
  "pop %r15\\n pop %r14\\n pop %r13\\n pop %r12\\n pop %rbx\\n pop %rbp\\n ret\\n");
int main(void) {
  fill();
  for (int i = 0; i < 15; i += 1) if (after[i] != 0x1111u * (i + 1)) return 10 + i;
  if (after[15] != saved_rsp) return 26;
  if ((flags & 0x401) != 0x401) return 27;
  if (zone[0] != 0x1111 || zone[1] != 0x2222 || zone[2] != 0x3333) return 28;
  if (vectors[0] != 0x1111 || vectors[2] != 0x2222 || vectors[4] != 0x3333 || vectors[6] != 0xffff) return 29;
  if (vectors[1] || vectors[3] || vectors[5] || vectors[7]) return 30;
  return 5;
}
`;

/** Sleeps in the kernel, one way or another, in a thread that a pause will find there; tells of EINTR. */
const ASLEEP = `#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
int main(void) {
  int pipes[2];
  if (pipe(pipes)) return 1;
  char byte;
  write(1, "ready\\n", 6);
  if (read(0, &byte, 1) != 1) return 2;
  // Whoever sleeps is woken when the test says so, or by the clock.
  int child = fork();
  if (child == 0) {
    read(0, &byte, 1);
    write(pipes[1], "x", 1);
    _exit(7);
  }
  write(1, "asleep\\n", 7);
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
#if KIND == 0
  if (read(pipes[0], &byte, 1) != 1) return errno == EINTR ? 9 : 8;
#elif KIND == 1
  struct timespec three = {6, 0};
  if (nanosleep(&three, 0)) return errno == EINTR ? 9 : 8;
#elif KIND == 2
  struct pollfd one = {pipes[0], POLLIN, 0};
  if (poll(&one, 1, 60000) != 1) return errno == EINTR ? 9 : 8;
#elif KIND == 3
  int word = 1;
  struct timespec three = {6, 0};
  if (syscall(SYS_futex, &word, FUTEX_WAIT, 1, &three, 0, 0) != -1 || errno != ETIMEDOUT) return errno == EINTR ? 9 : 8;
#else
  int status;
  if (wait(&status) != child || WEXITSTATUS(status) != 7) return errno == EINTR ? 9 : 8;
#endif
  clock_gettime(CLOCK_MONOTONIC, &now);
#if KIND == 1 || KIND == 3
  if (now.tv_sec - start.tv_sec < 5) return 6;
#endif
  return 5;
}
`;

const WAITS = ["read", "nanosleep", "poll with a timeout", "futex with a timeout", "wait"];

/** Every byte that the program could read, by mapping; the clock's pages change by themselves. */
function memory(pid: number): Map<string, Buffer> {
  const contents = new Map<string, Buffer>();
  const file = openSync(`/proc/${pid}/mem`, "r");
  for (const line of readFileSync(`/proc/${pid}/maps`, "latin1").split("\n").filter(Boolean)) {
    const [, start = "", end = "", rights = ""] = /^([0-9a-f]+)-([0-9a-f]+) (....)/.exec(line) ?? [];
    if (!rights.startsWith("r") || /\[v(var|syscall)/.test(line)) continue;
    const bytes = Buffer.alloc(Number.parseInt(end, 16) - Number.parseInt(start, 16));
    readSync(file, bytes, 0, bytes.length, Number.parseInt(start, 16));
    contents.set(line, bytes);
  }
  closeSync(file);
  return contents;
}

/** Addresses of changed bytes. */
function changes(before: Map<string, Buffer>, after: Map<string, Buffer>): number[] {
  const found: number[] = [];
  for (const [line, bytes] of before) {
    const now = after.get(line);
    if (!now || bytes.equals(now)) continue;
    const start = Number.parseInt(line, 16);
    for (let i = 0; i < bytes.length; i += 1) if (bytes[i] !== now[i]) found.push(start + i);
  }
  return found;
}

function descriptors(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).map(fd => `${fd} ${readlinkSync(`/proc/${pid}/fd/${fd}`)}`);
}

for (const name of DEBUGGERS) {
  describe(`A system call through ${name}`, () => {
    let folder: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "writewatch-invisible-"));
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    it("leaves all registers, the flags, vectors and the red zone as the program has filled them", async () => {
      const program = compiledText(FILLED, "call-filled", ["-g", "-O0", "-no-pie", "-fno-pie", "-mno-red-zone"]);
      const calls = await SystemCalls.start(findAdapter(name), program, "stopped", join(folder, "output"));
      try {
        await calls.call(GETPID);
        const descriptor = await calls.call(USERFAULTFD, CLOEXEC_NONBLOCK_USER_MODE_ONLY);
        assert.equal(await calls.call(CLOSE, descriptor), 0);
        assert.deepEqual(await calls.runToEnd(), { kind: "ended", exitCode: 5 });
      } finally {
        await calls.close();
      }
    });

    it("leaves the mappings, the descriptors and every byte of memory as they were, but for the kernel's rseq area", async () => {
      const program = compiledText(
        "static void stopped(void) {}\nint main(void) { stopped(); return 5; }\n",
        "call-plain",
      );
      const calls = await SystemCalls.start(findAdapter(name), program, "stopped", join(folder, "output"));
      try {
        const { client } = calls;
        const pid = Number(readdirSync("/proc").find(entry => commandLine(entry) === `${program}\0`));
        // What the debugger itself does to show a stack is none of the call's.
        await client.request("stackTrace", { threadId: calls.context.threadId, startFrame: 0, levels: 1 });
        const before = { memory: memory(pid), descriptors: descriptors(pid) };
        const descriptor = await calls.call(USERFAULTFD, CLOEXEC_NONBLOCK_USER_MODE_ONLY);
        assert.equal(await calls.call(CLOSE, descriptor), 0);
        const after = { memory: memory(pid), descriptors: descriptors(pid) };
        assert.deepEqual([...after.memory.keys()], [...before.memory.keys()], "mappings");
        assert.deepEqual(after.descriptors, before.descriptors);
        const changed = changes(before.memory, after.memory);
        const areas = new Set(changed.map(address => Math.floor(address / 32)));
        assert.ok(areas.size <= 1, `changed bytes at ${changed.map(address => address.toString(16)).join(" ")}`);
        assert.deepEqual(await calls.runToEnd(), { kind: "ended", exitCode: 5 });
      } finally {
        await calls.close();
      }
    });

    for (const [kind, wait] of WAITS.entries()) {
      it(`in a thread that sleeps in ${wait} does not wake it, and it does not see EINTR`, async () => {
        const program = compiledText(ASLEEP, `call-asleep-${kind}`, ["-g", "-O0", "-pthread", `-DKIND=${kind}`]);
        const calls = await SystemCalls.attach(findAdapter(name), program, join(folder, `asleep-${kind}`));
        try {
          await calls.pause();
          const pid = await calls.call(GETPID);
          await calls.go();
          calls.send("x");
          await calls.pauseAsleep(pid, "asleep");
          const descriptor = await calls.call(USERFAULTFD, CLOEXEC_NONBLOCK_USER_MODE_ONLY);
          assert.equal(await calls.call(CLOSE, descriptor), 0);
          assert.deepEqual(await calls.detach("send"), { code: 5, signal: null });
        } finally {
          await calls.close();
        }
      });
    }
  });
}

function commandLine(entry: string): string {
  try {
    return /^\d+$/.test(entry) ? readFileSync(`/proc/${entry}/cmdline`, "latin1") : "";
  } catch {
    return "";
  }
}
