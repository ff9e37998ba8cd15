// The simulated side: performs programs on a fresh simulated machine, with the same account as performer.c gives.
import { MapFlag, PagemapScan, ProcmapQuery, Protection, ScanArg, Uffd } from "../../src/kernel/abi.ts";
import { Errno } from "../../src/kernel/errno.ts";
import { Machine } from "../../src/kernel/simulated/machine.ts";
import type { Process } from "../../src/kernel/simulated/process.ts";
import type { KernelProfile } from "../../src/kernel/simulated/profile.ts";
import { MemoryFault, WAITS } from "../../src/kernel/simulated/system-calls.ts";
import { HeldAccess, type Task } from "../../src/kernel/simulated/waiting.ts";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import type { Account } from "./account.ts";
import * as layout from "./layout.ts";
import { type CallName, DESCRIPTOR_KINDS, descriptorParts, type Operation, type Program } from "./operation.ts";
import { readAroundPages } from "./read-ahead.ts";
import { WordWriter } from "./words.ts";

const COMMON_FILE = "/common";
/** The performer makes its file where it is started. */
const READ_AROUND = readAroundPages(".");
/** The last page of the lower half is never mapped. */
const UNMAPPED = 0x7fffffffe800n;
const MOST_PROCESSES = 64;
const MOST_SLOTS = 256;
/** Beyond all processes' numbers. */
const SECOND_THREADS = 2 ** 24;
/** As a signal handler sees them. */
const SIGNALS = { SIGSEGV: 11, SIGBUS: 7 } as const;
const CODES = { SEGV_MAPERR: 1, SEGV_ACCERR: 2, BUS_ADRERR: 2, SI_KERNEL: 128 } as const;

/** A process and what it opened, by kind; slots are inherited over fork as descriptors are. */
interface Actor {
  readonly process: Process;
  readonly slots: readonly number[][];
  readonly pagemap: number;
  readonly maps: number;
  /** Of its two threads. */
  readonly task: Task;
  readonly second: Task;
  /** Its place in the order of birth. */
  readonly number: number;
  /** What its second thread is in the midst of. */
  job: Job | undefined;
}

/** An operation that may have to wait: it is tried again, with what it has computed and done so far. */
interface Job {
  readonly operation: Operation;
  readonly out: WordWriter;
  readonly kept: unknown[];
  /** How many of those this try has used. */
  used: number;
}

/** Performs a program on a fresh machine. An error of the simulator's own ends it early and is told as its end. */
export function performSimulated(program: Program, profile: KernelProfile, swapPages = 0): Account {
  const simulation = new Simulation(profile, swapPages);
  try {
    for (const operation of program) simulation.perform(operation);
    return { end: "done", words: simulation.words() };
  } catch (error) {
    // Some calls go round in the kernel for ever; the simulator says so by an error of this name.
    if (error instanceof Error && error.name === "NeverReturns") return { end: "hung", words: simulation.words() };
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { end: `threw ${message}`, words: simulation.words() };
  }
}

class Simulation {
  private readonly machine: Machine;
  private readonly alive: Actor[];
  private births = 1;
  private readonly account = new WordWriter();
  /** Where results go: the account, or a second thread's own words. */
  private out = this.account;
  private job: Job | undefined;
  private recorded = 0;
  private actor: Actor;
  private readonly entries = new BigUint64Array(layout.AUDIT_PAGES);

  constructor(profile: KernelProfile, swapPages: number) {
    this.machine = new Machine(profile);
    this.machine.swap.size = swapPages;
    this.machine.readAroundPages = READ_AROUND;
    this.machine.createFile(COMMON_FILE, layout.FILE_BYTES);
    const process = this.machine.spawn();
    this.prepare(process);
    this.actor = this.adopt(
      process,
      DESCRIPTOR_KINDS.map(() => []),
      0,
    );
    this.alive = [this.actor];
  }

