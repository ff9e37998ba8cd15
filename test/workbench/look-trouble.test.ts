// The look of what goes otherwise than wished: refused and lost arming, steps in doubt, a filter that nothing passes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { WriteWatchApi } from "../../src/extension.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import type { SessionStatus } from "../../src/session/status.ts";
import { breakAt, type DebugRun, launch } from "./debug-session.ts";
import { needsDriver } from "./driver.ts";
import { layoutOf, type Made, makeRecording, startOf, stepOf } from "./made-recording.ts";
import { click, element, fill, inAllThemes, inThemes, pageShows, pageShowsText, picture } from "./page.ts";
import { until } from "./simulated-session.ts";

const MADE: Made = { title: "made up", mappings: 8, pages: 300, steps: 12 };

/** Restricts itself by a filter that lets everything pass: arming can't know that, and must refuse. */
const SANDBOXED = `#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
int main(void) {
  struct sock_filter pass = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog filter = {1, &pass};
  volatile int stores = 1;
  stores += 1; // before
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
  stores += 1; // after
  stores += 1;
  return stores == 4 ? 0 : 1;
}
`;

describe("The look of the panel in trouble", () => {
  let api: WriteWatchApi;
  let folder: string;
  let source: vscode.Uri;

  before(async function () {
    needsDriver(this);
    const found = await vscode.extensions.getExtension<WriteWatchApi>("writewatch.writewatch")?.activate();
    assert.ok(found, "the extension is not installed");
    api = found;
    folder = mkdtempSync(join(tmpdir(), "writewatch-trouble-"));
    source = vscode.Uri.file(join(folder, "sandboxed.c"));
    writeFileSync(source.fsPath, SANDBOXED);
    execFileSync("gcc", ["-g", "-O0", "-o", join(folder, "sandboxed"), source.fsPath]);
    await vscode.commands.executeCommand("writewatch.showPanel");
  });

  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  async function stoppedAt(text: string): Promise<DebugRun> {
    await breakAt(source, text);
    const run = await launch({
      name: "Sandboxed",
      type: "lldb-dap",
      request: "launch",
      program: join(folder, "sandboxed"),
      cwd: folder,
    });
    await run.stop();
    // In place of the debug console, which comes with a session.
    await vscode.commands.executeCommand("writewatch.showPanel");
    return run;
  }

  it("is clean with a step in doubt, and with a list that nothing passes", async () => {
    const recording = makeRecording(MADE);
    const layout = layoutOf(MADE);
    const step = stepOf(MADE, layout, 13);
    const heap = startOf(MADE, 1);
    recording.addStep({
      ...step,
      by: "continue",
      stops: 4,
      to: { source: "/made/loop.c", line: 21, function: "odd" },
      written: PageSet.of(heap, heap + 140),
      debugger: PageSet.of(startOf(MADE, 2), startOf(MADE, 2) + 3),
      doubts: ["edit in flight", "debugger in flight"],
    });
    api.panel.recordings.open(recording);
    try {
      await pageShowsText("step-13", /140\?/);
      await inAllThemes("doubts");
      await fill("search-steps", "no such place");
      await pageShowsText("step-count", /^0 of 13$/);
      await inAllThemes("none-pass");
      await fill("search-steps", "");
    } finally {
      api.panel.recordings.close(recording.id);
    }
  });

  it("is clean while arming, and offers to cancel it, both where it was never armed and where it was", async () => {
    const run = await stoppedAt("// before");
    try {
      const session = await until("the session", () => api.sessions.shown);
      // How it stands for some milliseconds, or for as long as somebody does not answer.
      const arming: SessionStatus = {
        ...session.status,
        memory: "arming",
        message: "Arming…",
        waitingFor: "lldb-dap's answer to “evaluate”",
        can: { ...session.status.can, arm: false, disarm: true },
      };
      const pretend = async (name: string): Promise<void> => {
        Object.defineProperty(session, "status", { get: () => arming, configurable: true });
        session.onChange.fire();
        try {
          await pageShowsText("phase", /Arming…/);
          await inAllThemes(name);
        } finally {
          Reflect.deleteProperty(session, "status");
          session.onChange.fire();
        }
      };
      await pretend("arming");
      await pageShows(`${element("cancel")} === null`);
      await click("arm");
      await pageShowsText("phase", /Stopped; armed/);
      await run.next();
      await pageShows(`${element("step-1")} !== null`);
      await vscode.commands.executeCommand("writewatch.disarm");
      await pageShowsText("phase", /not armed/);
      await pretend("arming-again");
    } finally {
      await run.end();
    }
  });

  it("is clean where arming was refused, and says why and what to do", async () => {
    const run = await stoppedAt("// after");
    try {
      await click("arm");
      await pageShowsText("phase", /Not armed: .*seccomp.*Arm before/);
      await inAllThemes("refused");
    } finally {
      await run.end();
    }
  });

  it("is clean where the armed memory was lost, and says all of it", async () => {
    const run = await stoppedAt("// before");
    try {
      await click("arm");
      await pageShowsText("phase", /Stopped; armed/);
      await run.next();
      await pageShows(`${element("step-1")} !== null`);
      const [agent] = api.agent.processes;
      assert.ok(agent?.pid, "no agent runs");
      process.kill(agent.pid, "SIGKILL");
      await pageShowsText("phase", /Lost: .*Arm again/);
      const isCut = `(phase => phase.scrollWidth > phase.clientWidth)(${element("phase")})`;
      await pageShows(`!${isCut}`);
      await inAllThemes("lost");
    } finally {
      await run.end();
    }
  });

  it("is pictured in its walkthrough", async () => {
    await vscode.commands.executeCommand("writewatch.showPanel");
    await vscode.commands.executeCommand("writewatch.openWalkthrough");
    await inThemes(theme => picture(`walkthrough-${theme}`));
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
});
