// What a session asks of its agent, in the log.
import assert from "node:assert/strict";
import type { TrackingAgent } from "../../../src/agent/tracking.ts";
import { LOG_LEVELS, logTo } from "../../../src/common/log.ts";
import { tracedAgent } from "../../../src/session/traced.ts";

/** Enough of an agent; its tracker finds three pages, and can't disarm. */
class SmallAgent {
  private readonly pages = 3;

  get pid(): number {
    return 7;
  }

  tracker(): object {
    return {
      scan: async () => ({ pages: this.pages }),
      disarm: () => Promise.reject(new Error("no such process")),
    };
  }
}

describe("What a session asks of its agent", () => {
  const lines: string[] = [];
  const log = logTo(
    (level, line) => lines.push(`${level} ${line.replace(/[\d.]+ ms/, "N ms")}`),
    level => LOG_LEVELS.includes(level),
  );
  const agent = tracedAgent(new SmallAgent() as unknown as TrackingAgent, log);

  beforeEach(() => lines.splice(0));

  it("is answered as ever, and told with how long it took", async () => {
    const report: unknown = await agent.tracker().scan();
    assert.deepEqual(report, { pages: 3 });
    assert.deepEqual(lines, ["trace scan: answered after N ms"]);
    assert.equal((agent as unknown as SmallAgent).pid, 7);
  });

  it("is refused as ever, and told with the reason", async () => {
    await assert.rejects(agent.tracker().disarm(), /no such process/);
    assert.deepEqual(lines, ["warn disarm: refused after N ms: no such process"]);
  });
});
