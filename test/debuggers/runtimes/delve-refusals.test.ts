// What can't be done in Go programs under the real delve: it is said, with the remedy, and the program goes on as if nothing had been.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { delveStart, goBuild } from "./delve.ts";
import { RuntimeProgram } from "./program.ts";

/** It imports nothing, and prints what an answer of delve's would be. */
const PLAIN = `package main

var x int

func add(n int) { x += n }

func main() {
	println("_RIP = 4096 = 0x1000 (Thread 1) runtime.m0.procid 1 = 0x1")
	add(1)
	add(2)
	println("x", x)
}
`;

const SLEEPING = `package main

import (
	"fmt"
	"time"
)

func main() {
	time.Sleep(1500 * time.Millisecond)
	fmt.Println("awake")
}
`;

describe("A Go program that delve's ways do not fit", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "writewatch-delve-"));
  const output = join(folder, "output");
  const printed = (): string => readFileSync(output, "utf8").replace(/^.*listening at.*\n/, "");
  let watched: RuntimeProgram | undefined;

  const start = async (name: string, text: string, lines: readonly number[], stops = true): Promise<RuntimeProgram> => {
    const source = join(folder, `${name}.go`);
    const program = join(folder, name);
    writeFileSync(source, text);
    goBuild(source, program, "-gcflags=-N -l");
    rmSync(output, { force: true });
    const breakpoints = { path: source, lines };
    const begun = { ...delveStart(output, { request: "launch", mode: "exec", program }), breakpoints };
    watched = stops ? await RuntimeProgram.start(begun) : await RuntimeProgram.run(begun);
    return watched;
  };

  afterEach(() => watched?.close());
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is armed all the same where it has no package syscall, and prints what looks like an answer", async () => {
    const plain = await start("plain", PLAIN, [9]);
    const { session } = plain;
    await session.arm();
    const { address, size } = await session.locate("x");
    assert.equal(size, 8);
    const { steps } = await plain.step("next");
    assert.ok(steps.at(-1)?.written.has(Math.floor(address / 4096)));
    await assert.rejects(session.locate("nowhere"), /nowhere/);
    await assert.rejects(session.locate("1 + 1"), /can not take address/i);
    await assert.rejects(session.locate("x\nquit"), /one line/);
  });

  it("is not armed where no thread runs the goroutine; the message says what to do, and it sleeps on", async () => {
    const sleeping = await start("sleeping", SLEEPING, [], false);
    await new Promise(resolve => setTimeout(resolve, 300));
    await sleeping.client.request("pause", { threadId: 1 });
    await sleeping.halt();
    await assert.rejects(sleeping.session.arm(), /goroutine 1 is parked: .* Stop the program at a breakpoint/);
    assert.equal(sleeping.session.isArmed, false);
    await sleeping.runToEnd();
    assert.equal(printed(), "awake\n");
  });

  it("is not armed where delve ends meanwhile; nothing waits for it for ever", async () => {
    const { session, client } = await start("dying", PLAIN, [9]);
    const subscription = client.onToAdapter.listen(message => {
      // In the middle of the call: the code is written, and the thread has not come back.
      if (!JSON.stringify(message).includes("setVariable")) return;
      subscription.dispose();
      execFileSync("kill", ["-KILL", "--", `-${client.pid}`]);
    });
    await assert.rejects(session.arm(), /ended|connection/);
    assert.equal(session.isArmed, false);
  });
});
