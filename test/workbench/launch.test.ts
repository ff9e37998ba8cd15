// The ground the product stands on: a launch configuration compiles the sample, stops at a breakpoint and steps.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { breakAt, launch } from "./debug-session.ts";

for (const configuration of ["Sample (lldb-dap)", "Sample (gdb)"]) {
  describe(configuration, () => {
    it("stops at a breakpoint and steps to the next line", async () => {
      const folder = vscode.workspace.workspaceFolders?.[0];
      assert.ok(folder, "no folder is open");
      const line = await breakAt(vscode.Uri.joinPath(folder.uri, "main.c"), "counters[0] = 1;");
      const run = await launch(configuration);
      try {
        const first = await run.stop();
        assert.equal(first.line, line);
        assert.equal(first.function.replace(/\(.*/, ""), "main");
        assert.equal((await run.next()).line, line + 1);
        assert.equal((await run.next()).line, line + 2);
      } finally {
        await run.end();
      }
    });
  });
}
