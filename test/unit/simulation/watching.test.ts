// A simulated program under a debugger while somebody watches its memory from outside: stores wait, a pause shows them, and they go on.
import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { SystemCall, WATCH_UFFD_FLAGS, WATCHING_FEATURES } from "../../../src/kernel/abi.ts";
import type { Userfaultfd, WriteFault } from "../../../src/kernel/kernel.ts";
import { simulatedKernel } from "../../../src/kernel/simulated/simulated-kernel.ts";
import { pageOf } from "../../../src/memory/page.ts";
import { machineOf } from "../../../src/simulation/machines.ts";
import { Client } from "./client.ts";

// Data that comes from the program's file can't be watched: only memory of no file on a disk can. The rest lies behind it.
const DATA = "global initial: 16 pages align page\n";
const SOURCE = `global guarded: 2 pages align page
global other: 8 pages align page
fn main() {
  let t = spawn worker(1)
  let u = spawn worker(2)
  join t
  join u
  print "sum", guarded[0] + guarded[page]
}
fn worker(n) {
  for i in 0..50 { other[(n * 3) * page] = i }
  guarded[(n - 1) * page] = random(1000000) * 0 + n
  other[n] = 1
}
`;

const kernel = simulatedKernel(machineOf);

describe("A simulated program whose memory is watched", () => {
  let client: Client;
  let pid = 0;
  let watch: Userfaultfd;
  let waiting: WriteFault[] = [];
  let tell = (): void => {};

  async function launch(source = SOURCE, pages = 1): Promise<void> {
    client = new Client(DATA + source);
    await client.launch();
    pid = client.events.find(({ event }) => event === "process")?.body.systemProcessId;
    const descriptor = Number(await client.evaluate(`syscall(${SystemCall.userfaultfd}, ${WATCH_UFFD_FLAGS})`));
    watch = kernel.takeUserfaultfd(pid, descriptor);
    await client.evaluate(`syscall(${SystemCall.close}, ${descriptor})`);
    const page = pageOf(Number(await client.evaluate("guarded")));
    watch.negotiate(WATCHING_FEATURES);
    watch.register(page, page + pages);
    watch.writeProtect(page, page + pages);
    waiting = [];
    watch.onFault(() => {
      waiting.push(...watch.readFaults());
      tell();
    });
  }

  afterEach(() => client.dispose());

  /** The next store that waits, of a thread if one is given. */
  async function held(threadId?: number): Promise<WriteFault> {
    for (;;) {
      const index = waiting.findIndex(fault => threadId === undefined || fault.threadId === threadId);
      const [fault] = index < 0 ? [] : waiting.splice(index, 1);
      if (fault) return fault;
      await new Promise<void>(resolve => {
        tell = resolve;
      });
    }
  }

  /** Pauses the program: what waits then waits no longer. */
  async function pause(): Promise<DebugProtocol.Event["body"]> {
    await client.request("pause", { threadId: 1 });
    const { body } = await client.ended();
    waiting = [];
    return body;
  }

  it("stands at the storing statement, the store not done, until it is let through", async () => {
    await launch(SOURCE, 2);
    const guarded = async () => Number(await client.evaluate("guarded[0] + guarded[page]", "hover"));
    const seen: number[] = [];
    const first = pageOf(Number(await client.evaluate("guarded")));
    await client.request("continue", { threadId: 1 });
    while (seen.length < 2) {
      const fault = await held();
      const { threadId, address } = fault;
      const blocked = kernel.blockedCall?.(pid, threadId);
      assert.ok(blocked?.kind === "store");
      assert.equal((await pause()).reason, "pause");
      const args = { threadId };
      const { stackFrames } = await client.request<{
        stackFrames: { line: number; instructionPointerReference: string }[];
      }>("stackTrace", args);
      assert.equal(stackFrames[0]?.line, 13);
      assert.equal(Number(stackFrames[0]?.instructionPointerReference), blocked.pc);
      assert.equal(
        await guarded(),
        seen.reduce((sum, n) => sum + n, 0),
      );
      assert.deepEqual(watch.readFaults(), [], "stopped, it waits no longer");
      seen.push(address === first * 4096 ? 1 : 2);
      // It comes again, and is let through.
      await client.request("continue", { threadId: 1 });
      assert.deepEqual(await held(threadId), fault);
      const page = pageOf(address);
      const before = kernel.faultsDone?.(pid, threadId) ?? 0;
      watch.unprotect(page, page + 1);
      await until(() => (kernel.faultsDone?.(pid, threadId) ?? before + 1) > before);
      if (kernel.isAlive(pid)) watch.writeProtect(page, page + 1);
    }
    watch.close();
    assert.equal((await client.ended()).event, "terminated");
    assert.deepEqual(seen.sort(), [1, 2]);
    assert.match(client.output(), /sum 3/);
  });

  it("is idle where all threads wait, and goes on when the watch ends", async () => {
    await launch(
      "global guarded: page align page\nfn main() {\n  guarded[9] = random(5) * 0 + 4\n  print guarded[9]\n}\n",
    );
    await client.request("continue", { threadId: 1 });
    await held();
    assert.deepEqual((await pause()).threadId, 1);
    assert.deepEqual(await client.stack(), ["main:4"]);
    await client.request("continue", { threadId: 1 });
    await held();
    watch.close();
    assert.equal((await client.ended()).event, "terminated");
    assert.equal(client.output(), "4\n");
  });

  it("goes on with a fill and a copy at the very byte that was held", async () => {
    await launch(
      `global guarded: 3 pages align page
global from: 3 pages align page
fn main() {
  fill from, 3 pages, 5
  fill guarded + 7, 2 pages, 9
  copy guarded + 1, from, 2 pages
  copy guarded + 3, guarded, 2 pages
  print guarded[0], guarded[1], guarded[4], guarded[2 * page + 2], guarded[2 * page + 3]
}
`,
      3,
    );
    const page = pageOf(Number(await client.evaluate("guarded")));
    const told: number[] = [];
    // Each page is protected again as soon as the next one is held: to go on from the beginning would never end.
    await client.request("continue", { threadId: 1 });
    while (told.length < 9) {
      const { address } = await held();
      told.push(address - page * 4096);
      watch.writeProtect(page, page + 3);
      watch.unprotect(pageOf(address), pageOf(address) + 1);
    }
    await client.ended();
    assert.deepEqual(told, [7, 4096, 8192, 1, 4096, 8192, 3, 4096, 8192]);
    assert.equal(client.output(), "0 5 5 5 9\n");
  });

  it("tells a store by a system call as that, and completes the call with its full count", async () => {
    await launch(`global guarded: page align page
global source: page align page
fn main() {
  source[0] = 8
  let moved = process_vm_readv(getpid(), source, guarded + 40, 100)
  print moved, guarded[40]
}
`);
    await client.request("continue", { threadId: 1 });
    const { address, threadId } = await held();
    assert.equal(address % 4096, 40);
    const blocked = kernel.blockedCall?.(pid, threadId);
    assert.ok(blocked?.kind === "system call" && blocked.number === SystemCall.process_vm_readv);
    const page = pageOf(address);
    watch.unprotect(page, page + 1);
    assert.equal((await client.ended()).event, "terminated");
    assert.equal(client.output(), "100 8\n");
  });

  it("is changed by its debugger only where no watch holds the page", async () => {
    await launch();
    await assert.rejects(client.evaluate("guarded[1] = 3"), /a userfaultfd holds the page/);
    watch.close();
    await client.evaluate("guarded[1] = 3");
    assert.equal(await client.evaluate("guarded[1]"), "3");
  });
});

/** Waits turns of the event loop until something holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 0));
}
