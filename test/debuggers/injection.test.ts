// The one injected call: it works in every kind of program, leaves no descriptor behind and changes nothing the program sees.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { topFrame } from "../../src/debuggers/frame.ts";
import { compiledText } from "../compile.ts";
import { EVERY_ADAPTER, EVERY_DEBUGGER } from "../debuggers-here.ts";
import { WatchedProgram } from "./session.ts";
import { runTrace } from "./trace-command.ts";

const PROGRAM = `#include <errno.h>
#include <pthread.h>
#include <stdio.h>
static int count;
static void *work(void *unused) { for (int i = 0; i < 1000; i += 1) __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST); return unused; }
// A leaf keeps what it has below the stack pointer, in the red zone.
static int leaf(int x) { int y = x * 3; y += 4; return y; }
int main(void) {
  errno = 77;
  pthread_t thread;
  pthread_create(&thread, 0, work, 0);
  pthread_join(thread, 0);
  int result = leaf(5);
  printf("%d %d %d\\n", count, result, errno);
  return 0;
}
`;

const KINDS: Readonly<Record<string, readonly string[]>> = {
  "a position-independent program": ["-g", "-O0", "-pthread", "-pie", "-fPIE"],
  "a program at a fixed address": ["-g", "-O0", "-pthread", "-no-pie"],
  "a static program": ["-g", "-O0", "-pthread", "-static"],
};

function descriptors(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`));
}

for (const name of EVERY_ADAPTER) {
  describe(`Arming through ${name}`, () => {
    let folder: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "writewatch-injection-"));
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    for (const [kind, flags] of Object.entries(KINDS)) {
      it(`leaves ${kind} as it was, but armed`, async () => {
        const program = compiledText(PROGRAM, `injection-${Object.keys(KINDS).indexOf(kind)}`, flags);
        const outputFile = join(folder, "output");
        const watched = await WatchedProgram.start(name, program, outputFile);
        try {
          const { session, launched } = watched;
          const thread = session.thread ?? 1;
          const frame = await topFrame(launched.client, thread);
          assert.ok(frame);
          const called = watched.adapter.debugger;
          assert.ok(called);
          const pid = await called.systemCall({ port: launched.client, threadId: thread }, 39, []);
          assert.match(readFileSync(`/proc/${pid}/cmdline`, "latin1"), /injection-/);
          launched.forgetStops();
          const before = descriptors(pid);
          await watched.arm();
          assert.equal(session.processId, pid);
          assert.deepEqual(descriptors(pid), before);
          assert.equal((await topFrame(launched.client, thread))?.line, frame.line);
          for (let i = 0; i < 3; i += 1) await watched.request("next");
          assert.deepEqual(await watched.request("continue"), { kind: "ended", exitCode: 0 });
        } finally {
          await watched.close();
        }
        assert.equal(readFileSync(outputFile, "utf8"), "1000 19 77\n");
      });
    }
  });
}

for (const name of EVERY_DEBUGGER) {
  describe(`Arming by the trace command with ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "writewatch-injection-"));

    after(() => rmSync(folder, { recursive: true, force: true }));

    it("in the middle of a leaf function spares its red zone", async () => {
      const program = compiledText(PROGRAM, "injection-0", KINDS["a position-independent program"]);
      const line = PROGRAM.split("\n").findIndex(text => text.includes("static int leaf")) + 1;
      const source = program.replace(/$/, ".c");
      const { exitCode, stderr, stdout } = await runTrace({
        args: ["--debugger", name, "--break", `${source}:${line}`, "--steps", "1", "--program", program],
      });
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /1000 19 77/);
      assert.match(stdout, /armed process/);
    });

    it("keeps megabytes of the program's output to the byte", async () => {
      const program = compiledText(
        `#include <stdio.h>\nstatic void print(void) { for (int i = 0; i < 600000; i += 1) printf("%d\\n", i); }\nint main(void) {\n  print();\n  return 7;\n}\n`,
        "much-output",
      );
      const output = join(folder, "much");
      const { exitCode, stdout, stderr } = await runTrace({
        args: ["--debugger", name, "--steps", "1", "--json", "--output", output, "--program", program],
      });
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /{"event":"exited","exitCode":7}\n$/);
      assert.equal(readFileSync(output, "utf8"), Array.from({ length: 600000 }, (_, i) => `${i}\n`).join(""));
    });
  });
}
