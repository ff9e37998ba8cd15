// What the trace command says and leaves behind when it can't do its work: a message with the remedy, and nothing else.
import assert from "node:assert/strict";

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";

import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compiled, compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { runTrace, type TraceCommand, traceMain } from "./trace-command.ts";

const LOOP = `#include <unistd.h>
int main(void) { for (int i = 0; i < 400; i += 1) usleep(10000); return 0; }
`;

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Whoever runs it, or has its path among its arguments. */
function processesOf(program: string): string {
  const { status, stdout, error } = spawnSync("pgrep", ["-f", program], { encoding: "utf8" });
  // 1: it found none.
  assert.ok(status === 0 || status === 1, `pgrep failed: ${error?.message ?? status}`);
  return stdout;
}

describe("The trace command", () => {
  let folder: string;
  let program: string;
  let deny: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-bad-input-"));
    program = compiledText(LOOP, "bad-input-loop");
    deny = compiled(path("../kernel/deny.c"), "deny");
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  async function refuses(command: TraceCommand, message: RegExp): Promise<void> {
    const { exitCode, stdout, stderr } = await runTrace(command);
    assert.match(stderr, message);
    assert.ok(exitCode !== 0 && exitCode !== null, `exit code ${exitCode}`);
    assert.doesNotMatch(stdout, /"step"/);
    assert.equal(processesOf(program), "", "the program must not be left running");
  }

  it("says where to get a debugger when there is none on PATH", async () => {
    const env = { ...process.env, PATH: folder };
    await refuses({ args: ["--program", program], env }, /No lldb-dap on PATH.*apt-get install lldb-19/);
    await refuses({ args: ["--debugger", "gdb", "--program", program], env }, /No gdb on PATH.*apt-get install gdb/);
  });

  it("names a program that is missing, a directory, not executable, or no program", async () => {
    const plain = join(folder, "plain");
    writeFileSync(plain, "no program\n");
    await refuses({ args: ["--program", join(folder, "missing")] }, /There is no program at .*missing/);
    await refuses({ args: ["--program", folder] }, /is a directory/);
    await refuses({ args: ["--program", plain] }, /is not executable.*chmod \+x/);
    chmodSync(plain, 0o755);
    await refuses({ args: ["--program", plain] }, /is no ELF program/);
  });

  it("names what is no file, and waits for none", async () => {
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    await refuses({ args: ["--program", fifo] }, /fifo is a FIFO: give --program/);
    await refuses({ args: ["--program", "/dev/zero"] }, /\/dev\/zero is a device/);
    await refuses({ args: ["--program", program, "--input", folder] }, /is a directory: give --input/);
    await refuses({ args: ["--program", program, "--input", fifo] }, /is a FIFO: give --input/);
    await refuses({ args: ["--program", program, "--output", fifo] }, /fifo: it is a FIFO that nobody reads.*--output/);
    await refuses({ args: ["--program", program, "--output", folder] }, /can't go to .*EISDIR.*--output/);
    await refuses({ args: ["--simulate", fifo] }, /is a FIFO: give --simulate/);
    await refuses({ args: ["--simulate", "/dev/zero"] }, /is a device: give --simulate/);
  });

  it("reads no more of a program than its header", async () => {
    const huge = join(folder, "huge");
    // An ELF header of a 32-bit program, and three gigabytes of nothing that takes no place on disk.
    writeFileSync(huge, Buffer.from("7f454c46010101000000000000000000020003000100000000000000", "hex"), {
      mode: 0o755,
    });
    truncateSync(huge, 3 * 2 ** 30);
    await refuses({ args: ["--program", huge] }, /is no 64-bit program for x86/);
    await refuses({ args: ["--simulate", huge] }, /too large for a simulated program/);
  });

  it("lets no location be a second command to a debugger, and no timer overflow", async () => {
    const owned = join(folder, "owned");
    await refuses(
      { args: ["--debugger", "gdb", "--break", `main\nshell touch ${owned}`, "--program", program] },
      /--break .*no control characters/,
    );
    assert.ok(!existsSync(owned));
    await refuses(
      { args: ["--timeout", "2147484", "--program", program] },
      /--timeout 2147484: from 1 to 2147483 seconds/,
    );
    await refuses({ args: ["--timeout", "0", "--program", program] }, /--timeout 0: from 1 to/);
  });

  it("says that the output's disk is full, and the steps'", async () => {
    const printing = compiledText(
      `#include <stdio.h>\nstatic void print(void) { for (int i = 0; i < 100000; i += 1) printf("%d\\n", i); }\nint main(void) {\n  print();\n  return 0;\n}\n`,
      "bad-input-printing",
    );
    const { exitCode, stderr } = await runTrace({
      args: ["--program", printing, "--steps", "1", "--output", "/dev/full"],
    });
    assert.match(stderr, /output could not be written to \/dev\/full: ENOSPC.*--output/);
    assert.equal(exitCode, 1);
    const steps = await runTrace({
      args: ["-c", 'exec "$@" > /dev/full', "sh", process.execPath, traceMain, "--program", printing, "--steps", "1"],
      command: "/bin/sh",
    });
    assert.match(steps.stderr, /steps could not be written to standard output: ENOSPC/);
    assert.equal(steps.exitCode, 1);
    assert.equal(processesOf(printing), "");
  });

  it("shows its usage for arguments it does not know", async () => {
    const { exitCode, stderr } = await runTrace({ args: ["--program", program, "--colour"] });
    assert.equal(exitCode, 2);
    assert.match(stderr, /--colour[\s\S]*Usage:/);
  });

  for (const name of DEBUGGERS) {
    const args = ["--debugger", name, "--json", "--program"];

    it(`says under ${name} that the program ended before it came to the breakpoint`, async () => {
      const quick = compiledText("int never(void) { return 1; }\nint main(void) { return 3; }\n", "bad-input-quick");
      await refuses(
        { args: ["--debugger", name, "--break", "never", "--program", quick] },
        /ended \(exit code 3\) before it came to never.*--break/,
      );
    });

    it(`says under ${name} that a program without debug information can't be stepped`, async () => {
      const bare = compiledText("int main(void) { return 3; }\n", "bad-input-bare", ["-O0", "-s", "-rdynamic"]);
      await refuses({ args: [...args, bare] }, /no source lines in main.*build it with -g.*--break/);
      assert.equal(processesOf(bare), "");
    });

    it(`says under ${name} what a kernel without userfaultfd lacks`, async () => {
      const without = (errno: number): readonly string[] => [deny, "userfaultfd", String(errno)];
      await refuses(
        { args: [...args, program], through: without(constants.errno.ENOSYS) },
        /userfaultfd.*ENOSYS.*CONFIG_USERFAULTFD/,
      );
      await refuses(
        { args: [...args, program], through: without(constants.errno.EPERM) },
        /userfaultfd.*EPERM.*seccomp/,
      );
    });

    it(`says under ${name} that a kernel without PAGEMAP_SCAN or asynchronous protection is too old`, async () => {
      await refuses(
        { args: [...args, program], through: [deny, "pagemap-scan", String(constants.errno.ENOTTY)] },
        /PAGEMAP_SCAN.*ENOTTY.*Linux 6\.7/,
      );
      await refuses(
        { args: [...args, program], through: [deny, "userfaultfd-features", String(constants.errno.EINVAL)] },
        /UFFDIO_API.*EINVAL.*Linux 6\.7/,
      );
    });

    it(`gives up under ${name} on a step that takes too long, and ends the program`, async () => {
      const endless = compiledText("int main(void) {\n  for (volatile int i = 0;;) i = 1;\n}\n", "bad-input-endless");
      await refuses({ args: [...args, endless, "--timeout", "2"] }, /neither stopped nor ended for 2 s.*--timeout/);
      assert.equal(processesOf(endless), "");
    });

    it(`tells no step under ${name} of another program in the place of the one armed, before that is armed, and runs it to its end`, async () => {
      const replaced = compiledText(
        `#include <unistd.h>\nint main(void) {\n  int zero = 0;\n  execl("/bin/true", "true", (char *)0);\n  return zero;\n}\n`,
        "bad-input-exec",
      );
      const { stdout } = await runTrace({ args: [...args, replaced] });
      const steps = stdout.split("\n").filter(line => line.includes('"event":"step"'));
      assert.deepEqual(
        steps.map(line => JSON.parse(line).to.function.replace(/\(.*/, "")),
        ["main"],
      );
      assert.match(stdout, /"event":"exited","exitCode":0/);
      assert.equal(processesOf(replaced), "");
    });
  }
});
