// What a live migration would take, by the working set of a program.
import assert from "node:assert/strict";
import { estimateMigration } from "../../../src/sampling/migration.ts";
import { migrationWords } from "../../../src/sampling/words.ts";
import type { WindowPages } from "../../../src/sampling/working-set.ts";

const PAGE = 4096;
const MIB_PAGES = 256;
const GIGABIT = 125e6;

/** A program that writes so many pages a second, of a set of so many. */
const writing = (rate: number, set: number): WindowPages[] =>
  [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8].map(seconds => {
    const pages = Math.min(set, rate * seconds);
    return { seconds, mean: pages, most: pages, windows: 1 };
  });

describe("A migration", () => {
  it("of a program that writes nothing is one round, and a pause for nothing", () => {
    const migration = estimateMigration({ pages: 1000 * MIB_PAGES, curve: [], bandwidth: GIGABIT, downtime: 0.3 });
    assert.deepEqual(
      [migration.rounds.length, migration.last.bytes, migration.converges, migration.bytes],
      [1, 0, true, 1000 * MIB_PAGES * PAGE],
    );
    assert.equal(migration.seconds, (1000 * MIB_PAGES * PAGE) / GIGABIT);
  });

  it("of little memory needs no round: it is sent in the pause", () => {
    const migration = estimateMigration({
      pages: MIB_PAGES,
      curve: writing(1e6, 256),
      bandwidth: GIGABIT,
      downtime: 0.3,
    });
    assert.deepEqual([migration.rounds.length, migration.converges], [0, true]);
  });

  it("sends in each round what was written during the one before", () => {
    // 12.5 MiB/s written at 125 MB/s sent: each round is about a tenth of the one before.
    const pages = 1000 * MIB_PAGES;
    const rate = 12.5e6 / PAGE;
    const migration = estimateMigration({ pages, curve: writing(rate, 1e6), bandwidth: GIGABIT, downtime: 0.05 });
    const bytes = migration.rounds.map(round => round.bytes);
    for (const [i, sent] of bytes.entries()) {
      if (i > 0) assert.ok(Math.abs(sent - bytes[i - 1] / 10) < 2 * PAGE, `round ${i}: ${bytes}`);
    }
    assert.equal(migration.rounds.length, 3);
    assert.equal(migration.converges, true);
  });

  it("converges where the program writes faster than is sent, but only so much", () => {
    const curve = writing(1e6, 5 * MIB_PAGES);
    const migration = estimateMigration({ pages: 4096 * MIB_PAGES, curve, bandwidth: GIGABIT, downtime: 0.3 });
    assert.equal(migration.converges, true);
    assert.equal(migration.last.bytes, 5 * MIB_PAGES * PAGE);
  });

  it("does not converge where what is written does not fit into the pause, and says what bandwidth would do", () => {
    const set = 100 * MIB_PAGES;
    const request = { pages: 4096 * MIB_PAGES, curve: writing(1e6, set), bandwidth: GIGABIT, downtime: 0.3 };
    const migration = estimateMigration(request);
    assert.equal(migration.converges, false);
    assert.equal(migration.last.bytes, set * PAGE);
    // It gives up as soon as rounds make no progress.
    assert.ok(migration.rounds.length < 5);
    const needed = migration.neededBandwidth ?? 0;
    assert.equal(estimateMigration({ ...request, bandwidth: needed }).converges, true);
    assert.equal(estimateMigration({ ...request, bandwidth: needed * 0.97 }).converges, false);
    assert.ok(Math.abs(needed - (set * PAGE) / 0.3) < needed * 0.02);
    assert.match(
      migrationWords(migration, GIGABIT, 0.3),
      /^At 1,000 Mbit\/s a migration does not converge to a pause of 300 ms: .*would be 839 ms\. It would at 2,[78]\d\d Mbit\/s\.$/,
    );
  });

  it("never sends more than is in use", () => {
    const curve = writing(1e9, 1e9);
    const migration = estimateMigration({ pages: 1000, curve, bandwidth: 1e5, downtime: 0 });
    for (const { bytes } of migration.rounds) assert.ok(bytes <= 1000 * PAGE);
  });

  it("with no pause allowed converges for a program that writes nothing alone", () => {
    assert.equal(estimateMigration({ pages: 10, curve: [], bandwidth: 1e6, downtime: 0 }).converges, true);
    const curve = writing(100, 1000);
    const migration = estimateMigration({ pages: 1e5, curve, bandwidth: 1e8, downtime: 0 });
    assert.ok(migration.rounds.length <= 30);
  });

  it("is refused without a bandwidth", () => {
    for (const bandwidth of [0, -1, Number.NaN])
      assert.throws(() => estimateMigration({ pages: 1, curve: [], bandwidth, downtime: 1 }), /bandwidth is a number/);
  });
});
