// lldb's server as it answers, packet by packet: what is asked of it, in which order, and what is undone when something fails.
import assert from "node:assert/strict";
import type { AdapterPort } from "../../../src/debuggers/adapter-port.ts";
import { parsePassed } from "../../../src/debuggers/lldb/handled-signals.ts";
import { parseStopReply } from "../../../src/debuggers/lldb/packets.ts";
import { signalInfoBytes } from "../../../src/debuggers/lldb/signal-info.ts";
import { lldbDap } from "../../../src/debuggers/lldb-dap/debugger.ts";

const X86_64 = Buffer.from("x86_64-pc-linux-gnu").toString("hex");
const VDSO = 0x7fff0000;
/** `mov $0x060f, %eax` holds the instruction's bytes at odd digits only; then it comes. */
const CODE = "b80f06000000f00f05c3";
const AFTER = VDSO + 9;

/** Where a thread stands, as the server tells it. */
const stopped = (signal: string, rip: string, rax: string): string => `T${signal}thread:p1.1;00:${rax};10:${rip};`;
const DONE = stopped("05", "0900ff7f00000000", "2a00000000000000");

const TABLE = "NAME PASS STOP NOTIFY\nSIGALRM true false false\nSIGINT false true true\nSIGRTMIN+1 true false false\n";

/** An lldb-dap whose server gives these answers, the last for ever. */
class Scripted {
  readonly sent: string[] = [];
  private readonly answers: Record<string, string[]>;

  constructor(answers: Record<string, string[]>) {
    this.answers = {
      qProcessInfo: [`pid:1;triple:${X86_64};`],
      qThreadStopInfo: [stopped("05", "0000000000000000", "0000000000000000")],
      "image list": ["[  0] 0x000000007fff0000\n"],
      "process handle": [TABLE],
      m: [CODE],
      QSaveRegisterState: ["7"],
      ...answers,
    };
  }

  readonly port: AdapterPort = {
    debugType: "lldb-dap",
    onEvent: () => ({ dispose: () => {} }),
    request: async (_command, args) => {
      const text = (args as { expression: string }).expression.slice(1);
      const packet = /^process plugin packet send "(.*)"$/.exec(text)?.[1];
      const asked = packet ?? text;
      this.sent.push(asked);
      const key = Object.keys(this.answers).find(start => asked.startsWith(start));
      const list = key === undefined ? ["OK"] : (this.answers[key] ?? []);
      const answer = (list.length > 1 ? list.shift() : list[0]) ?? "";
      return { result: packet === undefined ? answer : `  packet: ${packet}\nresponse: ${answer}\n` };
    },
  };

  call(): Promise<number> {
    return lldbDap.systemCall({ port: this.port, threadId: 1 }, 323, [5]);
  }
}

describe("A system call through lldb's server", () => {
  it("sets the registers, steps one instruction of one thread, and puts the registers back", async () => {
    const lldb = new Scripted({ vCont: [DONE] });
    assert.equal(await lldb.call(), 42);
    const at = lldb.sent.indexOf("QSaveRegisterState;thread:1;");
    assert.deepEqual(lldb.sent.slice(at), [
      "QSaveRegisterState;thread:1;",
      "QPassSignals:",
      "P10=0700ff7f00000000;thread:1;",
      "P0=4301000000000000;thread:1;",
      "P4=0500000000000000;thread:1;",
      "vCont;s:1",
      "QRestoreRegisterState:7;thread:1;",
      "QPassSignals:0e;23",
    ]);
  });

  for (const inside of ["fork", "vfork", "exec"]) {
    it(`touches nothing where the thread stands in ${inside}`, async () => {
      const lldb = new Scripted({ qThreadStopInfo: [`T05thread:p1.1;reason:${inside};`] });
      await assert.rejects(lldb.call(), new RegExp(`inside a system call \\(${inside}\\).*step once`));
      assert.deepEqual(lldb.sent, ["qProcessInfo", "qThreadStopInfo1"]);
    });
  }

  it("touches nothing in a program of 32 bits", async () => {
    const lldb = new Scripted({ qProcessInfo: [`pid:1;triple:${Buffer.from("i386-pc-linux").toString("hex")};`] });
    await assert.rejects(lldb.call(), /Only 64-bit programs on x86/);
    assert.deepEqual(lldb.sent, ["qProcessInfo"]);
  });

  it("reads the answer that comes after what a child of the program's prints", async () => {
    const lldb = new Scripted({ vCont: [`O${Buffer.from("hello\n").toString("hex")}`], "+": ["O41", DONE] });
    assert.equal(await lldb.call(), 42);
    assert.equal(lldb.sent.filter(packet => packet.startsWith("vCont")).length, 1);
  });

  it("puts the registers back where the program did not take the step", async () => {
    const lldb = new Scripted({ vCont: [stopped("05", "0700ff7f00000000", "0000000000000000")] });
    await assert.rejects(lldb.call(), /did not run the system call: it stands at 0x7fff0007/);
    assert.deepEqual(lldb.sent.slice(-2), ["QRestoreRegisterState:7;thread:1;", "QPassSignals:0e;23"]);
  });

  it("says so when the program ended in it", async () => {
    await assert.rejects(new Scripted({ vCont: ["X1f;process:1"] }).call(), /ended in the system call/);
  });

  it("says so where lldb has no server", async () => {
    const lldb = new Scripted({});
    const port = { ...lldb.port, request: async () => ({ result: "error: command requires a process\n" }) };
    await assert.rejects(
      lldbDap.systemCall({ port, threadId: 1 }, 39, []),
      /could not ask its server.*requires a process/,
    );
  });
});

describe("What lldb prints", () => {
  it("of a stop: the signal, and registers as signed numbers", () => {
    const stop = parseStopReply("T0ethread:p1.1;name:x;00:daffffffffffffff;10:0900ff7f00000000;reason:signal;");
    assert.equal(stop?.signal, 14);
    assert.equal(stop?.registers.get(0), -38n);
    assert.equal(stop?.registers.get(16), BigInt(AFTER));
    assert.equal(parseStopReply("W00"), undefined);
  });

  it("of signals: the numbers of those that are passed on in silence", () => {
    assert.deepEqual(
      parsePassed("SIGCHLD  true  false  false\nSIGRTMAX-1 true false false\nSIG33 true false false\n"),
      [17, 63, 33],
    );
    assert.deepEqual(parsePassed("SIGSEGV true true true\nSIGTRAP false false false\n"), []);
  });

  it("of a signal: the bytes that the kernel takes for it", () => {
    const bytes = signalInfoBytes(
      "si_signo = 36 si_errno = 0 si_code = -2 si_addr = 0x0000000700000002 sival_ptr = 0x0000555500001234 _lower = 0x0 _upper = 0x0",
    );
    assert.equal(bytes.length, 256);
    assert.match(bytes, /^2400000000000000feffffff0000000002000000070000003412000055550000(00)+$/);
    assert.throws(() => signalInfoBytes("si_signo = 36"), /does not tell si_errno/);
  });
});
