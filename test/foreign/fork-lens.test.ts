// What a redis server and the child that writes its database down share: counted as /proc/PID/pagemap and smaps count it.
import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import type { ForkHandle } from "../../src/agent/tracking.ts";
import { NO_LOG } from "../../src/common/log.ts";
import type { Mapping } from "../../src/memory/mapping.ts";
import type { PageSet } from "../../src/memory/page-set.ts";
import type { ForkLook } from "../../src/tracker/fork-lens.ts";
import { unsharedPages } from "../../src/tracker/fork-lens.ts";
import { agentModule } from "../kernel/tracked.ts";
import { RedisServer } from "./redis-server.ts";

describe("What a redis server and its saving child share", () => {
  let server: RedisServer;
  let agent: AgentKeeper;
  let lens: ForkHandle;
  let child: number;

  before(async () => {
    // The child takes a while for each key, so that there is something to look at.
    server = await RedisServer.start("--rdb-key-save-delay", "1000");
    await server.ask("DEBUG POPULATE 20000 key 500");
    await server.ask("BGSAVE");
    child = server.saver ?? assert.fail("there is no child");
    agent = new AgentKeeper(agentModule, NO_LOG);
    lens = agent.forkLens({ parent: server.pid, child });
  });

  after(() => {
    lens.close();
    agent.dispose();
    server.kill();
  });

  const stopped = async (look: () => Promise<void>): Promise<void> => {
    for (const pid of [server.pid, child]) process.kill(pid, "SIGSTOP");
    try {
      await new Promise(resolve => setTimeout(resolve, 20));
      await look();
    } finally {
      for (const pid of [child, server.pid]) process.kill(pid, "SIGCONT");
    }
  };
  const sum = ({ shared, copied, onlyParent, onlyChild }: ForkLook): number[] =>
    [shared, copied, onlyParent, onlyChild].map(({ pageCount }) => pageCount);

  it("is counted as the frames in /proc/PID/pagemap count it, and what they share no longer as smaps has it for each mapping", async () => {
    await lens.look();
    await server.ask(...Array.from({ length: 300 }, (_, i) => `SET key:${i * 61} ${"x".repeat(500)}`));
    await stopped(async () => {
      const look = await lens.look();
      assert.equal(look.evidence, "frames");
      const [parent, own] = [framesOf(server.pid), framesOf(child)];
      const both = [...parent.keys()].filter(page => own.has(page));
      const shared = both.filter(page => parent.get(page) === own.get(page)).length;
      assert.deepEqual(sum(look), [shared, both.length - shared, parent.size - both.length, own.size - both.length]);
      assert.ok(look.shared.pageCount > 2000, `${look.shared.pageCount} pages shared`);
      assert.ok(unsharedPages(look).pageCount > 100, `${unsharedPages(look).pageCount} no longer`);
      for (const [pid, only] of [
        [server.pid, look.onlyParent],
        [child, look.onlyChild],
      ] as const) {
        const kilobytes = anonymousOf(pid, look.mappings);
        for (const [mapping, { privateKilobytes, sharedKilobytes }] of kilobytes) {
          const { start, end } = mapping;
          const count = (pages: PageSet): number => pages.countIn(start, end) * 4;
          const where = `${mapping.name} at ${start.toString(16)} of ${pid}`;
          assert.equal(count(look.copied) + count(only), privateKilobytes, where);
          assert.equal(count(look.shared), sharedKilobytes, where);
        }
      }
    });
  });

  it("is told as parted by the server where the server stored, and by the child where that did", async () => {
    const before = await lens.look();
    await server.ask(...Array.from({ length: 200 }, (_, i) => `SET key:${i * 97 + 11} ${"y".repeat(500)}`));
    const after = await lens.look();
    const news = after.copied.subtract(before.copied).intersect(before.shared);
    assert.ok(news.pageCount > 50, `${news.pageCount} pages parted meanwhile`);
    const told = after.byParent.union(after.byChild);
    assert.ok(news.isWithin(told), "each has somebody who parted it");
    assert.ok(after.byParent.intersect(news).pageCount > after.byChild.intersect(news).pageCount);
  });

  it("says so when one of them has ended", async () => {
    process.kill(child, "SIGKILL");
    while (server.saver !== undefined) await new Promise(resolve => setTimeout(resolve, 10));
    await assert.rejects(lens.look(), /ESRCH|ENOENT/);
  });
});

/** Frames of the pages that are a process's own, read page by page: in memory, of no file, and not the page of zeroes. */
function framesOf(pid: number): Map<number, number> {
  const frames = new Map<number, number>();
  const pagemap = openSync(`/proc/${pid}/pagemap`, "r");
  const flags = openSync("/proc/kpageflags", "r");
  const word = Buffer.alloc(8);
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, "latin1").trim().split("\n")) {
      const [start, end] = line
        .split(" ", 1)[0]
        .split("-")
        .map(address => Number.parseInt(address, 16) / 4096);
      if (line.includes("[vsyscall]")) continue;
      const entries = Buffer.alloc((end - start) * 8);
      const read = readSync(pagemap, entries, 0, entries.length, start * 8);
      for (let at = 0; at + 8 <= read; at += 8) {
        const entry = entries.readBigUInt64LE(at);
        if (!(entry >> 63n) || (entry >> 61n) & 1n) continue;
        const frame = Number(entry & ((1n << 55n) - 1n));
        readSync(flags, word, 0, 8, frame * 8);
        // KPF_ZERO_PAGE, and the kernel's own pages (vvar), which no process has.
        const isZero = (word.readBigUInt64LE() >> 24n) & 1n;
        if (!isZero && !/\[v(var|dso|var_vclock)\]/.test(line)) frames.set(start + at / 8, frame);
      }
    }
  } finally {
    closeSync(pagemap);
    closeSync(flags);
  }
  return frames;
}

/** What smaps says of the mappings that both have and no file stands behind. */
function anonymousOf(
  pid: number,
  mappings: readonly Mapping[],
): Map<Mapping, { readonly privateKilobytes: number; readonly sharedKilobytes: number }> {
  const found = new Map<Mapping, { privateKilobytes: number; sharedKilobytes: number }>();
  const blocks = readFileSync(`/proc/${pid}/smaps`, "latin1").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  for (const block of blocks) {
    const [range] = block.split(" ", 1);
    const [start, end] = range.split("-").map(address => Number.parseInt(address, 16) / 4096);
    const mapping = mappings.find(each => each.start === start && each.end === end);
    if (mapping?.inode !== 0 || mapping.permissions[3] === "s" || mapping.name.startsWith("[v")) continue;
    const kilobytes = (names: string): number =>
      [...block.matchAll(new RegExp(`^(?:${names}): +(\\d+) kB`, "gm"))].reduce(
        (sum, [, size]) => sum + Number(size),
        0,
      );
    found.set(mapping, {
      privateKilobytes: kilobytes("Private_Clean|Private_Dirty"),
      sharedKilobytes: kilobytes("Shared_Clean|Shared_Dirty"),
    });
  }
  assert.ok(found.size > 2);
  return found;
}
