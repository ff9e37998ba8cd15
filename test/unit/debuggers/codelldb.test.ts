// CodeLLDB where there is none: conversations with the real adapter are held again, and everything that is asked today must be what
// was asked then. test/debuggers/codelldb.test.ts writes them anew.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installed, launcherOf } from "../../../src/debuggers/codelldb/launch.ts";
import { MessageReader } from "../../../src/session/events.ts";
import { TrackedSession } from "../../../src/session/tracked-session.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";
import { adapterFor } from "../../golden/adapter.ts";
import { SCENARIOS, Stage } from "../../golden/codelldb-scenarios.ts";
import { conversationFile, FOLDER, ReplayedLink } from "../../golden/conversation.ts";

describe("CodeLLDB, by conversations with it on file,", () => {
  for (const scenario of SCENARIOS) {
    it(scenario.behaviour, async () => {
      const link = new ReplayedLink(conversationFile("codelldb", scenario.name));
      const pid = Number(link.asked("attach").pid);
      const adapter = adapterFor(launcherOf("codelldb"), link, scenario.configuration);
      const stage = new Stage(adapter, { folder: FOLDER, pid, signal: () => {} });
      const session = new TrackedSession("test", "test", stage.client, {
        agent: () => assert.fail("nothing is armed"),
        settings: () => ({ arm: DEFAULT_ARM_OPTIONS, autoArm: false, resident: false }),
      });
      stage.client.onToAdapter.listen(message => session.toAdapter(message));
      stage.client.onFromAdapter.listen(message => session.fromAdapter(message));
      await scenario.play(stage);
      assert.equal(link.left, 0, "all was asked that was asked then");
      assert.equal(session.debugger?.name, "CodeLLDB");
    });
  }
});

describe("A function without source, which CodeLLDB shows as its instructions,", () => {
  it("is a place without a line: that of an instruction is none of the program's", () => {
    const reader = new MessageReader(() => new Set());
    const source = { name: "@_start", origin: "disassembly", sourceReference: 1000 };
    const placed = (frame: object) => {
      reader.toAdapter({ type: "request", seq: 1, command: "stackTrace", arguments: { threadId: 5 } });
      const body = { stackFrames: [{ id: 1, name: "_start", column: 0, ...frame }] };
      const told = reader.fromAdapter({ type: "response", request_seq: 1, command: "stackTrace", success: true, body });
      return told.find(({ kind }) => kind === "place");
    };
    const place = { kind: "place", seq: 1, threadId: 5 };
    assert.deepEqual(placed({ line: 3, source }), { ...place, place: { line: 0, function: "_start" } });
    const file = { name: "start.c", path: "/p/start.c" };
    const found = { source: "/p/start.c", line: 3, function: "_start" };
    assert.deepEqual(placed({ line: 3, source: file }), { ...place, place: found });
  });
});

describe("CodeLLDB's adapter", () => {
  it("is the newest of those that an editor has installed", () => {
    const home = mkdtempSync(join(tmpdir(), "writewatch-extensions-"));
    try {
      assert.equal(installed(home), undefined);
      for (const version of ["1.9.2", "1.12.2", "1.11.0"])
        mkdirSync(join(home, ".vscode/extensions", `vadimcn.vscode-lldb-${version}`), { recursive: true });
      mkdirSync(join(home, ".vscode/extensions/rust-lang.rust-analyzer-99.0.0"));
      assert.equal(installed(home), join(home, ".vscode/extensions/vadimcn.vscode-lldb-1.12.2/adapter/codelldb"));
      mkdirSync(join(home, ".vscode-server/extensions/vadimcn.vscode-lldb-1.13.0-linux-x64"), { recursive: true });
      assert.match(installed(home) ?? "", /\.vscode-server.*1\.13\.0/);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
