// How the page is told of changes: at once, and once a turn, in either kind of extension host.
import assert from "node:assert/strict";
import { Notices } from "../../../src/ui/notices.ts";
import type { Changed } from "../../../src/ui/protocol.ts";
import { turn } from "./page.ts";

function noted(): { notices: Notices; sent: Changed[] } {
  const sent: Changed[] = [];
  return { notices: new Notices(changed => sent.push(changed)), sent };
}

describe("Notices of changes", () => {
  it("are joined: what any of them says, all of them say", async () => {
    const { notices, sent } = noted();
    notices.add({ state: false, recording: "a", revision: 1, layout: true });
    notices.add({ state: true });
    notices.add({ state: false, recording: "a", revision: 3, step: 7, isNew: true });
    notices.add({ state: false, recording: "a", revision: 2, step: 6, isNew: false });
    await turn();
    assert.deepEqual(sent, [{ state: true, recording: "a", revision: 3, step: 7, isNew: true, layout: true }]);
  });

  it("of a recording that is no longer shown are dropped for those of the one that is", async () => {
    const { notices, sent } = noted();
    notices.add({ state: true, recording: "a", revision: 9, step: 7, isNew: true });
    notices.add({ state: false, recording: "b", revision: 1, layout: true });
    await turn();
    assert.deepEqual(sent, [{ state: true, recording: "b", revision: 1, layout: true }]);
  });

  const kinds = { "with setImmediate": globalThis.setImmediate, "without it, as in a browser": undefined };
  for (const [kind, immediate] of Object.entries(kinds)) {
    it(`are two at most for a turn full of promises, ${kind}`, async () => {
      const kept = globalThis.setImmediate;
      globalThis.setImmediate = immediate as typeof kept;
      try {
        const { notices, sent } = noted();
        for (let revision = 1; revision <= 50; revision += 1) {
          notices.add({ state: false, recording: "a", revision });
          await Promise.resolve();
        }
        assert.equal(sent.length, 1);
        await turn();
        await turn();
        assert.deepEqual(
          sent.map(({ revision }) => revision),
          [1, 50],
        );
        notices.add({ state: true });
        await turn();
        assert.equal(sent.length, 3);
      } finally {
        globalThis.setImmediate = kept;
      }
    });
  }
});
