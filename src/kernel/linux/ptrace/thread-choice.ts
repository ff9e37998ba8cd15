// Which thread of a process runs a call of ours: one that is in no danger of noticing (signal(7), "Interruption of system calls").
import type { BlockedCall } from "../../kernel.ts";

/** System calls of x86-64 that wait, and that the kernel begins anew when a tracer has stopped them, or goes on with for their rest. */
const BEGUN_ANEW = {
  ...{ read: 0, write: 1, open: 2, pread64: 17, pwrite64: 18, readv: 19, writev: 20, preadv: 295, pwritev: 296 },
  ...{ preadv2: 327, pwritev2: 328, sendfile: 40, splice: 275, openat: 257, fcntl: 72, flock: 73 },
  ...{ poll: 7, select: 23, pselect6: 270, ppoll: 271 },
  ...{ accept: 43, accept4: 288, sendto: 44, recvfrom: 45, sendmsg: 46, recvmsg: 47, recvmmsg: 299, sendmmsg: 307 },
  // restart_syscall is what a call that keeps its remaining time has become.
  ...{
    pause: 34,
    nanosleep: 35,
    clock_nanosleep: 230,
    restart_syscall: 219,
    rt_sigsuspend: 130,
    wait4: 61,
    waitid: 247,
  },
  ...{ msgsnd: 69, msgrcv: 70, mq_timedsend: 242, mq_timedreceive: 243, futex: 202, futex_waitv: 449 },
} as const;

/** Those of them that fail with EINTR instead where their socket has a time limit (SO_RCVTIMEO). */
const PERHAPS_MADE_AGAIN = {
  ...{ read: 0, readv: 19, write: 1, writev: 20 },
  ...{ accept: 43, accept4: 288, sendto: 44, recvfrom: 45, sendmsg: 46, recvmsg: 47, recvmmsg: 299, sendmmsg: 307 },
} as const;

/** Those that always fail with EINTR then. Like the ones before they have done nothing by then: made again, they wait on. */
const MADE_AGAIN = {
  ...{ semop: 65, semtimedop: 220, rt_sigtimedwait: 128, io_getevents: 208, io_pgetevents: 333, io_uring_enter: 426 },
  ...{ epoll_wait: 232, epoll_pwait: 281, epoll_pwait2: 441 },
} as const;

const begunAnew = new Set<number>(Object.values(BEGUN_ANEW));
const perhapsMadeAgain = new Set<number>(Object.values(PERHAPS_MADE_AGAIN));
const madeAgain = new Set<number>(Object.values(MADE_AGAIN));

/** Whether a call that was stopped, and would tell of EINTR, may be made again. */
export function mayBeMadeAgain(number: number): boolean {
  return madeAgain.has(number) || perhapsMadeAgain.has(number);
}

/**
 * How good a choice a thread is, 0 the best; undefined where it can't be chosen now.
 * @param state as /proc/PID/stat has it: R, S, D, T, …
 * @param call what it waits in; undefined where it runs.
 */
export function rankOf(state: string, call: BlockedCall | undefined): number | undefined {
  // One in an uninterruptible wait does not stop; one that has ended never will.
  if (!"RSTI".includes(state)) return undefined;
  if (call?.kind !== "system call") return 1;
  const { number } = call;
  if (begunAnew.has(number)) return perhapsMadeAgain.has(number) ? 2 : 0;
  if (!madeAgain.has(number)) return undefined;
  // Made again, it waits its whole time once more.
  return waitsForATime(call) ? 4 : 3;
}

function waitsForATime({ number, args }: { readonly number: number; readonly args: readonly number[] }): boolean {
  if (number === MADE_AGAIN.semop) return false;
  // An int here, the lower half of a register; in the others a pointer to a struct timespec.
  if (number === MADE_AGAIN.epoll_wait || number === MADE_AGAIN.epoll_pwait) return ((args[3] ?? 0) | 0) > 0;
  const at = number === MADE_AGAIN.rt_sigtimedwait ? 2 : number === MADE_AGAIN.io_getevents ? 4 : 3;
  return (args[at] ?? 0) !== 0;
}
