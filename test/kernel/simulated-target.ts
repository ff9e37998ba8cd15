// A process of the simulated kernel that takes the same commands as the live target: see target.c for what each one does.

import {
  Advice,
  DEBUGGEE_UFFD_FLAGS,
  MapFlag,
  OpenFlag,
  PagemapScan,
  Protection,
  RemapFlag,
  Uffd,
  UffdFeature,
} from "../../src/kernel/abi.ts";
import { RegionVector } from "../../src/kernel/region-vector.ts";
import { Machine } from "../../src/kernel/simulated/machine.ts";
import type { Process } from "../../src/kernel/simulated/process.ts";
import { simulatedKernel } from "../../src/kernel/simulated/simulated-kernel.ts";
import { Category } from "../../src/memory/category.ts";
import { pageOf } from "../../src/memory/page.ts";
import { addMachine, removeMachine } from "../../src/simulation/machines.ts";
import type { Commanded } from "./target.ts";

type Command = (process: Process, a: number, b: number, c: number) => number;

let lastWatch = -1;
let files = 0;

const COMMANDS: Readonly<Record<string, Command>> = {
  userfaultfd: process => process.userfaultfd(DEBUGGEE_UFFD_FLAGS),
  close: (process, descriptor) => process.close(descriptor),
  map(process, address, length, shared) {
    const type = shared ? MapFlag.SHARED : MapFlag.PRIVATE;
    const flags = type | MapFlag.ANONYMOUS | MapFlag.NORESERVE | (address ? MapFlag.FIXED : 0);
    return process.mmap(BigInt(address), BigInt(length), Protection.READ | Protection.WRITE, flags, -1, 0n);
  },
  unmap: (process, address, length) => process.munmap(BigInt(address), BigInt(length)),
  protect: (process, address, length, protection) => process.mprotect(BigInt(address), BigInt(length), protection),
  write(process, address, length, stride) {
    const byte = new Uint8Array(1);
    for (let at = address; at < address + length; at += stride) {
      process.load(at, byte);
      byte[0] += 1;
      process.store(at, byte);
    }
    return 0;
  },
  read(process, address, length, stride) {
    const byte = new Uint8Array(1);
    let sum = 0;
    for (let at = address; at < address + length; at += stride) {
      process.load(at, byte);
      sum += byte[0];
    }
    return sum;
  },
  fork(process, address, length, stride) {
    const child = process.machine.process(process.fork());
    if (!child) return -1;
    COMMANDS.write(child, address, length, stride);
    child.exit(0);
    return 0;
  },
  mapwatched(process, length) {
    const address = COMMANDS.map(process, 0, length, 0);
    const watch = process.userfaultfd(DEBUGGEE_UFFD_FLAGS);
    lastWatch = watch;
    const call = (request: number, ...words: number[]) =>
      process.ioctl(watch, request, BigUint64Array.from([...words, 0, 0, 0], BigInt));
    call(Uffd.API_REQUEST, Uffd.API, UffdFeature.WP_ASYNC);
    call(Uffd.REGISTER_REQUEST, address, length, Uffd.REGISTER_MODE_WP);
    return call(Uffd.WRITEPROTECT_REQUEST, address, length, Uffd.WRITEPROTECT_MODE_WP) < 0 ? -1 : address;
  },
  closewatch: process => process.close(lastWatch),
  mapfile(process, length, shared, protection) {
    files += 1;
    const path = `/tmp/writewatch-\r-${files}`;
    process.machine.createFile(path, length);
    const file = process.open(path, OpenFlag.RDWR);
    const memory = process.mmap(0n, BigInt(length), protection, shared ? MapFlag.SHARED : MapFlag.PRIVATE, file, 0n);
    process.close(file);
    return memory;
  },
  takewritten(process, address, length) {
    const vector = new RegionVector(64);
    const request = { flags: PagemapScan.WP_MATCHING, inverted: 0, required: Category.WRITTEN, anyOf: 0, returned: 0 };
    const [start, end] = [pageOf(address), pageOf(address + length)];
    const pagemap = simulatedKernel(() => process.machine).openPagemap(process.pid);
    const { regions } = pagemap.scan({ ...request, start, end }, vector);
    let pages = 0;
    for (let i = 0; i < regions; i += 1) pages += vector.end(i) - vector.start(i);
    return pages;
  },
  discard: (process, address, length) => process.madvise(BigInt(address), BigInt(length), Advice.DONTNEED),
  remap: (process, address, before, now) =>
    process.mremap(BigInt(address), BigInt(before), BigInt(now), RemapFlag.MAYMOVE, 0n),
  grow: (process, address, before, now) => process.mremap(BigInt(address), BigInt(before), BigInt(now), 0, 0n),
};

export class SimulatedTarget implements Commanded {
  readonly machine: Machine;
  private readonly process: Process;

  private constructor(machine: Machine) {
    this.machine = machine;
    this.process = machine.spawn();
    addMachine(this.pid, machine);
  }

  /** @param machine where others run already; absent: one of its own. */
  static start(machine = new Machine()): SimulatedTarget {
    return new SimulatedTarget(machine);
  }

  get pid(): number {
    return this.process.pid;
  }

  async do(command: string, a = 0, b = 0, c = 0): Promise<number> {
    const run = COMMANDS[command];
    if (!run) throw new Error(`the target knows no '${command}'`);
    return run(this.process, a, b, c);
  }

  map(bytes: number, address = 0, shared = false): Promise<number> {
    return this.do("map", address, bytes, shared ? 1 : 0);
  }

  tableKilobytes(): number {
    return this.process.mm.tables * 4;
  }

  kill(): void {
    this.process.exit(137);
    removeMachine(this.pid);
  }
}
