// The gallery of bugs: each program is run to where its value is wrong, and the value is asked who wrote it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEBUGGERS } from "../debuggers-here.ts";
import { Hunt } from "./hunt.ts";

/** Where one would stop and arm, and a part of the line at which the value is wrong. */
const HUNTS = {
  neighbour: ["neighbour-block.c", "close_the_day", "bolts->price_in_cents = 12;"],
  freed: ["write-after-free.c", "night", "return bill;"],
  fromMain: ["stray-thread.cpp", "afternoon", "if (!enqueue()) std::printf"],
  fromWorker: ["stray-thread.cpp", "help_out", "std::this_thread::yield();"],
  table: ["large-table.c", "lay_road", "raise_land(300"],
  read: ["overfilled-read.c", "take_readings", "return (long long)meter.units"],
  stack: ["stack-overrun.c", "week", "total = sum(rain"],
  torn: ["torn-update.cpp", "pay", 'pay("Chidi"'],
} as const;
type Name = keyof typeof HUNTS;

/** What each debugger calls the first thread, and the fourth worker. gdb and CodeLLDB tell no names before they are asked for all threads. */
const THREADS = {
  "lldb-dap": { main: /^bug-stray-threa$/, worker: /^worker 4$/ },
  gdb: { main: /^thread 1$/, worker: /^thread 5$/ },
  "gdb-dap": { main: /^thread 1$/, worker: /^thread 5$/ },
  codelldb: { main: /^thread \d+$/, worker: /^thread \d+$/ },
} as const;

for (const debuggerName of DEBUGGERS) {
  describe(`Asked through ${debuggerName} who wrote the wrong value, a session tells`, () => {
    const folder = mkdtempSync(join(tmpdir(), "writewatch-bugs-"));
    const hunts = new Map<Name, Hunt>();

    const hunted = (name: Name): Hunt => {
      const hunt = hunts.get(name);
      assert.ok(hunt);
      return hunt;
    };
    const told = async (name: Name, expression: string): Promise<string[]> =>
      (await hunted(name).whoWrote(expression)).map(({ line, bytes }) => `${line}  ${bytes}`);

    before(async () => {
      // Side by side: most of a hunt is waiting for its debugger.
      const begun = Object.entries(HUNTS).map(async ([name, [file, location, end]]) => {
        const hunt = await Hunt.begin(debuggerName, file, location, join(folder, name));
        hunts.set(name as Name, hunt);
        await hunt.stepTo(end);
      });
      const failed = (await Promise.allSettled(begun)).find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    });

    after(async () => {
      await Promise.all([...hunts.values()].map(hunt => hunt.close()));
      rmSync(folder, { recursive: true, force: true });
    });

    it("the line that ran over its own block into the neighbour", async () => {
      assert.deepEqual(await told("neighbour", "nuts->in_stock"), [
        'strcat(bolts->name, " (discontinued)");  byte 0: f40100000000 → 696e75656429',
      ]);
    });

    it("in the names of that step the two blocks, and how far it ran over the first one's end", () => {
      const step = hunted("neighbour").steps.find(one => hunted("neighbour").lineOf(one).startsWith("strcat"));
      const [overflow] = (step?.names?.changes ?? []).filter(({ isNoise }) => !isNoise);
      assert.match(
        overflow?.words ?? "",
        /^overflow of the block of 24 bytes at 0x\w+: from byte 23 to 14 bytes past its end, into the block of 24 bytes/,
      );
    });

    it("the line that wrote into a block after it was freed, before it the one that the block was for", async () => {
      assert.deepEqual(await told("freed", "bill->cents"), [
        "hotel->at_the_desk->last_seen = hotel->now;  byte 1: 010000 → f25365",
        'bill = write_bill("Mrs. Silva", 350);  byte 0: e6f15365 → 5e010000',
      ]);
    });

    it("of another thread's write the line that was stepped meanwhile, and the thread that was stepped", async () => {
      const [culprit, ...others] = await hunted("fromMain").whoWrote("office.most");
      assert.deepEqual(others, []);
      assert.deepEqual([culprit?.line, culprit?.bytes], ["run_round();", "byte 0: 40 → 03"]);
      assert.match(culprit?.thread ?? "", THREADS[debuggerName].main);
    });

    it("the same of a variable by the name that lldb's own lists give it, with its nameless namespace", async () => {
      const bytesOf = async (expression: string): Promise<unknown> => {
        const culprits = await hunted("fromMain").whoWrote(expression);
        return culprits.map(({ line, bytes }) => [line, bytes]);
      };
      assert.deepEqual(await bytesOf("(anonymous namespace)::office.most"), await bytesOf("office.most"));
    });

    it("the other thread and its line, where that thread is stepped", async () => {
      const [culprit, ...others] = await hunted("fromWorker").whoWrote("office.most");
      assert.deepEqual(others, []);
      assert.deepEqual([culprit?.line, culprit?.bytes], ["office.progress[worker] = done;", "byte 0: 40 → 03"]);
      assert.match(culprit?.thread ?? "", THREADS[debuggerName].worker);
    });

    it("the line that wrote behind a row of a table of 1 GiB", async () => {
      assert.deepEqual(await told("table", "map[701 * 16384]"), [
        "*field(strip.from + strip.length, strip.row) = WALL;  byte 0: 07 → 06",
      ]);
    });

    it("the line whose system call wrote past its buffer", async () => {
      assert.deepEqual(await told("read", "meter.tariff"), [
        'must(read(from, meter.text, length) == length, "read");  1f000000 → 2e343537',
        "meter.tariff = 31;  byte 0: 00 → 1f",
      ]);
    });

    it("the turn of a loop that wrote behind its array on the stack", async () => {
      const [culprit, ...others] = await told("stack", "limit");
      assert.equal(culprit, "rain[day] = take(&file);  byte 0: 50 → 00");
      assert.deepEqual(
        others.map(told => told.replace(/ {2}.*/, "")),
        ["int limit = 80;"],
      );
    });

    it("which of two fields was written last without the other", async () => {
      const hunt = hunted("torn");
      const [payments] = await hunt.whoWrote("club.payments");
      const [total] = await hunt.whoWrote("club.total");
      assert.deepEqual(
        [payments?.line, payments?.bytes, total?.line, total?.bytes],
        ["club.payments += 1;", "byte 0: 03 → 04", "club.total += cents;", "byte 0: e8 → 20"],
      );
      assert.ok(payments && total && payments.step.number > total.step.number);
      const whole = (await hunt.whoWrote("club")).map(({ line }) => line).filter(line => line.startsWith("club."));
      const [count, sum] = ["club.payments += 1;", "club.total += cents;"];
      assert.deepEqual(whole, [count, sum, count, sum, count, sum, count]);
      // What the function did after it: the line that left it is among the steps, and none that writes the total.
      const since = hunt.steps.filter(({ number }) => number > payments.step.number).map(step => hunt.lineOf(step));
      assert.deepEqual(since, ["entry.cents = cents;", "if (!copy_name(entry.member, member)) return false;", "}"]);
    });
  });
}
