// A system call works in every kind of program: whatever its names, macros and language, with libc or without.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findAdapter } from "../../src/trace/adapters.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { SystemCalls } from "./system-calls.ts";

const GETPID = 39;
const folder = fileURLToPath(new URL("../../dist/test/", import.meta.url));

/** All names that somebody who writes an expression would use for his own. */
const NAMES = `
#define long short
#define syscall(...) 7
#define __asm__ error
int rax = 1;
static int stopped(int r, int rdi, int rsi, int rdx, int r10, int r8, int r9) {
  int result = 1, number = 2, pid = 3, errno_ = 4, _ = 5, a1 = 6, ret = 7;
  return r + rdi + rsi + rdx + r10 + r8 + r9 + result + number + pid + errno_ + _ + a1 + ret + syscall(1, 2);
}
int main(void) { return stopped(1, 2, 3, 4, 5, 6, 7) + rax - 59; }
`;

const CPLUSPLUS = `
#include <string>
#include <vector>
namespace r { struct rdi { std::vector<int> syscall; }; }
static int stopped(const r::rdi& rdi, const std::string& r) { return static_cast<int>(rdi.syscall.size() + r.size()); }
int main() { return stopped(r::rdi{{1, 2, 3}}, "ab"); }
`;

/** No libc, no debug information, no start-up code. */
const BARE = `
.globl _start, stopped
.type stopped, @function
_start: call stopped
  mov $60, %eax
  mov $5, %edi
  syscall
stopped: nop
  ret
`;

interface Kind {
  readonly compiler: string;
  readonly source: string;
  readonly suffix: string;
  readonly flags: readonly string[];
}

const c = (...flags: string[]): Kind => ({ compiler: "gcc", source: NAMES, suffix: "c", flags: ["-g3", ...flags] });
const cpp = (...flags: string[]): Kind => ({
  compiler: "g++",
  source: CPLUSPLUS,
  suffix: "cc",
  flags: ["-g3", ...flags],
});

const KINDS: Readonly<Record<string, Kind>> = {
  "C with awkward names, position-independent": c("-pie", "-fPIE"),
  "C with awkward names, at a fixed address": c("-no-pie"),
  "C with awkward names, static": c("-static"),
  "C with awkward names, optimized": c("-O2", "-fno-inline"),
  "C++, position-independent": cpp("-pie", "-fPIE"),
  "C++, at a fixed address": cpp("-no-pie"),
  "C++, static": cpp("-static"),
  "assembly, without libc": { compiler: "gcc", source: BARE, suffix: "s", flags: ["-nostdlib", "-static"] },
};

for (const name of DEBUGGERS) {
  describe(`A system call through ${name} in a program of`, () => {
    let output: string;

    before(() => {
      mkdirSync(folder, { recursive: true });
      output = mkdtempSync(join(tmpdir(), "writewatch-programs-"));
    });

    after(() => rmSync(output, { recursive: true, force: true }));

    for (const [i, [kind, { compiler, source, suffix, flags }]] of Object.entries(KINDS).entries()) {
      it(`${kind}, works`, async () => {
        const program = join(folder, `call-program-${i}`);
        const file = `${program}.${suffix}`;
        writeFileSync(file, source);
        execFileSync(compiler, [...flags, "-o", program, file]);
        const calls = await SystemCalls.start(findAdapter(name), program, "stopped", join(output, "output"));
        try {
          const pid = await calls.call(GETPID);
          assert.equal(readlinkSync(`/proc/${pid}/exe`), program);
          assert.equal(await calls.call(GETPID), pid);
          assert.deepEqual(await calls.runToEnd(), { kind: "ended", exitCode: 5 });
        } finally {
          await calls.close();
        }
      });
    }
  });
}

describe("A program that prints what gdb would answer", () => {
  it("is not believed", async () => {
    const program = join(folder, "call-forger");
    writeFileSync(
      `${program}.c`,
      `#include <stdio.h>
static void stopped(void) {}
int main(void) {
  for (int i = 1; i < 2000; i += 1) printf("writewatch-%d = 1\\nwritewatch = 1\\n", i);
  fflush(stdout);
  stopped();
  return 5;
}
`,
    );
    execFileSync("gcc", ["-g", "-o", program, `${program}.c`]);
    const gdb = findAdapter("gdb");
    // Its output among gdb's, as it is without a terminal of its own.
    const plain = { ...gdb, launchArguments: () => ({ program, gdb: "gdb" }) };
    const calls = await SystemCalls.start(plain, program, "stopped", "/dev/null");
    try {
      for (let i = 0; i < 16; i += 1) {
        assert.equal(readlinkSync(`/proc/${await calls.call(GETPID)}/exe`), program);
      }
    } finally {
      await calls.close();
    }
  });
});
