// Whom the kernel lets watch what: a plain user's own programs, and why others are refused, with what would help.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Target, targetExecutable } from "../target.ts";

interface Outcome {
  readonly done?: Readonly<Record<string, unknown>>;
  readonly refused?: string;
}

describe("A plain user", function () {
  this.timeout(60_000);
  let folder: string;
  let executable: string;

  before(() => {
    // Where everybody can run it: the project may lie in a folder of root's.
    folder = mkdtempSync(join(tmpdir(), "writewatch-plain-"));
    chmodSync(folder, 0o755);
    executable = join(folder, "target");
    copyFileSync(targetExecutable(), executable);
    chmodSync(executable, 0o755);
  });

  after(() => rmSync(folder, { recursive: true }));

  function outcome(scenario: string, file = executable, other = 0): Outcome {
    const script = fileURLToPath(new URL("as-plain-user.ts", import.meta.url));
    const said = execFileSync(process.execPath, [script, scenario, file, String(other)], { encoding: "utf8" });
    return JSON.parse(said);
  }

  it("arms programs of their own, and sees what the kernel wrote for them, too", () => {
    assert.deepEqual(outcome("own"), { done: { written: [3, 5, 6], read: 8192 } });
  });

  it("is told whose a process is that belongs to another user", () => {
    const target = Target.start();
    try {
      assert.match(
        outcome("other", executable, target.pid).refused ?? "",
        /belongs to user 0, and you are user 65534: debug it as that user, or as root/,
      );
    } finally {
      target.kill();
    }
  });

  it("is told that a program runs with the rights of its file's owner", () => {
    const setuid = join(folder, "setuid");
    copyFileSync(targetExecutable(), setuid);
    chmodSync(setuid, 0o4755);
    assert.match(outcome("setuid", setuid).refused ?? "", /rights of user 0 \(setuid\).*without the setuid bit/);
  });

  it("is told that a program of their own does not let itself be looked into", () => {
    assert.match(
      outcome("undumpable").refused ?? "",
      /is yours, but does not let itself be looked into.*PR_SET_DUMPABLE/,
    );
  });

  it("watches by polling where stores of the kernel's could not be held up: no read(2) fails for it", () => {
    const { done } = outcome("watching");
    assert.equal(done?.full, -1, "this system allows everybody the full userfaultfd");
    assert.match(JSON.stringify(done?.report), /"way":"poll"/);
    assert.equal(done?.read, 4096);
  });
});
