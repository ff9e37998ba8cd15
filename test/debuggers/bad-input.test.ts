// What the trace command says and leaves behind when it can't do its work: a message with the remedy, and nothing else.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compiled, compiledText } from "../compile.ts";
import { runTrace, type TraceCommand } from "./trace-command.ts";

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

  it("shows its usage for arguments it does not know", async () => {
    const { exitCode, stderr } = await runTrace({ args: ["--program", program, "--colour"] });
    assert.equal(exitCode, 2);
    assert.match(stderr, /--colour[\s\S]*Usage:/);
  });

  for (const name of ["lldb-dap", "gdb"]) {
    const args = ["--debugger", name, "--json", "--program"];

    it(`says under ${name} that the program ended before it came to the breakpoint`, async () => {
      const quick = compiledText("int never(void) { return 1; }\nint main(void) { return 3; }\n", "bad-input-quick");
      await refuses(
        { args: ["--debugger", name, "--break", "never", "--program", quick] },
        /ended \(exit code 3\) before it came to never.*--break/,
      );
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

    it(`tells no step under ${name} of another program than the one armed, and says that its memory is gone`, async () => {
      const replaced = compiledText(
        `#include <unistd.h>\nint main(void) {\n  int zero = 0;\n  execl("/bin/true", "true", (char *)0);\n  return zero;\n}\n`,
        "bad-input-exec",
      );
      const { stdout, stderr } = await runTrace({ args: [...args, replaced] });
      const steps = stdout.split("\n").filter(line => line.includes('"event":"step"'));
      assert.deepEqual(
        steps.map(line => JSON.parse(line).to.function.replace(/\(.*/, "")),
        ["main"],
      );
      // gdb tells of no stop between the two programs.
      if (name === "lldb-dap") assert.match(stderr, /replaced its program/);
      else assert.match(stdout, /"event":"exited","exitCode":0/);
      assert.equal(processesOf(replaced), "");
    });
  }
});