  /** What the performer makes of a fresh process. */
  private prepare(process: Process): void {
    const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.FIXED;
    const map = (address: bigint, bytes: number) =>
      process.mmap(address, BigInt(bytes), Protection.READ | Protection.WRITE, flags, -1, 0n);
    process.mm.startBrk = Number(layout.HEAP);
    process.mm.brk = Number(layout.HEAP);
    map(layout.SCRATCH, layout.SCRATCH_BYTES);
    map(layout.AUDIT, layout.AUDIT_REGIONS * PagemapScan.REGION_SIZE);
    process.store(Number(layout.SCRATCH), new Uint8Array(layout.SCRATCH_BYTES).fill(0xaa));
  }

  /** Records of what was performed to the end; an operation that threw has left none. */
  words(): Buffer {
    return Buffer.from(this.account.bytes().subarray(0, this.recorded * 8));
  }

  perform(operation: Operation): void {
    const actor = this.alive[operation.process % this.alive.length];
    if (!actor) throw new Error("nobody is alive");
    this.actor = actor;
    actor.process.task = actor.task;
    if (operation.bySecond) this.delegate(actor, operation);
    else this.calls[operation.call](actor.process, operation.args);
    const late = this.settle();
    this.actor.process.task = this.actor.task;
    this.putMappings();
    this.putAudit();
    this.out.put(late.length);
    for (const { number, words } of late) {
      this.out.put(number);
      this.out.put(words.length / 8);
      for (let i = 0; i < words.length; i += 8) this.out.putBig(words.readBigUInt64LE(i));
    }
    if (operation.call === "exit" && this.alive.length > 1) {
      this.alive.splice(this.alive.indexOf(actor), 1);
      actor.process.exit(0);
    }
    this.recorded = this.out.length;
  }

  /** Has the second thread perform an operation. */
  private delegate(actor: Actor, operation: Operation): void {
    if (actor.job) {
      this.plain(-Errno.EBUSY);
      return;
    }
    actor.job = { operation, out: new WordWriter(), kept: [], used: 0 };
    const words = this.tryJob(actor);
    if (!words) this.plain(WAITS);
    else for (let i = 0; i < words.length; i += 8) this.out.putBig(words.readBigUInt64LE(i));
  }

  /** @returns the second thread's record; undefined where it waits. */
  private tryJob(actor: Actor): Buffer | undefined {
    const { job, process, second } = actor;
    if (!job) return undefined;
    const { actor: before } = this;
    this.actor = actor;
    this.job = job;
    this.out = job.out;
    job.out.clear();
    job.used = 0;
    process.task = second;
    try {
      this.calls[job.operation.call](process, job.operation.args);
    } catch (error) {
      if (!(error instanceof HeldAccess)) throw error;
    } finally {
      this.actor = before;
      this.job = undefined;
      this.out = this.account;
      process.task = actor.task;
    }
    if (second.isWaiting) return undefined;
    actor.job = undefined;
    return Buffer.from(job.out.bytes());
  }

  /** Lets second threads go on that wait no longer. @returns the records of those that have ended, in order of birth. */
  private settle(): { number: number; words: Buffer }[] {
    const late: { number: number; words: Buffer }[] = [];
    for (;;) {
      const next = this.alive.find(({ job, second }) => job && !second.isWaiting);
      if (!next) break;
      const words = this.tryJob(next);
      if (words) late.push({ number: next.number, words });
    }
    const order = this.alive.map(({ number }) => number);
    return late.sort((a, b) => order.indexOf(a.number) - order.indexOf(b.number));
  }

  /** What an operation computes once, even if it is tried again. */
  private once<T>(compute: () => T): T {
    const { job } = this;
    if (!job) return compute();
    if (job.used === job.kept.length) job.kept.push(compute());
    job.used += 1;
    return job.kept[job.used - 1] as T;
  }

