// A child that the debugger was told to follow (follow-fork-mode): armed as a run of its own; nothing of the parent's is told of it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pageOf } from "../../src/memory/page.ts";
import { compiledText } from "../compile.ts";
import { WatchedProgram } from "./session.ts";

const PROGRAM = `#include <sys/wait.h>
#include <unistd.h>
int value __attribute__((aligned(4096)));
void store(int to) {
  value = to;
  value += 1;
}
int main(void) {
  store(1);
  pid_t child = fork();
  if (child == 0) {
    store(2);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  return 0;
}
`;

const FOLLOW = {
  gdb: ">set follow-fork-mode child",
  "lldb-dap": "`settings set target.process.follow-fork-mode child",
} as const;

for (const name of ["lldb-dap", "gdb"] as const) {
  describe(`A child that ${name} follows`, () => {
    let folder: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "writewatch-fork-"));
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    it("is armed by itself, with a history of its own", async () => {
      const program = compiledText(PROGRAM, "fork-followed", ["-g", "-O0"]);
      const watched = await WatchedProgram.start(name, program, join(folder, "output"), "store");
      try {
        const { session, launched } = watched;
        await watched.arm();
        const parent = session.processId;
        const parents = session.recording;
        await watched.request("next");
        await session.quiet();
        await launched.client.request("evaluate", {
          expression: FOLLOW[name],
          context: "repl",
          frameId: await frame(watched),
        });
        await launched.client.request("setFunctionBreakpoints", { breakpoints: [{ name: "store" }] });
        await watched.request("continue");
        // lldb stops at the fork, too.
        for (let tries = 0; tries < 3 && !(await isArmedAgain(watched, parents)); tries += 1)
          await watched.request("continue");
        launched.forgetStops();
        assert.equal(session.isArmed, true, session.status.message);
        assert.notEqual(session.processId, parent);
        assert.deepEqual(session.closedRuns, [parents]);
        assert.equal(parents.steps.count, 1, "a step of the child's is told as the parent's");
        await watched.request("next");
        await session.quiet();
        const [step] = session.recording.steps;
        const own = pageOf(
          Number(
            (
              (await launched.client.request("evaluate", {
                expression: "&value",
                context: "watch",
                frameId: await frame(watched),
              })) as { result: string }
            ).result.match(/0x[0-9a-f]+/)?.[0],
          ),
        );
        assert.ok(step?.written.has(own), "what the child stored is not told");
      } finally {
        await watched.close();
      }
    });
  });
}

async function isArmedAgain({ session }: WatchedProgram, before: object): Promise<boolean> {
  const deadline = Date.now() + 10_000;
  while (!(session.isArmed && session.recording !== before)) {
    if (Date.now() > deadline) return false;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  return true;
}

async function frame({ session, launched }: WatchedProgram): Promise<number> {
  const { stackFrames } = (await launched.client.request("stackTrace", { threadId: session.thread, levels: 1 })) as {
    stackFrames: { id: number }[];
  };
  return stackFrames[0]?.id ?? 0;
}
