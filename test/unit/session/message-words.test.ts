// How the log tells the DAP messages that go by.
import assert from "node:assert/strict";
import fc from "fast-check";
import { messageInWords } from "../../../src/session/message-words.ts";

describe("A DAP message in words", () => {
  for (const [message, words] of [
    [{ seq: 12, type: "request", command: "next", arguments: { threadId: 1 } }, "request next (12), thread 1"],
    [{ seq: 3, type: "response", request_seq: 12, command: "next", success: true }, "response next (12)"],
    [
      { seq: 4, type: "response", request_seq: 13, command: "stepOut", success: false, message: "no caller" },
      "response stepOut (13) refused: no caller",
    ],
    [
      { seq: 5, type: "event", event: "stopped", body: { reason: "breakpoint", threadId: 7 } },
      "event stopped (breakpoint), thread 7",
    ],
    [{ seq: 6, type: "event", event: "output", body: { output: "secret" } }, "event output"],
    [{ type: "gossip" }, "a message of type gossip"],
    [undefined, "a message of type undefined"],
  ] as const) {
    it(`is "${words}"`, () => assert.equal(messageInWords(message), words));
  }

  it("is a short line of words whatever the message is", () => {
    const keys = ["type", "seq", "request_seq", "command", "event", "success", "message", "arguments", "body"];
    const message = fc.record(
      Object.fromEntries(
        keys.map(key => [key, fc.oneof(fc.jsonValue(), fc.constantFrom("request", "response", "event"))]),
      ),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(message, fc.anything()), given => assert.ok(messageInWords(given).length < 400)),
      { numRuns: 2000 },
    );
  });
});