  /** One entry a call; arguments as CALLS names them. */
  private readonly calls: Record<CallName, (process: Process, args: readonly bigint[]) => void> = {
    mmap: (process, [address, length, protection, flags, file, offset]) => {
      const result = process.mmap(address, length, int(protection), int(flags), this.descriptor(file), offset);
      this.plain(this.placed(result, length));
    },
    munmap: (process, [address, length]) => this.plain(process.munmap(address, length)),
    mprotect: (process, [address, length, protection]) =>
      this.plain(process.mprotect(address, length, int(protection))),
    mremap: (process, [address, old, length, flags, to]) =>
      this.plain(this.placed(process.mremap(address, old, length, int(flags), to), length)),
    madvise: (process, [address, length, advice]) => this.plain(process.madvise(address, length, int(advice))),
    brk: (process, [address]) => this.plain(process.brk(address)),
    memfd: process => this.keep("memory", process.memfdCreate("memory")),
    ftruncate: (process, [file, length]) => this.plain(process.ftruncate(this.descriptor(file), length)),
    close: (process, [file]) => this.close(process, file),
    userfaultfd: (process, [flags]) => this.keep("watch", process.userfaultfd(int(flags))),
    uffdApi: (process, [file, ...words]) => this.ioctl(process, file, Uffd.API_REQUEST, words),
    uffdRegister: (process, [file, ...words]) => this.ioctl(process, file, Uffd.REGISTER_REQUEST, words),
    uffdUnregister: (process, [file, ...words]) => this.ioctl(process, file, Uffd.UNREGISTER_REQUEST, words),
    uffdWriteProtect: (process, [file, ...words]) => this.ioctl(process, file, Uffd.WRITEPROTECT_REQUEST, words),
    scan: (process, [file, ...words]) => this.scan(process, file, words),
    badIoctl: (process, [file, request]) => this.plain(process.ioctl(this.descriptor(file), Number(request), UNMAPPED)),
    uffdWake: (process, [file, ...words]) => this.ioctl(process, file, Uffd.WAKE_REQUEST, words),
    readFaults: (process, [file, bytes]) => this.readFaults(process, file, bytes),
    readPagemap: (process, [file, first, pages]) => {
      const entries = new BigUint64Array(Math.min(Number(pages), 1024));
      const result = process.readPagemap(this.descriptor(file), first / layout.PAGE, entries);
      this.put(result);
      this.putEntries(entries, result);
    },
    openPagemap: (process, [of]) => this.keep("pagemap", process.openPagemap(this.pid(of))),
    clearRefs: (process, [kind]) => this.plain(process.clearRefs(int(kind))),
    load: (process, [address, bytes]) => this.touch(process, address, 1n, atMost(bytes), undefined, true),
    store: (process, [address, bytes, value]) => this.touch(process, address, 1n, atMost(bytes), value, false),
    loadEach: (process, [address, stride, times]) =>
      this.touch(process, address, stride, Number(times), undefined, false),
    storeEach: (process, [address, stride, times, value]) =>
      this.touch(process, address, stride, Number(times), value, false),
    vmRead: (process, [of, address, count]) => {
      const bytes = this.once(() => new Uint8Array(atMost(count)));
      const result = process.processVmRead(this.pid(of), address, bytes);
      this.put(result);
      this.out.putBytes(bytes.subarray(0, Math.max(0, result)));
    },
    vmWrite: (process, [of, address, count, value]) => {
      const bytes = this.once(() => new Uint8Array(atMost(count)).fill(Number(value & 255n)));
      this.plain(process.processVmWrite(this.pid(of), address, bytes));
    },
    query: (process, [size, flags, address]) => this.query(process, size, flags, address),
    open: (process, [flags]) => this.keep("memory", process.open(COMMON_FILE, int(flags))),
    fork: process => this.fork(process),
    exit: () => this.plain(this.alive.length > 1 ? 0 : -Errno.ECHILD),
    storeWord: (process, [address, value]) => this.storeWord(process, address, value),
    ioctl: (process, [file, request, argument]) =>
      this.plain(process.ioctl(this.descriptor(file), Number(request), argument)),
    exec: process => this.exec(process),
  };

