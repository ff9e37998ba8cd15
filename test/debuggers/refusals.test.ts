// Where a system call would harm the program, arming is refused with the reason before anything is done; the program runs on.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { whyUnsafe } from "../../src/debuggers/safety.ts";
import { linuxKernel } from "../../src/kernel/linux/linux-kernel.ts";
import { findAdapter } from "../../src/trace/adapters.ts";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { WatchedProgram } from "./session.ts";
import { SystemCalls } from "./system-calls.ts";

/** Any system call that is not on the list ends it; userfaultfd is not. */
const SANDBOXED = `#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
static void stopped(void) {}
int main(void) {
  struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_userfaultfd, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 1;
  stopped();
  return 5;
}
`;

const FORKING = `#include <sys/wait.h>
#include <unistd.h>
int main(void) {
  for (int i = 0; i < 2; i += 1) {
    int child = fork();
    if (child < 0) return 9;
    if (child == 0) _exit(0);
    waitpid(child, 0, 0);
  }
  return 5;
}
`;

for (const name of DEBUGGERS) {
  describe(`Arming through ${name}`, () => {
    let folder: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "writewatch-refusals-"));
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    it("is refused under a seccomp filter of the program's own, and the program lives on", async () => {
      const program = compiledText(SANDBOXED, "refusals-sandboxed");
      const watched = await WatchedProgram.start(name, program, join(folder, "output"), "stopped");
      try {
        await assert.rejects(watched.arm(), /seccomp filter of its own.*Arm before the program installs its filter/);
        assert.equal(watched.session.isArmed, false);
        assert.deepEqual(await watched.request("continue"), { kind: "ended", exitCode: 5 });
      } finally {
        await watched.close();
      }
    });
  });
}

describe("A system call through gdb", () => {
  it("is refused at a catchpoint in a fork, and the fork succeeds", async () => {
    const program = compiledText(FORKING, "refusals-caught");
    const calls = await SystemCalls.start(findAdapter("gdb"), program, "main", "/dev/null");
    try {
      await calls.evaluate(">catch fork");
      await calls.go();
      await calls.stopped();
      await assert.rejects(calls.call(39), /inside a system call.*step once/);
      await calls.evaluate(">delete");
      await calls.go();
      assert.deepEqual(await calls.end(), { kind: "ended", exitCode: 5 });
    } finally {
      await calls.close();
    }
  });
});

describe("A process that the debugger names", () => {
  it("must be there", () => {
    assert.match(whyUnsafe(4_000_000, linuxKernel.status?.(4_000_000)) ?? "", /none of that number/);
  });

  it("must be held by a debugger", () => {
    const child = spawn("sleep", ["10"], { stdio: "ignore" });
    try {
      const pid = Number(child.pid);
      assert.match(whyUnsafe(pid, linuxKernel.status?.(pid)) ?? "", /no debugger holds that one/);
    } finally {
      child.kill();
    }
  });

  it("may have the filters of the container that we are in, too", () => {
    const text = readFileSync("/proc/self/status", "latin1")
      .replace(/^TracerPid:.*/m, "TracerPid:\t1")
      .replace(/^State:.*/m, "State:\tt (tracing stop)");
    const filtered = text.replace(/^Seccomp:.*/m, "Seccomp:\t2").replace(/^Seccomp_filters:.*/m, "Seccomp_filters:\t1");
    const twice = filtered.replace(/^Seccomp_filters:.*/m, "Seccomp_filters:\t2");
    assert.equal(whyUnsafe(1, { process: filtered, own: filtered }), undefined);
    assert.match(whyUnsafe(1, { process: twice, own: filtered }) ?? "", /filter of its own/);
    assert.match(whyUnsafe(1, { process: filtered, own: text }) ?? "", /filter of its own/);
    assert.match(
      whyUnsafe(1, { process: filtered.replace("Seccomp:\t2", "Seccomp:\t1"), own: text }) ?? "",
      /strict mode/,
    );
  });
});
