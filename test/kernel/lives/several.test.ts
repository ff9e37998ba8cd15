// What several processes have to do with each other, and one process with very many mappings, on the live kernel.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { PAGE_SIZE, pageOf } from "../../../src/memory/page.ts";
import { TrackedTarget } from "../tracked.ts";

const PAGE = PAGE_SIZE;

describe("A tracker of", function () {
  this.timeout(120_000);
  let tracked: ReturnType<typeof TrackedTarget.start>;

  beforeEach(() => {
    tracked = TrackedTarget.start();
  });

  afterEach(() => tracked.close());

  it("two debuggees that share memory tells of each what that one wrote, by its own addresses", async () => {
    const other = tracked.another();
    const name = process.pid;
    try {
      const mine = await tracked.target.do("mapshared", name, 16 * PAGE);
      const theirs = await other.target.do("mapshared", name, 16 * PAGE);
      await tracked.arm();
      await other.arm();
      await tracked.target.do("write", mine + PAGE, 2 * PAGE, PAGE);
      await other.target.do("write", theirs + 2 * PAGE, 3 * PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(mine, 16 * PAGE), [1, 2]);
      assert.deepEqual(await other.writtenIn(theirs, 16 * PAGE), [2, 3, 4]);
      assert.deepEqual(await tracked.writtenIn(mine, 16 * PAGE), []);
    } finally {
      other.close();
      rmSync(`/dev/shm/writewatch-${name.toString(16)}`, { force: true });
    }
  });

  it("60,000 mappings loses none of them, and tells one page written in the middle", async () => {
    const COUNT = 60_000;
    const FIRST = 0x100000000000;
    const { target } = tracked;
    assert.equal(await target.do("mapmany", COUNT, FIRST), COUNT);
    await tracked.arm();
    assert.ok((tracked.armed?.mappings ?? 0) >= COUNT);
    const at = FIRST + COUNT * PAGE;
    await target.do("write", at, PAGE, PAGE);
    const { written } = await tracked.step();
    const first = pageOf(FIRST);
    assert.deepEqual([...written.clip(first, first + COUNT * 2).pairs()], [[pageOf(at), pageOf(at) + 1]]);
  });
});
