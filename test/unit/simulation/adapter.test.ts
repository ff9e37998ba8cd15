// The debug adapter of simulated programs, over an in-memory pair.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { DEBUGGEE_UFFD_FLAGS, SystemCall } from "../../../src/kernel/abi.ts";
import { machineOf } from "../../../src/simulation/machines.ts";
import { Client, PROGRAM } from "./client.ts";

const SOURCE = `# A frame of a game.
const PAGES = 4
global score: u64 = 5
global table: 2 pages
fn main() {
  let world = mmap(PAGES pages)
  var lives = 3
  for i in 0..PAGES {
    world[i * page] = i + 1
  }
  score = touch(world, 2)
  let t = spawn touch(world, 3)
  join t

  print "score", score
  store 8, 1
}
fn touch(place, n) {
  var sum = 0
  sum += place[n * page]
  return sum * 10
}
`;

describe("The simulator's debug adapter", () => {
  let client: Client;
  const clients: Client[] = [];

  function start(source = SOURCE): Client {
    client = new Client(source);
    clients.push(client);
    return client;
  }

  afterEach(() => {
    for (const each of clients.splice(0)) each.dispose();
  });

  async function breakAt(...breakpoints: DebugProtocol.SourceBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    const body = await client.request<{ breakpoints: DebugProtocol.Breakpoint[] }>("setBreakpoints", {
      source: { path: PROGRAM },
      breakpoints,
    });
    return body.breakpoints;
  }

  // After a change that is meant: UPDATE_CONVERSATIONS=1, and read the difference.
  it("talks as on file, through one whole conversation", async () => {
    start();
    const heading = (text: string): number => client.transcript.push(`# ${text}`);
    heading("launch");
    await client.launch({}, () => breakAt({ line: 11 }, { line: 14 }, { line: 99 }));
    await client.stack();
    heading("injection, as when memory is armed");
    const descriptor = await client.evaluate(`syscall(${SystemCall.userfaultfd}, ${DEBUGGEE_UFFD_FLAGS})`);
    assert.match(descriptor, /^\d+$/);
    assert.equal(await client.evaluate(`syscall(${SystemCall.prctl}, 1, 2)`), "0");
    assert.equal(await client.evaluate(`syscall(${SystemCall.close}, ${descriptor})`), "0");
    assert.equal(await client.evaluate(`syscall(${SystemCall.close}, ${descriptor})`), "-9");
    heading("steps");
    await client.run("next");
    await client.run("continue");
    assert.deepEqual(await client.stack(), ["main:11"]);
    await client.run("stepIn");
    assert.deepEqual(await client.stack(), ["touch:19", "main:11"]);
    await client.run("stepOut");
    await client.run("next");
    heading("to the fault");
    await client.run("continue");
    assert.deepEqual(await client.stack(), ["main:15"]);
    await client.run("continue");
    await client.request("exceptionInfo", { threadId: 1 });
    heading("to the end");
    await client.run("continue");
    await client.request("disconnect");
    const file = fileURLToPath(new URL("conversations/simulated.txt", import.meta.url));
    const text = `${client.transcript.join("\n")}\n`;
    if (process.env.UPDATE_CONVERSATIONS) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, "utf8"));
  });

  it("refuses a program that can't run with all that is wrong, each with its place", async () => {
    start("fn main() {\n  let a = mmpa(1 page)\n  stroe 1, 2\n}\n");
    await client.request("initialize", { pathFormat: "path" });
    assert.equal(
      await client.refusal("launch", { program: PROGRAM }),
      'test.wsim can\'t run: line 2, column 11: there is no function "mmpa" (did you mean "mmap"?). And 1 more.',
    );
    const told = client.events.filter(({ event }) => event === "output").map(({ body }) => [body.line, body.column]);
    assert.deepEqual(told, [
      [2, 11],
      [3, 3],
    ]);
  });

  it("refuses a launch configuration that it does not understand", async () => {
    start();
    await client.request("initialize", { pathFormat: "path" });
    assert.match(await client.refusal("launch", {}), /names no "program"/);
    assert.match(await client.refusal("launch", { program: "/nowhere.wsim" }), /can't be read/);
    assert.match(
      await client.refusal("launch", { program: PROGRAM, kernel: "2.4" }),
      /"6.18", "6.12" or "6.7", not "2.4"/,
    );
    assert.match(await client.refusal("launch", { program: PROGRAM, seed: "x" }), /takes whole numbers/);
    assert.match(await client.refusal("stackTrace", { threadId: 1 }), /No program has been launched/);
  });

  it("tells the number of the process, by which its kernel is found while it is debugged", async () => {
    start();
    await client.launch();
    const pid = client.events.find(({ event }) => event === "process")?.body.systemProcessId;
    assert.ok(machineOf(pid)?.process(pid)?.isAlive);
    await client.request("disconnect");
    assert.equal(machineOf(pid), undefined);
  });

  it("steps by lines: over calls, into them, out of them, and round a loop", async () => {
    start();
    await client.launch();
    const lines: string[] = [];
    for (let i = 0; i < 8; i += 1) {
      await client.run("next");
      lines.push((await client.stack()).join(" "));
    }
    assert.deepEqual(lines, ["main:7", "main:8", "main:9", "main:8", "main:9", "main:8", "main:9", "main:8"]);
    await breakAt({ line: 11 });
    await client.run("continue");
    await client.run("stepIn");
    await client.run("next");
    await client.run("next");
    assert.deepEqual(await client.stack(), ["touch:21", "main:11"]);
    // The call has returned, and its value is still to be assigned.
    await client.run("next");
    assert.deepEqual(await client.stack(), ["main:11"]);
    assert.deepEqual(await client.variables("Globals"), ["score = 5", "table = 0x405000 (8 KiB)"]);
    await client.run("next");
    assert.deepEqual(await client.stack(), ["main:12"]);
    assert.equal((await client.variables("Globals"))[0], "score = 30");
  });

  it("steps over a whole line, however many statements stand in it, or by statements when asked", async () => {
    start("fn main() {\n  let n = 0\n  for i in 0..1000 { n += i; n -= 1 }\n  print n\n}");
    await client.launch();
    await client.run("next");
    await client.run("next");
    assert.deepEqual(await client.stack(), ["main:4"]);
    start("fn main() {\n  let n = 0; n += 1\n  print n\n}");
    await client.launch();
    await client.run("next", { threadId: 1, granularity: "instruction" });
    assert.deepEqual(await client.stack(), ["main:2"]);
    await client.run("next", { threadId: 1, granularity: "instruction" });
    assert.deepEqual(await client.stack(), ["main:3"]);
  });

  it("moves breakpoints to the next statement, and tells those that have none", async () => {
    start();
    await client.launch();
    const set = await breakAt({ line: 1 }, { line: 8 }, { line: 14 }, { line: 17 }, { line: 18 }, { line: 40 });
    assert.deepEqual(
      set.map(({ verified, line }) => (verified ? line : undefined)),
      [6, 8, 15, 17, 19, undefined],
    );
    const { breakpoints } = await client.request<{ breakpoints: DebugProtocol.Breakpoint[] }>("setBreakpoints", {
      source: { path: "/other.wsim" },
      breakpoints: [{ line: 6 }],
    });
    assert.equal(breakpoints[0]?.verified, false);
  });

  it("stops by conditions and hit counts, and logs without stopping", async () => {
    start();
    await client.launch({ stopOnEntry: false }, () => breakAt({ line: 9, condition: "i == 2" }));
    assert.ok((await client.variables("Locals")).includes("i = 2"));
    await breakAt({ line: 9, logMessage: "i is {i}, {nobody}" }, { line: 20, hitCondition: "2" });
    const stopped = await client.run("continue");
    assert.equal(stopped?.reason, "breakpoint");
    assert.equal(stopped?.threadId, 2);
    assert.equal(client.output("console"), 'i is 3, {nobody: nothing is called "nobody"}\n');
    const [wrong] = await breakAt({ line: 9, hitCondition: "often" });
    assert.match(wrong?.message ?? "", /A hit count is a number/);
  });

  it("stops at functions", async () => {
    start();
    const stopped = await client.launch({ stopOnEntry: false }, async () => {
      const body = await client.request<{ breakpoints: DebugProtocol.Breakpoint[] }>("setFunctionBreakpoints", {
        breakpoints: [{ name: "touch" }, { name: "tuoch" }],
      });
      assert.match(body.breakpoints[1]?.message ?? "", /did you mean "touch"/);
    });
    assert.equal(stopped.body.reason, "function breakpoint");
    assert.deepEqual(await client.stack(), ["touch:19", "main:11"]);
  });

  it("shows names where they can be seen, in every frame, and the machine", async () => {
    start();
    await client.launch({ stopOnEntry: false }, () => breakAt({ line: 20 }));
    assert.deepEqual(await client.variables("Locals"), ["place = 0x1fffffffc000", "n = 2", "sum = 0"]);
    assert.deepEqual(await client.variables("Locals", 1), ["world = 0x1fffffffc000", "lives = 3"]);
    const machine = await client.variables("Machine");
    assert.ok(machine.some(line => /^sp = 0x2f/.test(line)));
    assert.ok(machine.some(line => /^mappings = \d+$/.test(line)));
  });

  it("evaluates: by hover without doing anything, in the console whatever the language has", async () => {
    start();
    await client.launch({ stopOnEntry: false }, () => breakAt({ line: 20 }));
    assert.equal(await client.evaluate("n * 2 + sum", "hover"), "4");
    assert.equal(await client.evaluate("lives", "watch", 1), "3");
    assert.equal(await client.evaluate("&score", "watch"), "0x404000");
    for (const text of ["touch(place, 1)", "random(3)", "mmap(page)", "fork { }", "n = 3", "lives"]) {
      await assert.rejects(client.evaluate(text, "hover"), Error, text);
    }
    assert.equal(await client.evaluate("touch(place, 1)"), "20");
    assert.equal(await client.evaluate("lives += 1; score = 7", "repl", 1), "");
    assert.equal(await client.evaluate("lives * 10 + score", "repl", 1), "47");
    assert.equal(await client.evaluate("for i in 0..3 { place[i] = 9 }"), "");
    assert.equal(await client.evaluate("place[0] + place[2]"), "18");
    assert.equal(await client.evaluate("try munmap(1, 2)"), "-22");
    await assert.rejects(client.evaluate("munmap(1, 2)"), /munmap failed: EINVAL/);
    await assert.rejects(client.evaluate("load(0)"), /SIGSEGV/);
    await assert.rejects(client.evaluate("loop { }"), /takes too long/);
    await assert.rejects(client.evaluate("exit 3"), /the program's to do/);
    await assert.rejects(client.evaluate("let a = "), /expected a value/);
    // None of this has moved the program.
    assert.deepEqual(await client.stack(), ["touch:20", "main:11"]);
    await client.run("next");
    assert.deepEqual(await client.stack(), ["touch:21", "main:11"]);
  });

  it("changes variables, wherever they are", async () => {
    start();
    await client.launch({ stopOnEntry: false }, () => breakAt({ line: 20 }));
    const { scopes } = await client.request<{ scopes: DebugProtocol.Scope[] }>("scopes", {
      frameId: await client.frame(),
    });
    const set = async (scope: number, name: string, value: string): Promise<string> => {
      const variablesReference = scopes[scope]?.variablesReference;
      return (await client.request<{ value: string }>("setVariable", { variablesReference, name, value })).value;
    };
    assert.equal(await set(0, "n", "1 + 2"), "3");
    assert.equal(await set(0, "sum", "n * 100"), "300");
    assert.equal(await set(1, "score", "0x10"), "16");
    await assert.rejects(set(1, "table", "1"), /is an array/);
    await assert.rejects(set(2, "pc", "1"), /can't be changed/);
    assert.deepEqual(await client.variables("Locals"), ["place = 0x1fffffffc000", "n = 3", "sum = 300"]);
    const frameId = await client.frame();
    const { value } = await client.request<{ value: string }>("setExpression", {
      expression: "place[7]",
      value: "5",
      frameId,
    });
    assert.equal(value, "5");
  });

  it("reads and writes memory, as far as there is any", async () => {
    start();
    await client.launch({ stopOnEntry: false }, () => breakAt({ line: 11 }));
    const { memoryReference } = await client.request<{ memoryReference: string }>("evaluate", {
      expression: "world",
      context: "watch",
      frameId: await client.frame(),
    });
    const write = { memoryReference, offset: 4096, data: Buffer.from("hello").toString("base64") };
    assert.equal((await client.request("writeMemory", write)).bytesWritten, 5);
    const read = await client.request<{ data: string; unreadableBytes?: number }>("readMemory", {
      memoryReference,
      offset: 4095,
      count: 20_000,
    });
    assert.equal(Buffer.from(read.data, "base64").subarray(1, 6).toString(), "hello");
    assert.equal(read.unreadableBytes, 20_000 - (4 * 4096 - 4095));
    assert.equal((await client.request("readMemory", { memoryReference: "0", count: 8 })).unreadableBytes, 8);
    assert.match(await client.refusal("writeMemory", { memoryReference: "8", data: "AAAA" }), /could be written/);
    assert.match(await client.refusal("readMemory", { memoryReference: "x", count: 1 }), /is no address/);
  });

  it("shows every thread, and steps the one it is asked to while the others run", async () => {
    start();
    await client.launch({ stopOnEntry: false }, () => breakAt({ line: 20, condition: "n == 3" }));
    const { threads } = await client.request<{ threads: DebugProtocol.Thread[] }>("threads");
    assert.deepEqual(threads, [
      { id: 1, name: "main (1)" },
      { id: 2, name: "touch (2)" },
    ]);
    assert.deepEqual(await client.stack(2), ["touch:20"]);
    const stopped = await client.run("next", { threadId: 2 });
    assert.equal(stopped?.threadId, 2);
    assert.deepEqual(await client.stack(2), ["touch:21"]);
    // The thread ends, and the step with it.
    assert.equal((await client.run("next", { threadId: 2 }))?.threadId, 1);
    assert.match(await client.refusal("next", { threadId: 2 }), /There is no thread 2/);
  });

  it("shows a stack of a hundred thousand frames a few at a time", async () => {
    start(
      "fn main() { return down(100_000) }\nfn down(n) {\n  if n == 0 {\n    store 1, 1\n  }\n  return down(n - 1)\n}",
    );
    await client.launch();
    await client.run("continue");
    const body = await client.request<{ totalFrames: number; stackFrames: DebugProtocol.StackFrame[] }>("stackTrace", {
      threadId: 1,
      startFrame: 50_000,
      levels: 20,
    });
    assert.equal(body.totalFrames, 100_002);
    assert.equal(body.stackFrames.length, 20);
    const frameId = body.stackFrames[3]?.id;
    const { result } = await client.request("evaluate", { expression: "n", context: "hover", frameId });
    assert.equal(result, "50003");
  });

  it("tells a fault as debuggers do, and lets the program die of it", async () => {
    start();
    await client.launch();
    const stopped = await client.run("continue");
    assert.equal(stopped?.reason, "exception");
    assert.match(stopped?.text, /^signal SIGSEGV: write to 0x8: address not mapped to object/);
    assert.deepEqual(await client.stack(), ["main:16"]);
    const info = await client.request("exceptionInfo", { threadId: 1 });
    assert.equal(info.exceptionId, "SIGSEGV");
    assert.ok((await client.variables("Machine")).includes("fault address = 0x8"));
    await client.run("continue");
    assert.equal(client.events.find(({ event }) => event === "exited")?.body.exitCode, 139);
    assert.equal(client.output(), "score 30\n");
  });

  it("pauses and ends a program that would never end", async () => {
    start("fn main() {\n  loop {\n  }\n}\n");
    await client.launch();
    await client.request("continue", { threadId: 1 });
    assert.match(await client.refusal("stackTrace", { threadId: 1 }), /is running/);
    await client.request("pause", { threadId: 1 });
    assert.equal((await client.ended()).body.reason, "pause");
    assert.deepEqual(await client.stack(), ["main:2"]);
    await client.request("continue", { threadId: 1 });
    await client.request("terminate");
    assert.equal((await client.ended()).event, "terminated");
    assert.equal(client.events.find(({ event }) => event === "exited")?.body.exitCode, 143);
  });

  it("pauses behind a long system call, and ends a program in its midst", async () => {
    start(`fn main() {
  let a = mmap(1 GiB)
  let before = page_faults()
  print "begun"
  loop {
    madvise(a, 1 GiB, populate_write)
    madvise(a, 1 GiB, dontneed)
  }
}
`);
    await client.launch();
    await client.request("continue", { threadId: 1 });
    while (client.output() === "") await new Promise(resolve => setTimeout(resolve, 1));
    await client.request("pause", { threadId: 1 });
    assert.equal((await client.ended()).body.reason, "pause");
    // Each call has brought in all of its pages, or has not begun.
    assert.equal(await client.evaluate("(page_faults() - before) % (1 GiB / page)"), "0");
    await client.request("continue", { threadId: 1 });
    await client.request("terminate");
    assert.equal((await client.ended()).event, "terminated");
  });

  it("can be left while the program runs", async () => {
    start("fn main() { loop { } }");
    await client.launch();
    await client.request("continue", { threadId: 1 });
    await client.request("disconnect");
    const { length } = client.events;
    await new Promise(resolve => setTimeout(resolve, 50));
    assert.equal(client.events.length, length);
  });

  it("runs without debugging: no stop, and a fault is the end", async () => {
    start();
    const end = await client.launch({ noDebug: true }, () => breakAt({ line: 6 }));
    assert.equal(end.event, "terminated");
    assert.equal(client.events.find(({ event }) => event === "exited")?.body.exitCode, 139);
  });

  it("hands the configuration's seed, arguments and kernel to the program", async () => {
    start("fn main() {\n  print argument(0), argument(1, 7), argument(2, 8), random(1000000)\n}");
    await client.launch({ stopOnEntry: false, seed: 12, args: [5, "0x10"], kernel: "6.7" });
    const other = client.output();
    assert.match(other, /^5 16 8 \d+\n$/);
    start("seed 12\nfn main() {\n  print argument(0), argument(1, 7), argument(2, 8), random(1000000)\n}");
    await client.launch({ stopOnEntry: false, args: [5, 16] });
    assert.equal(client.output(), other);
  });

  it("offers names in the console", async () => {
    start();
    await client.launch();
    const targets = async (text: string): Promise<string[]> => {
      const args = { text, column: text.length + 1, frameId: await client.frame() };
      const body = await client.request<{ targets: DebugProtocol.CompletionItem[] }>("completions", args);
      return body.targets.map(({ label }) => label);
    };
    assert.deepEqual(await targets("print sc"), ["score"]);
    assert.ok((await targets("mmap(page, re")).includes("read"));
    assert.ok((await targets("mprot")).includes("mprotect"));
  });

  it("speaks of lines and columns as its client counts them", async () => {
    start();
    await client.request("initialize", { pathFormat: "path", linesStartAt1: false, columnsStartAt1: false });
    await client.request("launch", { program: PROGRAM });
    const [set] = await breakAt({ line: 8, column: 0 });
    assert.deepEqual([set?.line, set?.column], [8, 4]);
    await client.request("configurationDone");
    await client.ended();
    assert.deepEqual(await client.stack(), ["main:8"]);
  });
});
