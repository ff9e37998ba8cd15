// Restart, in the debug toolbar: the same session, another process. lldb-dap does so in one conversation, and tells no number of the new one.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compiledText } from "../compile.ts";
import { WatchedProgram } from "./session.ts";

const PROGRAM = `int first, second;
int main(void) {
  first = 1;
  second = 2;
  return 0;
}
`;

describe("A program that is restarted under lldb-dap", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-restart-"));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is armed again where it was armed, with the steps before as a closed chapter", async () => {
    const watched = await WatchedProgram.start(
      "lldb-dap",
      compiledText(PROGRAM, "restart", ["-g", "-O0"]),
      join(folder, "output"),
    );
    try {
      const { session, launched } = watched;
      await watched.arm();
      const pid = session.processId;
      await watched.request("next");
      await session.quiet();
      const before = session.recording;
      assert.equal(before.steps.count, 1);

      const armed = new Promise<void>(resolve => {
        session.onChange.listen(() => {
          if (session.isArmed && session.recording !== before) resolve();
        });
      });
      await launched.client.request("restart", {});
      await launched.next();
      await armed;
      launched.forgetStops();
      assert.notEqual(session.processId, pid);
      assert.deepEqual(session.closedRuns, [before]);

      await launched.client.request("next", { threadId: session.thread });
      await launched.next();
      await session.quiet();
      const [step] = session.recording.steps;
      assert.deepEqual([step?.from?.line, step?.to?.line, step?.doubts], [3, 4, []]);
      assert.ok((step?.written.pageCount ?? 0) > 0, "nothing was written");
    } finally {
      await watched.close();
    }
  });
});
