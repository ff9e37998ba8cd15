// What the kernel tells of a process that a debugger names: what it runs, and who holds it.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processStatus } from "../../src/kernel/linux/process-status.ts";
import { compiledText } from "../compile.ts";

/**
 * Traces a child of its own until that is killed, and prints the child's number. With an argument it does so as a process that has
 * left the one it was started by.
 */
const TRACER = `#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int count, char **arguments) {
  (void)arguments;
  int first = getpid();
  if (count > 1 && fork()) return 0;
  while (getppid() == first) usleep(1000);
  int child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execl("/bin/sleep", "sleep", "100", (char *)0);
    _exit(1);
  }
  waitpid(child, 0, 0);
  printf("%d\\n", child);
  fflush(stdout);
  waitpid(child, 0, 0);
  return 0;
}
`;

describe("What the kernel tells of a process", () => {
  let folder: string;
  let child: ChildProcess | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-status-"));
  });

  afterEach(async () => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (program: string, ...args: string[]): Promise<number> => {
    child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    await once(child, "spawn");
    return Number(child.pid);
  };

  it("is whether it runs a program, by whatever name", async () => {
    const program = join(folder, "program");
    copyFileSync("/bin/sleep", program);
    chmodSync(program, 0o755);
    symlinkSync(program, join(folder, "link"));
    linkSync(program, join(folder, "other-name"));
    const pid = await start(join(folder, "link"), "100");
    const runs = (path: string): boolean | undefined => processStatus(pid, join(folder, path))?.runsProgram;
    assert.deepEqual(["program", "link", "other-name", "../../bin/true"].map(runs), [true, true, true, false]);
    assert.deepEqual(processStatus(pid, program)?.executable, program);
    assert.equal(processStatus(pid)?.runsProgram, undefined);
  });

  it("is that it runs a program that was compiled anew since", async () => {
    const program = join(folder, "program");
    copyFileSync("/bin/sleep", program);
    const pid = await start(program, "100");
    rmSync(program);
    assert.equal(processStatus(pid, program)?.runsProgram, undefined);
    copyFileSync("/bin/true", program);
    assert.equal(processStatus(pid, program)?.runsProgram, true);
  });

  it("is not whether it runs a script, or what is no file", async () => {
    const script = join(folder, "script");
    writeFileSync(script, "#!/bin/sh\nsleep 100\n");
    const pid = await start("/bin/sleep", "100");
    for (const path of [script, folder, "/dev/zero", join(folder, "absent")]) {
      assert.equal(processStatus(pid, path)?.runsProgram, undefined, path);
    }
  });

  for (const [left, isFromHere] of [
    [[], true],
    [["left"], false],
  ] as const) {
    it(`is that its debugger was ${isFromHere ? "" : "not "}started where we were`, async () => {
      await start(compiledText(TRACER, "status-tracer", ["-O1"]), ...left);
      const [text] = await once(child?.stdout ?? process.stdin, "data");
      const status = processStatus(Number(text));
      process.kill(Number(text), "SIGKILL");
      assert.match(status?.process ?? "", /^State:\tt/m);
      assert.equal(status?.tracedFromHere, isFromHere);
    });
  }

  it("is nothing where there is none of that number", () => {
    assert.equal(processStatus(4_000_000), undefined);
  });
});
