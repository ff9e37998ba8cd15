// What addresses of a live program are called: of each sort of memory, and of each way to build a program.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { LocalAgent } from "../../src/agent/local.ts";
import { SystemSource } from "../../src/agent/mapped-files.ts";
import type { NamesAnswer } from "../../src/agent/names.ts";
import { fullNames } from "../../src/agent/process-names.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { linuxKernel } from "../../src/kernel/linux/linux-kernel.ts";
import { isNoise, type Name, toWords } from "../../src/names/name.ts";
import { takeSnapshot } from "../../src/tracker/snapshot.ts";
import { compiled } from "../compile.ts";
import { agentModule } from "./tracked.ts";

interface Told {
  readonly what: string;
  readonly address: number;
  readonly thread: number;
}

describe("Names of a live program's memory", () => {
  const system = new SystemSource();
  const freshTracker = () => new LocalAgent(() => linuxKernel, undefined, fullNames(new SystemSource())).tracker();
  let tracker = freshTracker();
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill("SIGKILL"));

  /** @returns what the program says of itself. */
  const started = async (path: string): Promise<Told[]> => {
    child = spawn(path, { stdio: ["ignore", "pipe", "inherit"] });
    const told: Told[] = [];
    if (!child.stdout) throw new Error("no output");
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === "end") {
        // A thread's stack pointer is known while it sleeps.
        while (system.threadsOf(pid()).some(({ stackPointer }) => stackPointer === undefined)) await setTimeout(5);
        return told;
      }
      const [what, address, thread] = line.split(" ");
      told.push({ what, address: Number(address), thread: Number(thread) });
    }
    throw new Error("the program ended early");
  };
  const pid = (): number => child?.pid ?? 0;

  const namesOf = async (addresses: readonly number[]): Promise<Name[]> => {
    const ranges = Float64Array.from(addresses.flatMap(address => [address, address + 1]));
    const { named, problems } = await tracker.names(pid(), ranges, 1);
    assert.deepEqual(problems, []);
    return named.map(([{ name }]) => name);
  };

  const wordsOf = async (told: readonly Told[]): Promise<Map<string, string>> => {
    const names = await namesOf(told.map(({ address }) => address));
    return new Map(told.map(({ what, thread }, i) => [`${what} ${thread}`, toWords(names[i])]));
  };

  const source = fileURLToPath(new URL("named.c", import.meta.url));
  const build = (name: string, ...flags: string[]): string =>
    compiled(source, `named-${name}`, ["-g", "-O0", "-pthread", ...flags]);

  for (const [kind, name, flags] of [
    ["that is loaded anywhere", "pie", ["-fPIE", "-pie"]],
    ["at fixed addresses", "no-pie", ["-fno-pie", "-no-pie"]],
    ["that is static", "static", ["-static"]],
    ["whose loaded data is read-only", "now", ["-Wl,-z,now"]],
  ] as const) {
    it(`are words, of a program ${kind}`, async () => {
      const told = await started(build(name, ...flags));
      const words = await wordsOf(told);
      const main = pid();
      const of = (what: string, thread = main): string => words.get(`${what} ${thread}`) ?? "nothing told";
      assert.equal(of("counters"), "counters+136");
      assert.equal(of("zeroed"), "zeroed+8000");
      assert.equal(of("calls"), "calls.0");
      assert.equal(of("table"), "table+8");
      assert.equal(of("main"), "main");
      assert.equal(of("vdso"), "the kernel's vdso");
      assert.match(of("heap"), /^block of 40 bytes at 0x[0-9a-f]+, byte 8$/);
      assert.match(of("mapped"), /^block of 1,052,656 bytes at 0x[0-9a-f]+, byte 5000$/);
      assert.match(of("anonymous"), /^anonymous memory\+0x/);
      assert.equal(of("environ"), "environ");
      const threads = [...new Set(told.map(({ thread }) => thread))];
      assert.equal(threads.length, 3);
      for (const thread of threads) {
        assert.equal(of("stack", thread), `stack of thread ${thread}`);
        assert.equal(of("below", thread), `stack of thread ${thread}, below what is in use`);
        assert.equal(of("each", thread), `each+8 of thread ${thread}`);
        assert.equal(of("control", thread), `control block of thread ${thread}`);
        if (name !== "static") {
          assert.equal(of("errno", thread), `thread-local data of thread ${thread}`);
          assert.equal(of("rseq", thread), `the kernel's rseq area of thread ${thread}`);
        }
        if (thread !== main) assert.match(of("arena", thread), /^block of 104 bytes at 0x[0-9a-f]+$/);
      }
    });
  }

  it("come from split-off debug information, and are the file's sections without", async () => {
    const built = build("split");
    const path = `${built}-stripped`;
    copyFileSync(built, path);
    execFileSync("objcopy", ["--only-keep-debug", built, `${path}.debug`]);
    execFileSync("strip", ["-s", path]);
    execFileSync("objcopy", [`--add-gnu-debuglink=${path}.debug`, path]);
    assert.equal((await wordsOf(await started(path))).get(`calls ${pid()}`), "calls.0");
    child?.kill("SIGKILL");
    rmSync(`${path}.debug`);
    // Another agent: one that has read the file keeps what it read.
    tracker = freshTracker();
    const words = await wordsOf(await started(path));
    assert.match(words.get(`calls ${pid()}`) ?? "", /^\.bss\+0x[0-9a-f]+ of named-split-stripped$/);
  });

  it("tell the loader's memory from the program's", async () => {
    const path = build("now", "-Wl,-z,now");
    await started(path);
    const mappings = linuxKernel.mappings(pid());
    const listed = execFileSync("readelf", ["-SW", path], { encoding: "latin1" });
    const got = Number.parseInt(/ \.got +PROGBITS +([0-9a-f]+)/.exec(listed)?.[1] ?? "", 16);
    const base = (mappings.find(({ name }) => name === path)?.start ?? 0) * 4096;
    const [name] = await namesOf([base + got + 8]);
    assert.equal(toWords(name), "the loader's (.got of named-now)");
    assert.ok(isNoise(name));
  });

  it("are cut where one ends and the next begins", async () => {
    const told = await started(build("pie", "-fPIE", "-pie"));
    const start = (told.find(({ what }) => what === "counters")?.address ?? 0) - 136;
    const answer = await tracker.names(pid(), Float64Array.of(start, start + 404), 10);
    const [first, second] = answer.named[0];
    assert.deepEqual([first.start, first.end], [start, start + 400]);
    assert.equal(toWords(first.name), "counters");
    assert.equal(second.start, start + 400);
    assert.equal(answer.named[0].at(-1)?.end, start + 404);
  });

  it("cover every byte of every mapping once, whatever is there", async () => {
    await started(build("pie", "-fPIE", "-pie"));
    const ranges = linuxKernel
      .mappings(pid())
      .filter(({ name }) => name !== "[vsyscall]")
      .flatMap(({ start, end }) => [start * 4096, end * 4096]);
    const { named } = await tracker.names(pid(), Float64Array.from(ranges), 1000);
    for (const [i, pieces] of named.entries()) {
      let at = ranges[i * 2];
      for (const { start, end, name } of pieces) {
        assert.equal(start, at);
        assert.ok(end > start && end <= ranges[i * 2 + 1]);
        assert.ok(toWords(name).length > 0);
        at = end;
      }
      if (pieces.length < 1000) assert.equal(at, ranges[i * 2 + 1]);
    }
  });

  it("bring no page into memory, and write none", async () => {
    await started(build("pie", "-fPIE", "-pie"));
    const before = takeSnapshot(linuxKernel, pid());
    const ranges = before.mappings.slice(0, -1).flatMap(({ start, end }) => [start * 4096, end * 4096]);
    await tracker.names(pid(), Float64Array.from(ranges), 1000);
    const after = takeSnapshot(linuxKernel, pid());
    assert.deepEqual(after.runs, before.runs);
    assert.deepEqual(after.categories, before.categories);
  });

  it("say why a file that was replaced while it runs has none", async () => {
    const path = `${build("pie", "-fPIE", "-pie")}-replaced`;
    copyFileSync(build("pie", "-fPIE", "-pie"), path);
    const told = await started(path);
    rmSync(path);
    copyFileSync(build("pie", "-fPIE", "-pie"), path);
    const { address } = told.find(({ what }) => what === "counters") ?? { address: 0 };
    const { named, problems } = await tracker.names(pid(), Float64Array.of(address, address + 4), 1);
    // Who may read map_files still has the file itself, others are told.
    const words = toWords(named[0][0].name);
    if (problems.length === 0) assert.equal(words, "counters+136");
    else assert.match(`${problems[0]} ${words}`, /not at its path any more.*named-pie-replaced/);
  });

  it("come over the agent's process, which refuses what is no range", async () => {
    const keeper = new AgentKeeper(agentModule, NO_LOG);
    try {
      const told = await started(build("pie", "-fPIE", "-pie"));
      const remote = keeper.tracker();
      const ranges = Float64Array.from(told.flatMap(({ address }) => [address, address + 1]));
      const answer: NamesAnswer = await remote.names(pid(), ranges, 3);
      assert.deepEqual(answer, await tracker.names(pid(), ranges, 3));
      await assert.rejects(remote.names(pid(), Float64Array.of(8, 4), 1), /no range of addresses: 8 to 4/);
      await assert.rejects(remote.names(pid(), Float64Array.of(8), 1), /not pairs/);
      await assert.rejects(remote.names(2 ** 22 + 1, Float64Array.of(8, 9), 1), /No such|ENOENT/);
    } finally {
      const running = keeper.processes;
      keeper.dispose();
      await Promise.all(running.map(({ gone }) => gone));
    }
  });
});