  private put(result: number, fault = 0, address = 0): void {
    this.out.put(result);
    this.out.put(fault);
    this.out.put(address);
  }

  /** A record of a call that gives nothing but its result. */
  private plain(result: number): void {
    this.put(result);
    this.out.put(0);
  }

  /** Addresses the kernel chose itself mean nothing on the other side. */
  private placed(result: number, length: bigint): number {
    if (result < 0 || (result >= layout.ARENA_START && result < layout.ARENA_END)) return result;
    this.actor.process.munmap(BigInt(result), length);
    return layout.ELSEWHERE;
  }

  private pid(index: bigint): number {
    return this.alive[Number(index) % this.alive.length]?.process.pid ?? 0;
  }

  private slots(word: bigint): { list: number[]; index: number } {
    const { kind, slot } = descriptorParts(word);
    const list = this.actor.slots[DESCRIPTOR_KINDS.indexOf(kind)] ?? [];
    return { list, index: list.length === 0 ? -1 : slot % list.length };
  }

  private descriptor(word: bigint): number {
    const { list, index } = this.slots(word);
    return list[index] ?? -1;
  }

  private keep(kind: (typeof DESCRIPTOR_KINDS)[number], result: number): void {
    const list = this.actor.slots[DESCRIPTOR_KINDS.indexOf(kind)];
    if (result >= 0 && list && list.length < MOST_SLOTS) list.push(result);
    this.plain(Math.min(result, 0));
  }

  private close(process: Process, word: bigint): void {
    const { list, index } = this.slots(word);
    const number = list[index] ?? -1;
    // The process's own pagemap is what the audit reads.
    const isOwn = number === this.actor.pagemap;
    this.plain(isOwn ? -Errno.EBADF : process.close(number));
    if (number >= 0 && !isOwn) list[index] = -1;
  }

  private ioctl(process: Process, word: bigint, request: number, words: readonly bigint[]): void {
    const argument = this.once(() => BigUint64Array.from(words));
    this.put(process.ioctl(this.descriptor(word), request, argument));
    this.out.put(argument.length);
    for (const each of argument) this.out.putBig(each);
  }

  private scan(process: Process, word: bigint, words: readonly bigint[]): void {
    const argument = this.once(() => BigUint64Array.from(words));
    const result = process.ioctl(this.descriptor(word), PagemapScan.REQUEST, argument);
    this.put(result);
    const bytes = this.scratchRegions(words[ScanArg.VEC] ?? 0n, words[ScanArg.VEC_LEN] ?? 0n, result);
    this.out.put(argument.length + bytes.length / 8);
    for (const each of argument) this.out.putBig(each);
    for (let i = 0; i < bytes.length; i += 8) this.out.putBig(bytes.readBigUInt64LE(i));
  }

  private query(process: Process, size: bigint, flags: bigint, address: bigint): void {
    const words = new BigUint64Array(ProcmapQuery.SIZE / 8);
    words.set([size, flags, address]);
    const result = process.ioctl(this.actor.maps, ProcmapQuery.REQUEST, words);
    const { WORD } = ProcmapQuery;
    const looksOn = (flags & BigInt(ProcmapQuery.QUERY.COVERING_OR_NEXT)) !== 0n;
    const isElsewhere = result === 0 && words[WORD.START] >= layout.ARENA_END;
    if (isElsewhere || (result === -Errno.ENOENT && looksOn)) {
      this.plain(layout.ELSEWHERE);
      return;
    }
    this.put(result);
    this.out.put(result === 0 ? 6 : 0);
    if (result !== 0) return;
    for (const word of [WORD.START, WORD.END, WORD.VMA_FLAGS, WORD.PAGE_SIZE, WORD.OFFSET])
      this.out.putBig(words[word]);
    this.out.put(words[WORD.INODE] === 0n ? 0 : 1);
  }

