// The log: which messages are made, and how a line reads.
import assert from "node:assert/strict";
import { LOG_LEVELS, type Log, type LogLevel, logTo, NO_LOG, named } from "../../../src/common/log.ts";

function recorded(least: LogLevel): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const log = logTo(
    (level, line) => lines.push(`${level} ${line}`),
    level => LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least),
  );
  return { log, lines };
}

describe("A log", () => {
  it("makes no message that nobody reads", () => {
    const { log, lines } = recorded("warn");
    const made: string[] = [];
    for (const level of LOG_LEVELS) {
      log[level](() => {
        made.push(level);
        return "said";
      });
    }
    assert.deepEqual(made, ["warn", "error"]);
    assert.deepEqual(lines, ["warn said", "error said"]);
  });

  it("asks at each message who reads, since the level may change at any time", () => {
    const lines: string[] = [];
    let open = false;
    const log = logTo(
      (_, line) => lines.push(line),
      () => open,
    );
    log.info("before");
    open = true;
    log.info("after");
    assert.deepEqual(lines, ["after"]);
  });

  it("begins each line with the part that speaks", () => {
    const { log, lines } = recorded("trace");
    const agent = named(log, "agent");
    agent.info("started");
    named(agent, "tracker 1").trace(() => "scanned");
    assert.deepEqual(lines, ["info agent: started", "trace agent: tracker 1: scanned"]);
  });

  it("makes no message of a named part either where nobody reads", () => {
    named(recorded("error").log, "agent").trace(() => assert.fail("was made"));
    for (const level of LOG_LEVELS) NO_LOG[level](() => assert.fail("was made"));
  });

  it("never throws, whatever its messages do", () => {
    const { log, lines } = recorded("trace");
    log.trace(() => {
      throw new Error("no such frame");
    });
    assert.deepEqual(lines, ["trace (a message that could not be made: no such frame)"]);
  });

  it("tells one line a message: what a program printed can't pass for one of ours", () => {
    const { log, lines } = recorded("trace");
    log.warn("output: a\r\nerror agent: forged");
    assert.deepEqual(lines, ["warn output: a ⏎ error agent: forged"]);
  });
});
