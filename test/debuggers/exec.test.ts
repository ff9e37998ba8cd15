// A program that runs another one in its place (exec): found again, armed again, and the steps before stay.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { WatchedProgram } from "./session.ts";

const PROGRAM = `#include <unistd.h>
int first __attribute__((aligned(4096)));
int second __attribute__((aligned(4096)));
void store(int again) {
  first = 1;
  second = again;
}
int main(int argc, char **argv) {
  store(argc);
  if (argc == 1) execl("/proc/self/exe", argv[0], "again", (char *)0);
  return 0;
}
`;

for (const name of DEBUGGERS) {
  describe(`A program that runs another one in its place under ${name}`, () => {
    let folder: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "writewatch-exec-"));
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    it("is armed again by itself, with the steps before in the same history and a word where it happened", async () => {
      const program = compiledText(PROGRAM, "exec-again", ["-g", "-O0"]);
      const watched = await WatchedProgram.start(name, program, join(folder, "output"), "store");
      try {
        const { session } = watched;
        await watched.arm();
        const pid = session.processId;
        await watched.request("next");
        await session.quiet();
        assert.equal(session.recording.steps.count, 1);
        await watched.launched.client.request("setFunctionBreakpoints", { breakpoints: [{ name: "store" }] });
        const memory: string[] = [];
        session.onChange.listen(() => memory.push(session.status.memory));
        const tried = (): boolean => memory.includes("arming") && memory.at(-1) !== "arming";
        // lldb stops at the exec itself, where it can run no call yet; gdb at the breakpoint in the new program.
        await watched.request("continue");
        await until(tried);
        watched.launched.forgetStops();
        if (!session.isArmed) {
          await watched.request("continue");
          await until(() => session.isArmed);
          watched.launched.forgetStops();
        } else if (session.location?.function !== "store") await watched.request("continue");
        await session.quiet();
        assert.equal(session.processId, pid);
        await watched.request("next");
        await session.quiet();
        const doubted = [...session.recording.steps].filter(({ doubts }) => doubts.includes("program replaced"));
        assert.equal(doubted.length, 1, JSON.stringify([...session.recording.steps].map(({ doubts }) => doubts)));
        assert.equal(session.recording.steps.at(0)?.number, 1);
      } finally {
        await watched.close();
      }
    });
  });
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error("waited in vain");
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