  private readFaults(process: Process, word: bigint, bytes: bigint): void {
    const file = this.descriptor(word);
    const description = process.description(file);
    if (description?.kind === "userfaultfd" && !description.isNonblocking) {
      this.plain(WAITS);
      return;
    }
    const length = bytes > layout.MESSAGES_BYTES ? layout.MESSAGES_BYTES : bytes;
    const result = process.read(file, layout.MESSAGES, length);
    this.put(result);
    const read = Buffer.alloc(Math.max(0, result));
    process.load(Number(layout.MESSAGES), read);
    this.out.put(read.length / 8);
    for (let i = 0; i < read.length; i += 32) {
      for (const at of [0, 8, 16]) this.out.putBig(read.readBigUInt64LE(i + at));
      this.out.put(this.who(read.readUInt32LE(i + 24)));
    }
  }

  /** Whose thread a message names: twice the process's number, and one more for its second thread. */
  private who(thread: number): number {
    if (thread === 0) return 0;
    const actor = this.alive.find(({ task, second }) => task.id === thread || second.id === thread);
    return actor ? 2 * actor.number + (actor.second.id === thread ? 1 : 0) : -1;
  }

  /** What lies where regions were asked for, and one more. */
  private scratchRegions(vec: bigint, length: bigint, result: number): Buffer {
    const end = layout.SCRATCH + BigInt(layout.SCRATCH_BYTES);
    if (vec < layout.SCRATCH || vec >= end || vec % 8n !== 0n) return Buffer.alloc(0);
    const room = Math.floor(Number(end - vec) / PagemapScan.REGION_SIZE);
    const regions = Math.min(Math.max(result, length < 16n ? Number(length) : 16) + 1, room);
    const bytes = Buffer.alloc(regions * PagemapScan.REGION_SIZE);
    this.actor.process.load(Number(vec), bytes);
    return bytes;
  }

  private putEntries(entries: BigUint64Array, result: number): void {
    const filled = Math.max(0, result);
    this.out.put(filled);
    for (let i = 0; i < filled; i++) this.out.putBig((entries[i] ?? 0n) & layout.PAGEMAP_BITS);
  }

  /** Loads (`value` undefined) or stores of one byte each, until one faults. */
  private touch(
    process: Process,
    first: bigint,
    step: bigint,
    times: number,
    value: bigint | undefined,
    tells: boolean,
  ): void {
    const [address, stride] = [Number(first), Number(step)];
    const one = new Uint8Array([Number((value ?? 0n) & 255n)]);
    const progress = this.once(() => ({ done: 0, bytes: new Uint8Array(layout.MAX_BYTES) }));
    const { bytes } = progress;
    let fault: MemoryFault | undefined;
    try {
      for (; progress.done < times; progress.done++) {
        const at = address + progress.done * stride;
        const slot = progress.done % layout.MAX_BYTES;
        if (value !== undefined) process.store(at, one);
        else process.load(at, bytes.subarray(slot, slot + 1));
      }
    } catch (error) {
      if (!(error instanceof MemoryFault)) throw error;
      fault = error;
    }
    const { done } = progress;
    if (fault) this.put(done, SIGNALS[fault.signal] * 256 + CODES[fault.reason], fault.address);
    else this.put(done);
    this.out.putBytes(tells && value === undefined ? bytes.subarray(0, done) : bytes.subarray(0, 0));
  }

  private storeWord(process: Process, address: bigint, value: bigint): void {
    const fault = faultOf(() => process.store(Number(address), new Uint8Array(BigUint64Array.of(value).buffer)));
    if (fault) this.put(0, SIGNALS[fault.signal] * 256 + CODES[fault.reason], fault.address);
    else this.put(1);
    this.out.put(0);
  }

