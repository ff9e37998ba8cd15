// Whose write it was: the program's step, or the debugger's while the program stood.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { topFrame } from "../../src/debuggers/frame.ts";
import { pageOf } from "../../src/memory/page.ts";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { WatchedProgram } from "./session.ts";

const PROGRAM = `#include <stdio.h>
int by_debugger __attribute__((aligned(4096)));
int by_program __attribute__((aligned(4096)));
int end_of_data __attribute__((aligned(4096)));
int main(void) {
  by_program = 1;
  by_program = 2;
  by_program = by_debugger;
  return end_of_data;
}
`;

/** How each debugger is told to change a variable. */
const ASSIGNMENTS = {
  "lldb-dap": { expression: "by_debugger = 42", context: "watch" },
  gdb: { expression: ">set var by_debugger = 42", context: "repl" },
  "gdb-dap": { expression: "set var by_debugger = 42", context: "repl" },
  codelldb: { expression: "/nat by_debugger = 42", context: "watch" },
} as const;

for (const name of DEBUGGERS) {
  describe(`A change made through ${name} while the program stands`, () => {
    let folder: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "writewatch-attribution-"));
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    it("is booked to the debugger, and not to the step around it", async () => {
      const program = compiledText(PROGRAM, "attribution", ["-g", "-O0", "-no-pie"]);
      const watched = await WatchedProgram.start(name, program, join(folder, "output"));
      try {
        const { session, launched } = watched;
        const frame = async (): Promise<number | undefined> =>
          (await topFrame(launched.client, session.thread ?? 1))?.id;
        const addressOf = async (variable: string): Promise<number> => (await session.locate(variable)).address;
        const changed = pageOf(await addressOf("by_debugger"));
        const stored = pageOf(await addressOf("by_program"));
        await watched.arm();
        const step = async (): Promise<void> => {
          await watched.request("next");
          // A scan that comes when the program runs again would take the next step's pages, too.
          await watched.settled();
        };
        await step();
        await launched.client.request("evaluate", {
          ...ASSIGNMENTS[name],
          frameId: await frame(),
        });
        await watched.settled();
        await step();
        await step();
        const reported = watched.steps.map(({ written, debugger: by }) => ({
          program: [written.has(stored), written.has(changed)],
          debugger: [by.has(stored), by.has(changed)],
        }));
        assert.deepEqual(reported, [
          { program: [true, false], debugger: [false, false] },
          { program: [true, false], debugger: [false, true] },
          { program: [true, false], debugger: [false, false] },
        ]);
      } finally {
        await watched.close();
      }
    });
  });
}
