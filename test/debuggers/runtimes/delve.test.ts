// Go programs under the real delve: optimized and not, launched and attached to.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pageOf } from "../../../src/memory/page.ts";
import { byteWritersOf } from "../../../src/recording/writers.ts";
import { Mirror } from "../../foreign/mirror.ts";
import { descriptorsOf, ProcessMemory, registeredMappings } from "../../foreign/process-files.ts";
import { RuntimeProgram, type Start } from "./program.ts";

const SOURCE = fileURLToPath(new URL("programs/steps.go", import.meta.url));
const RELAY = fileURLToPath(new URL("tcp-adapter.ts", import.meta.url));
const DLV = process.env.DLV ?? "dlv";
const GO = process.env.GO ?? "/usr/bin/go";
const FIRST_LINE = 25;

describe("A Go program under delve", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "writewatch-delve-"));
  const output = join(folder, "output");

  after(() => rmSync(folder, { recursive: true, force: true }));

  const build = (name: string, ...flags: string[]): string => {
    const path = join(folder, name);
    execFileSync(GO, ["build", "-o", path, ...flags, SOURCE], { env: { ...process.env, GO111MODULE: "off" } });
    return path;
  };
  const start = (configuration: Start["configuration"]): Start => ({
    debugType: "go",
    command: {
      command: process.execPath,
      args: [RELAY, "0", output, DLV, "dap", "--listen=127.0.0.1:PORT", "--check-go-version=false"],
    },
    configuration,
    breakpoints: { path: SOURCE, lines: [FIRST_LINE] },
  });

  for (const [how, flags] of [
    ["whose own code is not optimized", ["-gcflags=-N -l"]],
    ["that is optimized", []],
    ["at addresses of the system's choice", ["-buildmode=pie"]],
  ] as const) {
    it(`${how} is launched, armed and stepped: pages told are those that differ`, async () => {
      const program = build("launched", ...flags);
      const plain = execFileSync(program, { encoding: "utf8" });
      rmSync(output, { force: true });
      const watched = await RuntimeProgram.start(start({ request: "launch", mode: "exec", program }));
      try {
        await checkSteps(watched);
        await watched.session.disarm();
        await clear(watched);
        await watched.runToEnd();
      } finally {
        await watched.close();
      }
      const printed = readFileSync(output, "utf8").replace(/^.*listening at.*\n/, "");
      assert.equal(printed, plain);
    });
  }

  it("is attached to while it waits, armed and stepped; it goes on as if nothing had been", async () => {
    const program = build("attached", "-gcflags=-N -l");
    const out = openSync(join(folder, "attached-output"), "w");
    const child = spawn(program, ["wait"], { stdio: ["pipe", out, out] });
    closeSync(out);
    const printed = (): string => readFileSync(join(folder, "attached-output"), "utf8");
    while (!printed().includes("ready")) await new Promise(resolve => setTimeout(resolve, 5));
    const exited = new Promise<number | null>(resolve => child.once("exit", code => resolve(code)));
    const configuration = { request: "attach" as const, mode: "local", processId: child.pid };
    const watched = await RuntimeProgram.start(start(configuration), () => child.stdin?.end("go\n"));
    try {
      await checkSteps(watched);
      assert.equal(watched.session.processId, child.pid);
      await watched.session.disarm();
      await clear(watched);
      await watched.client.request("disconnect", { terminateDebuggee: false });
      assert.equal(await exited, 0);
    } finally {
      child.kill("SIGKILL");
      await watched.close();
    }
    assert.equal(printed(), execFileSync(program, ["wait"], { encoding: "utf8", input: "go\n" }));
  });
});

async function clear({ client }: RuntimeProgram): Promise<void> {
  await client.request("setBreakpoints", { source: { path: SOURCE }, breakpoints: [] });
}

async function checkSteps(watched: RuntimeProgram): Promise<void> {
  const place = await watched.frame();
  await watched.session.arm();
  assert.deepEqual(await watched.frame(), place, "the program stands where it stood");
  const pid = watched.session.processId ?? assert.fail("no process");
  assert.ok(!descriptorsOf(pid).some(each => each.includes("userfaultfd")), "no descriptor is left in the program");
  const memory = new ProcessMemory(pid);
  try {
    const mirror = new Mirror(memory);
    await watched.session.bookToDebugger();
    mirror.copy(await watched.newlyTold());
    const lost: string[] = [];
    const wrote = new Map<number, number>();
    const { address, size } = await watched.session.locate("counters");
    assert.equal(size, 8192);
    for (let i = 0; i < 8; i += 1) {
      const told = await watched.step("next");
      lost.push(...mirror.check(told));
      const { from } = told.steps.at(-1) ?? assert.fail("no step");
      const within = told.byProgram.countIn(pageOf(address), pageOf(address + size - 1) + 1);
      if (from && !wrote.has(from.line)) wrote.set(from.line, within);
    }
    assert.deepEqual(lost, [], "every page that differs was told");
    assert.ok(mirror.compared > 1000);
    assert.deepEqual(
      [25, 26, 27].map(line => wrote.get(line)),
      [1, 1, 0],
    );
    const element = await watched.session.locate("counters[1000]");
    const { steps } = watched.session.recording;
    const { writers } = byteWritersOf(steps, element.address, element.address + element.size, 10);
    assert.equal(writers[0]?.step.from?.line, 26);
  } finally {
    memory.close();
  }
  await watched.session.disarm();
  assert.deepEqual(registeredMappings(pid), []);
  await watched.session.arm();
}