  private exec(process: Process): void {
    this.plain(process.exec());
    this.prepare(process);
    for (const list of this.actor.slots) {
      for (const [i, descriptor] of list.entries()) if (!process.description(descriptor)) list[i] = -1;
    }
    const { slots } = this.actor;
    process.close(this.actor.pagemap);
    process.close(this.actor.maps);
    this.alive[this.alive.indexOf(this.actor)] = this.actor = this.adopt(process, [...slots], this.actor.number);
  }

  private fork(process: Process): void {
    const result = this.births < MOST_PROCESSES ? process.fork() : -Errno.EAGAIN;
    this.plain(Math.min(result, 0));
    const child = this.machine.process(result);
    if (!child) return;
    const slots = this.actor.slots.map(list => [...list]);
    this.alive.push(this.adopt(child, slots, this.births));
    this.births += 1;
  }

  /** A process has its own pagemap in the first slot, whatever it inherited. */
  private adopt(process: Process, slots: number[][], number: number): Actor {
    const pagemap = process.openPagemap(process.pid);
    const list = slots[DESCRIPTOR_KINDS.indexOf("pagemap")];
    if (list) list[0] = pagemap;
    const task = process.task;
    process.tasks.clear();
    process.tasks.set(task.id, task);
    const second = process.addTask(process.pid + SECOND_THREADS);
    return { process, slots, pagemap, maps: process.openMaps(process.pid), task, second, number, job: undefined };
  }

  private putMappings(): void {
    const { out } = this;
    const at = out.length;
    let count = 0;
    out.put(0);
    const [first, last] = [Number(layout.ARENA_START), Number(layout.ARENA_END)];
    for (const { start, end, permissions, inode, offset } of this.actor.process.mappings()) {
      if (end * PAGE_SIZE <= first || start * PAGE_SIZE >= last) continue;
      out.put(Math.max(start * PAGE_SIZE, first));
      out.put(Math.min(end * PAGE_SIZE, last));
      const [r, w, x, s] = permissions;
      out.put(+(r === "r") + 2 * +(w === "w") + 4 * +(x === "x") + 8 * +(s === "s") + 16 * +(inode !== 0));
      out.put(offset);
      count += 1;
    }
    out.set(at, count);
  }

  private putAudit(): void {
    const { process, pagemap } = this.actor;
    const argument = BigUint64Array.of(
      BigInt(PagemapScan.ARG_SIZE),
      0n,
      layout.ARENA_START,
      layout.ARENA_END,
      0n,
      layout.AUDIT,
      BigInt(layout.AUDIT_REGIONS),
      0n,
      0n,
      0n,
      0n,
      layout.categoriesOf(this.machine.profile),
    );
    const regions = process.ioctl(pagemap, PagemapScan.REQUEST, argument);
    this.out.put(regions);
    if (regions > 0) {
      const bytes = Buffer.alloc(regions * PagemapScan.REGION_SIZE);
      process.load(Number(layout.AUDIT), bytes);
      for (let i = 0; i < bytes.length; i += 8) this.out.putBig(bytes.readBigUInt64LE(i));
    }
    const filled = process.readPagemap(pagemap, layout.MIDDLE / layout.PAGE + BigInt(layout.AUDIT_FIRST), this.entries);
    this.putEntries(this.entries, filled);
  }
}

/** The fault that ends an access, if one does. */
function faultOf(access: () => void): MemoryFault | undefined {
  try {
    access();
    return undefined;
  } catch (error) {
    if (error instanceof MemoryFault) return error;
    throw error;
  }
}

/** An int argument, as the kernel takes it from a register. */
function int(word: bigint): number {
  return Number(BigInt.asIntN(32, word));
}

function atMost(bytes: bigint): number {
  return bytes > layout.MAX_BYTES ? layout.MAX_BYTES : Number(bytes);
}
