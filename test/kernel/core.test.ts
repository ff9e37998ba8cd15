// Core files of a live threaded program with 100 GiB reserved: what gdb and lldb read in them, and chains of them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCores } from "../../src/agent/core-file.ts";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { LocalAgent } from "../../src/agent/local.ts";
import { Cancelled } from "../../src/common/deadline.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { readCore } from "../../src/core/read.ts";
import { linuxKernel } from "../../src/kernel/linux/linux-kernel.ts";
import { addressOf, PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { sourceOf } from "../../src/names/bytes.ts";
import { CoreProgram, gdbSays, lldbSays } from "./core-program.ts";
import { agentModule, TrackedTarget } from "./tracked.ts";

const nothing = (): void => {};
/** In this process: a chain's files are all that it takes. */
const joiner = new LocalAgent(() => linuxKernel, undefined, undefined, systemCores);

describe("A core file of a live program's used memory", () => {
  let program: CoreProgram;
  let agent: AgentKeeper;
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-core-"));
    path = join(folder, "program.core");
    agent = new AgentKeeper(agentModule, NO_LOG);
    program = await CoreProgram.start();
  });

  afterEach(() => {
    program.kill();
    agent.dispose();
    rmSync(folder, { recursive: true });
  });

  const save = (files: "changed" | "in memory" = "changed"): ReturnType<AgentKeeper["saveCore"]> =>
    agent.saveCore({ pid: program.pid, path, files, since: false }, nothing);

  it("shows in gdb every thread's backtrace, globals, heap blocks, a thread's own variable and untouched memory", async () => {
    await program.serve();
    const report = await save();
    assert.equal(report.threads, 4);
    assert.deepEqual(report.remarks, []);
    const said = await gdbSays(path, [
      "thread apply all backtrace",
      "print answer",
      "print *latest",
      "print untouched[100]",
      "print reserved[0] + reserved[107374182399]",
      "print/d reserved[53687091200]",
      "print/d reserved[500000000]",
      "thread find LWP",
      "thread 3",
      "frame function wait_for_work",
      "print slot == number",
    ]);
    assert.equal(said.match(/in wait_for_work \(number=[123]\) at .*core\.c:\d+/g)?.length, 4, said);
    assert.match(said, /in worker \(argument=0x2\)/);
    assert.match(said, /in serve \(order=0x[0-9a-f]+\) at .*core\.c/);
    assert.match(said, /in main \(\) at .*core\.c/);
    assert.match(said, /\$1 = 43\n/);
    assert.match(said, /\$2 = \{number = 1, customer = "Ada"/);
    assert.match(said, /\$3 = 0\n\$4 = 4\n\$5 = 1\n\$6 = 0\n/);
    assert.match(said, /\$7 = 1\n/);
    assert.doesNotMatch(said, /[Ww]arning/);
  });

  it("shows the same in lldb", async () => {
    await program.serve();
    await save();
    const said = await lldbSays(path, [
      "thread backtrace all",
      "expression -- answer",
      "expression -- latest->number",
      "expression -- latest->customer[0]",
      "expression -- untouched[100]",
      "expression -- (int)reserved[53687091200]",
    ]);
    assert.equal(said.match(/`wait_for_work\(number=[123]\) at core\.c:\d+/g)?.length, 3, said);
    assert.match(said, /`serve\(order=0x[0-9a-f]+\) at core\.c/);
    assert.match(said, /`main at core\.c/);
    assert.match(said, /\(int\) \$?\w* ?=? ?43\n/);
    assert.match(said, /latest->number\n\(int\) .*1\n/);
    assert.match(said, /\(char\) .*'A'/);
    assert.match(said, /untouched\[100\]\n\(int\) .*0\n/);
    assert.match(said, /reserved\[53687091200\]\n\(int\) .*1\n/);
  });

  it("is small, though the program has 100 GiB reserved, and leaves the program as it was", async () => {
    const report = await save();
    assert.ok(report.pageBytes < 2 << 20, `${report.pageBytes} bytes of pages`);
    const { blocks, mode } = statSync(path);
    assert.ok(blocks * 512 < 4 << 20, `${blocks} blocks on the disk`);
    assert.equal(mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ["program.core"]);
    assert.match(readFileSync(`/proc/${program.pid}/status`, "latin1"), /State:\tS/);
    assert.match(readFileSync(`/proc/${program.pid}/status`, "latin1"), /TracerPid:\t0/);
    await program.serve();
  });

  it("brings the program's text along where that is asked for", async () => {
    const without = await save();
    const report = await save("in memory");
    assert.ok(report.pageBytes > without.pageBytes + (64 << 10), `${report.pageBytes} bytes`);
    const { pieces } = readCore(sourceOf(readFileSync(path)));
    assert.ok(pieces.some(({ kind, flags, start, end }) => kind === "bytes" && flags === 5 && end - start > 1));
    assert.match(await gdbSays(path, ["print answer"]), /\$1 = 42\n/);
  });

  it("holds memory that the program itself may not touch just now", async () => {
    const tracked = TrackedTarget.start();
    try {
      const address = await tracked.target.map(PAGE_SIZE);
      await tracked.target.do("write", address, PAGE_SIZE, PAGE_SIZE);
      await tracked.target.do("protect", address, PAGE_SIZE, 0);
      const report = await agent.saveCore({ pid: tracked.target.pid, path, files: "changed", since: false }, nothing);
      assert.equal(report.unreadablePages, 0);
      const core = readCore(sourceOf(readFileSync(path)));
      const run = core.stored.find(({ start, end }) => start <= pageOf(address) && pageOf(address) < end);
      assert.ok(run);
      const bytes = core.source.read(run.offset + addressOf(pageOf(address) - run.start), PAGE_SIZE);
      assert.ok(bytes.some(byte => byte !== 0));
    } finally {
      tracked.close();
    }
  });

  it("tells how far it is, and leaves no file behind where it is called off", async () => {
    const told: number[] = [];
    await agent.saveCore({ pid: program.pid, path, files: "changed", since: false }, ({ done, all }) => {
      told.push(done / all);
    });
    assert.equal(told.at(-1), 1);
    rmSync(path);
    const controller = new AbortController();
    const saving = agent.saveCore(
      { pid: program.pid, path, files: "in memory", since: false },
      nothing,
      controller.signal,
    );
    controller.abort();
    await assert.rejects(saving, Cancelled);
    assert.deepEqual(readdirSync(folder), []);
    await program.serve();
  });

  it("says so where the process has ended, and keeps what stood there before", async () => {
    writeFileSync(path, "an older core");
    program.kill();
    await new Promise(resolve => program.process.once("exit", resolve));
    await assert.rejects(save(), /ESRCH/);
    assert.equal(readFileSync(path, "utf8"), "an older core");
    assert.deepEqual(readdirSync(folder), ["program.core"]);
  });

  it("says where it can't be written", async () => {
    const wrong = join(folder, "nowhere", "program.core");
    const saving = agent.saveCore({ pid: program.pid, path: wrong, files: "changed", since: false }, nothing);
    await assert.rejects(saving, /nowhere\/program\.core can't be written: ENOENT/);
  });

  it("tells of a process that a debugger holds what can be had without, and says so", async () => {
    const gdb = execFileSync("gdb", [
      ...["-batch", "-nx", "-p", String(program.pid)],
      ...["-ex", `shell ${process.execPath} ${join(import.meta.dirname, "save-core.ts")} ${program.pid} ${path}`],
    ]);
    assert.match(gdb.toString(), /its threads could not be held/i);
    const said = await gdbSays(path, ["info threads", "print answer"]);
    assert.match(said, /read/);
    assert.match(said, /\$1 = 42\n/);
  });
});

describe("A chain of core files of an armed program", () => {
  let tracked: ReturnType<typeof TrackedTarget.start>;
  let folder: string;
  const PAGES = 64;
  const file = (name: string): string => join(folder, `${name}.core`);

  beforeEach(() => {
    tracked = TrackedTarget.start();
    folder = mkdtempSync(join(tmpdir(), "writewatch-chain-"));
  });
  afterEach(() => {
    tracked.close();
    rmSync(folder, { recursive: true });
  });

  const save = (name: string, since: boolean): ReturnType<typeof tracked.tracker.saveCore> =>
    tracked.tracker.saveCore({ pid: tracked.target.pid, path: file(name), files: "changed", since }, nothing);
  const write = (address: number, page: number, count: number): Promise<number> =>
    tracked.target.do("write", address + page * PAGE_SIZE, count * PAGE_SIZE, PAGE_SIZE);

  it("joins to the same bytes as a full one taken then, however memory came, went and was given back meanwhile", async () => {
    const stays = await tracked.target.map(PAGES * PAGE_SIZE);
    const goes = await tracked.target.map(PAGES * PAGE_SIZE);
    await write(stays, 0, PAGES);
    await write(goes, 0, PAGES);
    await tracked.arm();
    await save("0", false);
    await write(stays, 3, 2);
    await tracked.step();
    await write(stays, 40, 1);
    await tracked.target.do("unmap", goes, PAGES * PAGE_SIZE);
    const first = await save("1", true);
    assert.equal(first.sequence, 1);
    assert.ok(first.inheritedPages > PAGES / 2, `${first.inheritedPages} pages left to the file before`);
    const comes = await tracked.target.map(PAGES * PAGE_SIZE, goes);
    await write(comes, 5, 5);
    await tracked.step();
    await tracked.target.do("discard", stays + 10 * PAGE_SIZE, 4 * PAGE_SIZE);
    await tracked.step();
    await write(stays, 11, 1);
    const second = await save("2", true);
    assert.ok(second.pageBytes < first.pageBytes * 4);
    await tracked.tracker.saveCore(
      { pid: tracked.target.pid, path: file("full"), files: "changed", since: false },
      nothing,
    );

    await joiner.joinCores({ paths: ["0", "1", "2"].map(file), target: file("joined") }, nothing);
    assert.equal(Buffer.compare(memoryOf(file("joined")), memoryOf(file("full"))), 0);
  });

  it("is joined piecewise to the same: what was joined stands for its last file", async () => {
    const memory = await tracked.target.map(PAGES * PAGE_SIZE);
    await write(memory, 0, PAGES);
    await tracked.arm();
    await save("0", false);
    for (const name of ["1", "2"]) {
      await write(memory, Number(name), 1);
      await tracked.step();
      await save(name, true);
    }
    await joiner.joinCores({ paths: ["0", "1"].map(file), target: file("half") }, nothing);
    await joiner.joinCores({ paths: ["half", "2"].map(file), target: file("piecewise") }, nothing);
    await joiner.joinCores({ paths: ["0", "1", "2"].map(file), target: file("joined") }, nothing);
    assert.deepEqual(readFileSync(file("piecewise")), readFileSync(file("joined")));
  });

  it("does not take a step's writes from it", async () => {
    const memory = await tracked.target.map(PAGES * PAGE_SIZE);
    await write(memory, 0, PAGES);
    await tracked.arm();
    await save("0", false);
    await write(memory, 7, 2);
    await save("1", true);
    assert.deepEqual(await tracked.writtenIn(memory, PAGES * PAGE_SIZE), [7, 8]);
  });

  it("is refused with what to do where there is nothing that it could follow on", async () => {
    await assert.rejects(save("1", true), /arm the program, save a full core/);
    await tracked.arm();
    await assert.rejects(save("1", true), /save a full one first/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is refused by name where its files are cut off, foreign, in another order, or of another chain", async () => {
    const memory = await tracked.target.map(PAGES * PAGE_SIZE);
    await write(memory, 0, PAGES);
    await tracked.arm();
    await save("0", false);
    await save("1", true);
    await write(memory, 0, 8);
    await save("2", true);
    await save("other", false);
    writeFileSync(
      file("text"),
      "no core at all, but long enough to have the header of one if it were one, which it is not",
    );
    writeFileSync(file("cut"), readFileSync(file("2")));
    truncateSync(file("cut"), statSync(file("2")).size - PAGE_SIZE);
    const joining = (...names: string[]): Promise<number> =>
      joiner.joinCores({ paths: names.map(file), target: file("joined") }, nothing);
    await assert.rejects(
      joining("0", "2", "1"),
      /2\.core follows on .*1\.core, not on .*0\.core: give the files in the order/,
    );
    await assert.rejects(joining("0", "2"), /2\.core does not follow on .*0\.core: it is number 2/);
    await assert.rejects(joining("1", "2"), /1\.core holds only what was written since .* begin with the full core/);
    await assert.rejects(joining("1", "0"), /begin with .*0\.core/);
    await assert.rejects(joining("other", "1"), /1\.core does not follow on .*other\.core/);
    await assert.rejects(joining("0", "other"), /other\.core is a full core/);
    await assert.rejects(joining("0", "1", "1"), /1\.core is given twice/);
    await assert.rejects(joining("0", "1", "cut"), /cut\.core can't be joined: it is cut off/);
    await assert.rejects(joining("0", "text"), /text\.core can't be joined: it is no ELF file/);
    await assert.rejects(joining("0", "nowhere"), /nowhere\.core can't be opened/);
    await assert.rejects(joining("0"), /at least one that follows/);
    assert.ok(!readdirSync(folder).includes("joined.core"));
  });
});

/** Its notes left out, but for their size: the program was not standing, and its thread may have been about something else. */
function memoryOf(path: string): Buffer {
  const bytes = readFileSync(path);
  const notes = Number(bytes.readBigUInt64LE(32));
  assert.equal(bytes.readUInt32LE(notes), PT_NOTE);
  const start = Number(bytes.readBigUInt64LE(notes + 8));
  bytes.fill(0, start, start + Number(bytes.readBigUInt64LE(notes + 32)));
  return bytes;
}

const PT_NOTE = 4;
