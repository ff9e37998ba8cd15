// What is said of a session in the status bar, and why a command can't be done.
import assert from "node:assert/strict";
import { PageSet } from "../../../src/memory/page-set.ts";
import type { SessionStatus } from "../../../src/session/status.ts";
import { plainMessage } from "../../../src/ui/plain-message.ts";
import { refusalOf, type SessionCommand } from "../../../src/ui/refusals.ts";
import { statusBarText } from "../../../src/ui/status-bar-text.ts";
import { STOPPED, stepOf } from "./page.ts";

const NOTHING_CAN = { arm: false, disarm: false, scan: false, reset: false, export: false, everArm: true };
const status = (over: Partial<SessionStatus>): SessionStatus => ({ ...STOPPED, ...over });

describe("The status bar", () => {
  const wrote = (pages: number, kernel = 0) =>
    stepOf({ number: 1, written: PageSet.of(10, 10 + pages), kernel: PageSet.of(10, 10 + kernel) });

  it("counts the program's own pages, one of them in the singular", () => {
    assert.equal(statusBarText(STOPPED, wrote(1))?.text, "$(shield) 1 page written");
    assert.equal(statusBarText(STOPPED, wrote(2))?.text, "$(shield) 2 pages written");
    assert.equal(statusBarText(STOPPED, wrote(2, 1))?.text, "$(shield) 1 page written");
    assert.equal(statusBarText(STOPPED, wrote(1500))?.text, "$(shield) 1,500 pages written");
    assert.equal(statusBarText(STOPPED, undefined)?.text, "$(shield) Armed");
  });

  it("arms by a click where that can be done, and calls an arming off", () => {
    const unarmed = status({ memory: "unarmed", message: "Not armed.", can: { ...NOTHING_CAN, arm: true } });
    assert.deepEqual(statusBarText(unarmed, undefined), {
      text: "$(circle-slash) Not armed",
      tooltip: "WriteWatch: Not armed. Click to arm.",
      label: "WriteWatch: Not armed. Not armed.",
      command: "writewatch.arm",
    });
    const running = status({ memory: "unarmed", program: "running", can: NOTHING_CAN });
    assert.equal(statusBarText(running, undefined)?.command, "writewatch.showPanel");
    const arming = status({ memory: "arming", can: { ...NOTHING_CAN, disarm: true } });
    assert.equal(statusBarText(arming, undefined)?.command, "writewatch.disarm");
    assert.equal(
      statusBarText(status({ memory: "lost", can: NOTHING_CAN }), undefined)?.text,
      "$(warning) WriteWatch lost",
    );
  });

  it("says nothing without a session, of one that is over, or of one that can never be armed", () => {
    assert.equal(statusBarText(undefined, undefined), undefined);
    assert.equal(statusBarText(status({ program: "ended" }), wrote(1)), undefined);
    assert.equal(statusBarText(status({ can: { ...NOTHING_CAN, everArm: false } }), undefined), undefined);
  });
});

describe("A message for a notification", () => {
  it("has no links made of a file's name", () => {
    const hostile = "steps[run](command:workbench.action.terminal.new).jsonl can't be opened.";
    // As VS Code tells a link in a notification.
    const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)/i;
    assert.match(hostile, link);
    assert.doesNotMatch(plainMessage(hostile), link);
    assert.equal(plainMessage("Not armed (yet) [heap]."), "Not armed (yet) [heap].");
  });
});

describe("A command that can't be done", () => {
  const commands: readonly SessionCommand[] = ["arm", "disarm", "scanNow", "reset", "exportSteps"];

  it("says why, each in words of its own", () => {
    const words = commands.map(command => refusalOf(command, status({ memory: "unarmed", can: NOTHING_CAN })));
    assert.ok(words.every(text => text !== undefined && /^[A-Z].*\.$/.test(text)));
    assert.equal(new Set(words).size, commands.length);
  });

  it("is not refused where the session can do it", () => {
    const can = { arm: true, disarm: true, scan: true, reset: true, export: true, everArm: true };
    for (const command of commands) assert.equal(refusalOf(command, status({ can })), undefined);
  });

  it("says of a session that can never be armed which can", () => {
    const message = "WriteWatch can't arm programs under this debugger: use lldb-dap or gdb for a native program.";
    const script = status({ message, memory: "unarmed", can: { ...NOTHING_CAN, everArm: false } });
    for (const command of commands) assert.equal(refusalOf(command, script), message);
  });

  it("says how to begin where there is no session", () => {
    assert.match(refusalOf("arm", undefined) ?? "", /no debug session.*Start one/);
  });

  it("tells arming apart by what stands in its way", () => {
    const arm = (over: Partial<SessionStatus>): string | undefined =>
      refusalOf("arm", status({ can: NOTHING_CAN, ...over }));
    assert.match(arm({ memory: "armed" }) ?? "", /armed already/);
    assert.match(arm({ memory: "arming" }) ?? "", /under way/);
    assert.match(arm({ memory: "unarmed", program: "running" }) ?? "", /not stopped/);
    assert.match(arm({ memory: "unarmed", program: "ended" }) ?? "", /has ended/);
    assert.match(refusalOf("scanNow", status({ memory: "armed", can: NOTHING_CAN })) ?? "", /running/);
  });
});
