// A system call made in a process that nobody traces: what the process waits for comes as if nothing had been.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import type { TrackerHandle } from "../../src/agent/tracking.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { SystemCall } from "../../src/kernel/abi.ts";
import { compiled, compiledText } from "../compile.ts";
import { type Outcome, Waiting } from "./waiting.ts";

const agentModule = fileURLToPath(new URL("../../src/agent/main.ts", import.meta.url));
const EINTR = 4;
const ETIMEDOUT = 110;
const EAGAIN = 11;
const USR1 = 10;
const ENDED = /ended|ESRCH/;
const ok = (result: number, more = 0): Outcome => ({ result, errno: 0, early: false, more });
const failed = (errno: number, more = 0): Outcome => ({ result: -1, errno, early: false, more });

describe("A system call in a process that nobody traces", () => {
  let waiting: Waiting | undefined;
  let child: ChildProcess | undefined;

  // Of a process of its own: Node takes the stops of its own children for their ends.
  const keeper = new AgentKeeper(agentModule, NO_LOG);
  let agent: TrackerHandle;
  const injectCall = (...call: Parameters<TrackerHandle["systemCallIn"]>): Promise<number> =>
    agent.systemCallIn(...call);

  before(() => {
    agent = keeper.tracker();
  });

  after(() => keeper.dispose());

  afterEach(() => {
    waiting?.end();
    child?.kill("SIGKILL");
    waiting = undefined;
    child = undefined;
  });

  /** So many calls, or as many as are made while it waits. */
  const inject = async (most: number, pause = 0): Promise<void> => {
    const { pid } = waiting ?? { pid: 0 };
    for (let i = 0; i < most && !waiting?.isOver; i += 1) {
      const result = await injectCall(pid, SystemCall.getpid, []).catch((error: Error) => error.message);
      // It may be over any moment, and is no process then.
      assert.ok(result === pid || ENDED.test(String(result)), String(result));
      await sleep(pause);
    }
  };

  const assertUntouched = (pid: number): void => {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, "latin1");
      assert.match(status, /^TracerPid:\t0$/m);
      assert.match(status, /^State:\t[RSD]/m);
    }
  };

  for (const [mode, outcome] of [
    ["read", ok(1)],
    ["futex", ok(0, 1)],
    ["epoll", ok(1)],
    ["epoll-masked", ok(1)],
    ["poll", ok(1)],
    ["wait4", ok(7)],
    ["storm", ok(1, 1)],
  ] as const) {
    it(`leaves a program in its ${mode}, which ends when what it waits for comes`, async () => {
      waiting = await Waiting.start(mode);
      await inject(30);
      assert.equal(waiting.isOver, false);
      assertUntouched(waiting.pid);
      waiting.feed();
      assert.deepEqual(await waiting.outcome, outcome);
    });
  }

  // Were the time begun anew each time, none would end while calls are made.
  for (const [mode, outcome] of [
    ["nanosleep", ok(0)],
    ["clock_nanosleep", ok(0)],
    ["futex-timed", failed(ETIMEDOUT)],
    ["poll-timed", ok(0)],
    ["ppoll-timed", ok(0)],
    ["select-timed", ok(0)],
    ["handler", ok(0, 1)],
  ] as const) {
    it(`lets a ${mode} have its time, no less and no more`, async () => {
      waiting = await Waiting.start(mode);
      await inject(400, 10);
      assert.equal(waiting.isOver, true);
      assert.deepEqual(await waiting.outcome, outcome);
    });
  }

  for (const [mode, outcome] of [
    ["epoll-timed", ok(0)],
    ["read-timed-socket", failed(EAGAIN)],
  ] as const) {
    it(`has an ${mode}, which can't be interrupted, wait again and not for less`, async () => {
      waiting = await Waiting.start(mode);
      await inject(3);
      assert.deepEqual(await waiting.outcome, outcome);
    });
  }

  for (const [mode, outcome] of [
    ["sigsuspend", failed(EINTR, 11)],
    ["sigtimedwait", ok(USR1)],
    ["pause", failed(EINTR, 1)],
    ["read-interruptible", failed(EINTR, 1)],
  ] as const) {
    it(`leaves a program in its ${mode}, which a signal ends once`, async () => {
      waiting = await Waiting.start(mode);
      await inject(30);
      assert.equal(waiting.isOver, false);
      waiting.signal("SIGUSR1");
      await inject(30);
      assert.deepEqual(await waiting.outcome, outcome);
    });
  }

  it("delivers a signal that comes at any moment once, and ends the call that it ends", async () => {
    for (let i = 0; i < 40; i += 1) {
      waiting = await Waiting.start("read-interruptible");
      const { pid } = waiting;
      const calls = inject(3);
      // Somewhere in the midst of the first call, a little later each time.
      for (const until = performance.now() + i * 0.02; performance.now() < until; );
      process.kill(pid, "SIGUSR1");
      await calls;
      assert.deepEqual(await waiting.outcome, failed(EINTR, 1));
    }
  });

  it("keeps signals that wait, and their order", async () => {
    waiting = await Waiting.start("pending");
    await inject(20);
    waiting.feed();
    assert.deepEqual(await waiting.outcome, ok(1, 76543210));
  });

  it("leaves all registers of a program that computes as they were", async () => {
    waiting = await Waiting.start("loop");
    await inject(300);
    waiting.signal("SIGTERM");
    assert.deepEqual(await waiting.outcome, ok(0));
  });

  it("disturbs none of many threads", async () => {
    waiting = await Waiting.start("threads");
    await inject(300);
    assertUntouched(waiting.pid);
    waiting.signal("SIGTERM");
    assert.deepEqual(await waiting.outcome, ok(0));
  });

  it("leaves a stopped program stopped, and it goes on where it was", async () => {
    waiting = await Waiting.start("read");
    waiting.signal("SIGSTOP");
    while (waiting.state !== "T") await sleep(1);
    const stops = 20;
    for (let i = 0; i < stops; i += 1) {
      assert.equal(await injectCall(waiting.pid, SystemCall.getpid, []), waiting.pid);
      // It goes back by itself, a moment after it was let go.
      while (waiting.state !== "T") await sleep(1);
    }
    waiting.feed();
    await sleep(20);
    assert.equal(waiting.isOver, false);
    waiting.signal("SIGCONT");
    assert.deepEqual(await waiting.outcome, ok(1));
  });

  it("stops with a program that is stopped meanwhile", async () => {
    waiting = await Waiting.start("loop");
    for (let i = 0; i < 30; i += 1) {
      const calls = inject(2);
      waiting.signal("SIGSTOP");
      await calls;
      while (waiting.state !== "T") await sleep(1);
      waiting.signal("SIGCONT");
    }
    waiting.signal("SIGTERM");
    assert.deepEqual(await waiting.outcome, ok(0));
  });

  it("waits for a thread that can't be stopped", async () => {
    waiting = await Waiting.start("vfork");
    await inject(3);
    assert.deepEqual(await waiting.outcome, ok(0));
  });

  it("works on a program that forks all the time", async () => {
    waiting = await Waiting.start("forks");
    await inject(100);
    waiting.signal("SIGTERM");
    assert.deepEqual(await waiting.outcome, ok(0));
  });

  it("does no harm to a program that replaces itself all the time", async () => {
    waiting = await Waiting.start("execs");
    const { pid } = waiting;
    while (!waiting.isOver) {
      const result = await injectCall(pid, SystemCall.getpid, []).catch((error: Error) => error.message);
      if (!waiting.isOver && waiting.child.exitCode === null)
        assert.ok(result === pid || ENDED.test(String(result)), String(result));
      await sleep(0);
    }
    assert.deepEqual(await waiting.outcome, ok(0));
  });

  it("says so where the program ends meanwhile", async () => {
    for (let i = 0; i < 30; i += 1) {
      waiting = await Waiting.start("loop");
      const { pid } = waiting;
      const call = injectCall(pid, SystemCall.getpid, []).catch((error: Error) => error.message);
      for (const until = performance.now() + i * 0.05; performance.now() < until; );
      waiting.end();
      const result = await call;
      assert.ok(result === pid || ENDED.test(String(result)), String(result));
    }
  });

  it("is brought to its end by an agent that is told to end", async () => {
    waiting = await Waiting.start("loop");
    const { pid } = waiting;
    for (let i = 0; i < 3; i += 1) {
      const mortal = keeper.tracker();
      await mortal.systemCallIn(pid, SystemCall.getpid, []);
      const calls = Array.from({ length: 20 }, () => mortal.systemCallIn(pid, SystemCall.getpid, []).catch(() => {}));
      process.kill(mortal.pid ?? 0, "SIGTERM");
      await mortal.gone;
      await Promise.all(calls);
      assertUntouched(pid);
    }
    waiting.signal("SIGTERM");
    assert.deepEqual(await waiting.outcome, ok(0));
  });

  describe("is refused, before anything is done,", () => {
    const spawned = async (command: string, ...args: string[]): Promise<number> => {
      child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
      await once(child, "spawn");
      return Number(child.pid);
    };
    const refused = (pid: number, why: RegExp): Promise<void> =>
      assert.rejects(injectCall(pid, SystemCall.getpid, []), why);

    it("where a seccomp filter may end the program for it", async () => {
      const deny = compiled(fileURLToPath(new URL("deny.c", import.meta.url)), "deny", ["-O1"]);
      const pid = await spawned(deny, "userfaultfd", "38", "/bin/sleep", "100");
      while (!/^Name:\tsleep/.test(readFileSync(`/proc/${pid}/status`, "latin1"))) await sleep(1);
      await refused(pid, /seccomp filter of its own.*Arm before/);
    });

    it("where another traces the program, with that one's name", async () => {
      const pid = await spawned(
        compiledText(
          "#include <sys/ptrace.h>\n#include <unistd.h>\nint main(void) { int child = fork(); if (!child) { for (;;) pause(); }\n" +
            'ptrace(PTRACE_SEIZE, child, 0, 0); dprintf(1, "%d\\n", child); for (;;) pause(); }',
          "inject-tracer",
          ["-O1", "-D_GNU_SOURCE", "-include", "stdio.h"],
        ),
      );
      const [text] = await once(child?.stdout ?? process.stdin, "data");
      await refused(Number(text), new RegExp(`traced already by process ${pid} \\(inject-tracer\\).*detach that one`));
      process.kill(Number(text), "SIGKILL");
    });

    it("where the program is a 32-bit one", async () => {
      const folder = mkdtempSync(join(tmpdir(), "writewatch-32-"));
      try {
        const source = 'asm(".globl _start\\n_start: mov $29, %eax\\n int $0x80\\n jmp _start");';
        execFileSync("gcc", ["-m32", "-nostdlib", "-static", "-xc", "-", "-o", join(folder, "old")], { input: source });
        await refused(await spawned(join(folder, "old")), /32-bit program/);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it("where it is no program, is none any more, or is the agent itself", async () => {
      await refused(4_000_000, /ESRCH/);
      await refused(2, /thread of the kernel/);
      await refused(agent.pid ?? 0, /agent itself/);
    });
  });
});
