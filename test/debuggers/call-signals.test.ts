// A system call in a program that signals come to all the time: it works, and the program gets each of them, once, whole.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findAdapter } from "../../src/trace/adapters.ts";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { SystemCalls } from "./system-calls.ts";

const GETPID = 39;

/** A timer of 1 kHz, by whichever clock and whatever becomes of its signal. */
const TIMED = `#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static volatile int ticks, done;
static int cookie;
static void end(int number) { (void)number; done = 1; }
static void tick(int number, siginfo_t *info, void *context) {
  (void)number; (void)context;
  if (info->si_code == SI_TIMER && info->si_value.sival_ptr != &cookie) _exit(9);
  if (info->si_code != SI_TIMER && info->si_code != SI_KERNEL) _exit(10);
  ticks += 1;
}
int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = end;
  sigaction(SIGTERM, &action, 0);
  action.sa_sigaction = tick;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  struct itimerval often = {{0, 1000}, {0, 1000}};
#if KIND == 0
  sigaction(SIGALRM, &action, 0);
  setitimer(ITIMER_REAL, &often, 0);
#elif KIND == 1
  signal(SIGALRM, SIG_IGN);
  setitimer(ITIMER_REAL, &often, 0);
  ticks = 10;
#elif KIND == 2
  sigaction(SIGPROF, &action, 0);
  setitimer(ITIMER_PROF, &often, 0);
#else
  sigaction(SIGRTMIN + 2, &action, 0);
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGRTMIN + 2;
  event.sigev_value.sival_ptr = &cookie;
  timer_t timer;
  timer_create(CLOCK_MONOTONIC, &event, &timer);
  struct itimerspec every = {{0, 1000000}, {0, 1000000}};
  timer_settime(timer, 0, &every, 0);
#endif
  write(1, "ready\\n", 6);
  while (!done) ;
  return ticks >= 10 ? 5 : 6;
}
`;

const TIMERS = [
  "SIGALRM with a handler",
  "SIGALRM ignored",
  "SIGPROF with a handler",
  "a real-time signal with a value",
];

/** Counts what comes, and tells how it came. */
const COUNTED = `#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static volatile int plain, queued, sender;
static void take(int number, siginfo_t *info, void *context) {
  (void)context;
  if (number == SIGUSR1) plain += 1; else queued += 1;
  if (info->si_code == SI_USER) sender = info->si_pid;
}
static void stopped(void) {}
int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = take;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGUSR1, &action, 0);
  sigaction(SIGRTMIN + 1, &action, 0);
  stopped();
  printf("%d %d %d\\n", plain, queued, sender == getppid() || sender > 0);
  return 5;
}
`;

function blocked(pid: number): string | undefined {
  return /SigBlk:\t.*/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[0];
}

for (const name of DEBUGGERS) {
  describe(`A system call through ${name}, while signals come,`, () => {
    let folder: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "writewatch-signals-"));
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    for (const [kind, timer] of TIMERS.entries()) {
      it(`works in a running program that was attached to, with a timer of 1 kHz: ${timer}`, async () => {
        const program = compiledText(TIMED, `call-timed-${kind}`, ["-g", "-O0", `-DKIND=${kind}`]);
        const calls = await SystemCalls.attach(findAdapter(name), program, join(folder, "output"));
        try {
          for (let stop = 0; stop < 3; stop += 1) {
            await calls.pause();
            const pid = await calls.call(GETPID);
            assert.match(readFileSync(`/proc/${pid}/cmdline`, "latin1"), /call-timed/);
            const before = blocked(pid);
            for (let i = 0; i < 3; i += 1) assert.equal(await calls.call(GETPID), pid);
            assert.equal(blocked(pid), before);
            await calls.go();
            await new Promise(resolve => setTimeout(resolve, 30));
          }
          assert.deepEqual(await calls.detach(), { code: 5, signal: null });
        } finally {
          await calls.close();
        }
      });
    }

    it("leaves those pending that were, each once and with its sender", async () => {
      const program = compiledText(COUNTED, "call-counted");
      const output = join(folder, "counted");
      const calls = await SystemCalls.start(findAdapter(name), program, "stopped", output);
      try {
        const pid = await calls.call(GETPID);
        for (const signal of ["USR1", "USR1", "RTMIN+1", "RTMIN+1", "RTMIN+1"]) {
          execFileSync("/bin/kill", ["-s", signal, String(pid)]);
        }
        for (let i = 0; i < 3; i += 1) assert.equal(await calls.call(GETPID), pid);
        assert.deepEqual(await calls.runToEnd(), { kind: "ended", exitCode: 5 });
      } finally {
        await calls.close();
      }
      assert.equal(readFileSync(output, "utf8"), "1 3 1\n");
    });
  });
}
