// The injected call itself: the kernel gets what it was given, and the program can't tell that anything happened.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { compiledText } from "../compile.ts";
import { adapterOf, EVERY_ADAPTER } from "../debuggers-here.ts";
import { SystemCalls } from "./system-calls.ts";

const MMAP = 9;
const MUNMAP = 11;
const CLOSE = 3;
const GETPID = 39;
const GETTID = 186;
const USERFAULTFD = 323;
const CLOEXEC_NONBLOCK_USER_MODE_ONLY = 0x80801;

/** Other threads run into the very function where one has stopped; each run of it counts. */
const BUSY = `#include <errno.h>
#include <pthread.h>
#include <stdio.h>
static volatile long count;
static volatile int done;
static void busy(void) { __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST); }
static void *work(void *unused) { while (!done) busy(); return unused; }
static void stopped(void) { done = 1; }
int main(void) {
  errno = 77;
  pthread_t threads[3];
  for (int i = 0; i < 3; i += 1) pthread_create(&threads[i], 0, work, 0);
  while (count < 1000) ;
  stopped();
  for (int i = 0; i < 3; i += 1) pthread_join(threads[i], 0);
  printf("%d\\n", errno);
  return 5;
}
`;

/** A signal is pending at every stop. */
const ALARMED = `#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
static volatile int alarms;
static void on_alarm(int number) { (void)number; alarms += 1; }
static void stopped(void) {}
int main(void) {
  signal(SIGALRM, on_alarm);
  struct itimerval often = {{0, 1000}, {0, 1000}};
  setitimer(ITIMER_REAL, &often, 0);
  while (alarms < 5) ;
  stopped();
  sigset_t mask;
  sigprocmask(SIG_SETMASK, 0, &mask);
  printf("%d\\n", sigismember(&mask, SIGALRM));
  return 5;
}
`;

const KINDS: Readonly<Record<string, readonly string[]>> = {
  dynamic: ["-g", "-O0", "-pthread"],
  static: ["-g", "-O0", "-pthread", "-static"],
};

function descriptors(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).map(fd => `${fd} ${readlinkSync(`/proc/${pid}/fd/${fd}`)}`);
}

for (const name of EVERY_ADAPTER) {
  for (const [kind, flags] of Object.entries(KINDS)) {
    describe(`A system call through ${name} in a ${kind} program`, () => {
      let folder: string;
      let busy: string;
      let alarmed: string;

      before(() => {
        folder = mkdtempSync(join(tmpdir(), "writewatch-system-call-"));
        busy = compiledText(BUSY, `system-call-busy-${kind}`, flags);
        alarmed = compiledText(ALARMED, `system-call-alarmed-${kind}`, flags);
      });

      after(() => rmSync(folder, { recursive: true, force: true }));

      async function stoppedAt(
        program: string,
        location: string,
        check: (calls: SystemCalls) => Promise<void>,
      ): Promise<string> {
        const output = join(folder, "output");
        const calls = await SystemCalls.start(adapterOf(name), program, location, output);
        try {
          await check(calls);
          assert.deepEqual(await calls.runToEnd(), { kind: "ended", exitCode: 5 });
        } finally {
          await calls.close();
        }
        return readFileSync(output, "utf8");
      }

      it("gets all six arguments through and brings the kernel's answer back, refusals too", async () => {
        const output = await stoppedAt(busy, "stopped", async calls => {
          const pid = await calls.call(GETPID);
          assert.equal(readlinkSync(`/proc/${pid}/exe`), busy);
          const size = 3 * 4096;
          const address = await calls.call(MMAP, 0, size, 1, 0x22, -1, 0);
          const range = `${address.toString(16)}-${(address + size).toString(16)} r--p`;
          assert.ok(readFileSync(`/proc/${pid}/maps`, "latin1").includes(range), `no mapping ${range}`);
          assert.equal(await calls.call(MUNMAP, address, size), 0);
          assert.equal(await calls.call(CLOSE, -1), -constants.errno.EBADF);
        });
        assert.equal(output, "77\n", "errno");
      });

      it("opens a userfaultfd in the program, and closes it", async () => {
        await stoppedAt(busy, "stopped", async calls => {
          const pid = await calls.call(GETPID);
          const before = descriptors(pid);
          const descriptor = await calls.call(USERFAULTFD, CLOEXEC_NONBLOCK_USER_MODE_ONLY);
          assert.ok(descriptors(pid).includes(`${descriptor} anon_inode:[userfaultfd]`));
          assert.equal(await calls.call(CLOSE, descriptor), 0);
          assert.deepEqual(descriptors(pid), before);
        });
      });

      it("leaves every register of the thread as it was, and tells of no stop", async () => {
        await stoppedAt(busy, "stopped", async calls => {
          await calls.call(GETPID);
          const before = await calls.registers();
          assert.ok(/\brip\b/.test(before) && /mm15\b/.test(before), before.slice(0, 500));
          const events = calls.eventsFromNow();
          await calls.call(CLOSE, -1);
          await calls.call(GETPID);
          assert.ok((await calls.registers()) === before, "a register has changed");
          assert.deepEqual(events(), []);
        });
      });

      it("runs in the thread that stopped, while the others stand", async () => {
        await stoppedAt(busy, "busy", async calls => {
          const pid = await calls.call(GETPID);
          const tid = await calls.call(GETTID);
          assert.notEqual(tid, pid);
          assert.ok(readdirSync(`/proc/${pid}/task`).includes(String(tid)));
          const before = calls.variable(pid, "count");
          for (let i = 0; i < 5; i += 1) assert.equal(await calls.call(GETTID), tid);
          assert.equal(calls.variable(pid, "count"), before);
        });
      });

      it("lets a signal be handled that is pending", async () => {
        const output = await stoppedAt(alarmed, "stopped", async calls => {
          const pid = await calls.call(GETPID);
          assert.equal(readlinkSync(`/proc/${pid}/exe`), alarmed);
          for (let i = 0; i < 5; i += 1) assert.equal(await calls.call(GETPID), pid);
        });
        assert.equal(output, "0\n", "SIGALRM is blocked");
      });
    });
  }
}
