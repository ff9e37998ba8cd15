// A session learns whose adapter it is message by message, and believes the last word.
import assert from "node:assert/strict";
import { MessageReader, type SessionEvent } from "../../../src/session/events.ts";
import { TrackedSession } from "../../../src/session/tracked-session.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";

const CDT = { supportsReadMemoryRequest: true, supportsDisassembleRequest: true };
const GDB = { exceptionBreakpointFilters: [{ filter: "assert", label: "Ada assertions" }] };

class Conversation {
  readonly session: TrackedSession;
  private seq = 0;

  constructor(debugType: string) {
    this.session = new TrackedSession("test", "test", this.port(debugType), {
      agent: () => assert.fail("nothing is armed"),
      settings: () => ({ arm: DEFAULT_ARM_OPTIONS, autoArm: false, resident: false }),
    });
  }

  ask(command: string, args: object, body?: object): void {
    this.seq += 1;
    const { seq } = this;
    this.session.toAdapter({ type: "request", seq, command, arguments: args });
    if (body) this.session.fromAdapter({ type: "response", request_seq: seq, command, success: true, body });
  }

  tell(event: string, body: object): void {
    this.session.fromAdapter({ type: "event", event, body });
  }

  restart(debugType: string): void {
    this.session.restarted(this.port(debugType));
  }

  get who(): string | undefined {
    return this.session.debugger?.name;
  }

  private port(debugType: string) {
    const request = async (): Promise<unknown> => ({});
    return { debugType, request, onEvent: () => ({ dispose() {} }) };
  }
}

describe("A session's debugger", () => {
  it("is open at first, told by the answer to initialize, and not changed by a configuration that comes later", () => {
    const conversation = new Conversation("gdb");
    assert.equal(conversation.who, undefined);
    assert.equal(conversation.session.status.can.everArm, true, "it may yet show that it can be armed");
    conversation.ask("initialize", { adapterID: "gdb" }, CDT);
    assert.equal(conversation.who, "gdb (cdt-gdb-adapter)");
    conversation.ask("launch", { program: "/p/a.out", pid: 4 }, {});
    assert.equal(conversation.who, "gdb (cdt-gdb-adapter)");
  });

  it("is another where a restarted session has another adapter", () => {
    const conversation = new Conversation("gdb");
    conversation.ask("initialize", {}, CDT);
    conversation.restart("gdb");
    assert.equal(conversation.who, undefined);
    conversation.ask("initialize", {}, GDB);
    assert.equal(conversation.who, "gdb");
  });

  it("is nobody's, with the reason told, until an unknown adapter names its process", () => {
    const conversation = new Conversation("zig");
    conversation.ask("initialize", {}, {});
    conversation.ask("launch", { program: "/p/a.out" }, {});
    const { status } = conversation.session;
    assert.equal(status.can.everArm, false);
    assert.match(status.message, /does not know the debugger 'zig'.*use one of lldb-dap/);
    let told = 0;
    conversation.session.onChange.listen(() => {
      told += 1;
    });
    conversation.tell("process", { name: "a.out", systemProcessId: 77 });
    assert.equal(conversation.who, "an unknown debugger");
    assert.equal(conversation.session.status.can.everArm, true);
    assert.ok(told > 0, "the views are told");
  });

  it("tells the answer of every request that it has told, whatever has become known between the two", () => {
    let harmless: ReadonlySet<string> = new Set();
    const reader = new MessageReader(() => harmless);
    const kinds = (events: SessionEvent[]): string[] => events.map(({ kind }) => kind);
    assert.deepEqual(kinds(reader.toAdapter({ type: "request", seq: 1, command: "scopes" })), ["asked"]);
    harmless = new Set(["scopes"]);
    assert.deepEqual(kinds(reader.fromAdapter({ type: "response", request_seq: 1, success: true })), ["answered"]);
    assert.deepEqual(kinds(reader.toAdapter({ type: "request", seq: 2, command: "scopes" })), []);
    harmless = new Set();
    assert.deepEqual(kinds(reader.fromAdapter({ type: "response", request_seq: 2, success: true })), []);
  });
});
