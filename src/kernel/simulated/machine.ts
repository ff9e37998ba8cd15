// The simulated computer: its processes, its files and its physical memory.
import { PAGE_SIZE } from "../../memory/page.ts";
import type { AddressSpace } from "./address-space.ts";
import { TABLE_PAGES } from "./entry.ts";
import { Frames } from "./frames.ts";
import { HugetlbPool } from "./hugetlb-pool.ts";
import { MemoryFile } from "./memory-file.ts";
import { type Computer, Process } from "./process.ts";
import { type KernelProfile, LINUX_6_18 } from "./profile.ts";
import { SwapArea } from "./swap-area.ts";
import { Task, WaitEvents } from "./waiting.ts";
import { Work } from "./work.ts";
import { zap } from "./zap.ts";

/** PIDs of simulated processes begin beyond any the real kernel gives (PID_MAX_LIMIT is 2^22), and no two machines share one. */
let nextPid = 2 ** 22 + 1;

/** So many areas that are looked at count for one unit of work, as a power of two. */
const AREAS_SHIFT = 4;

export class Machine implements Computer {
  readonly profile: KernelProfile;
  readonly frames = new Frames();
  readonly swap = new SwapArea();
  readonly work = new Work();
  readonly waits = new WaitEvents();
  task = new Task(0);
  /** What heuristic overcommit lets a single mapping have (totalram): 24 GiB. */
  readonly totalPages = (24 * 2 ** 30) / PAGE_SIZE;
  /** RLIMIT_STACK, bytes. */
  readonly stackLimit = 8 * 2 ** 20;
  /** Pages of a file on disk that are read together (read_ahead_kb of its disk, 128 by default). */
  readAroundPages = 32;
  /** Huge pages of hugetlb memory (vm.nr_hugepages). */
  hugetlb = new HugetlbPool(64);
  /** transparent_hugepage/enabled: madvise, or never. */
  transparentHugePages = true;
  private readonly processes = new Map<number, Process>();
  private readonly files = new Map<string, MemoryFile>();
  private nextInode = 1024;

  constructor(profile: KernelProfile = LINUX_6_18) {
    this.profile = profile;
  }

  /** A fresh process as execve leaves it: a program's text and data, [stack]; [heap] comes with its first brk. */
  spawn(name = "program"): Process {
    return this.keep(new Process(this, nextPid++, name));
  }

  adopt(name: string, mm: AddressSpace): Process {
    return this.keep(new Process(this, nextPid++, name, mm));
  }

  process(pid: number): Process | undefined {
    return this.processes.get(pid);
  }

  reap(pid: number): void {
    if (this.processes.get(pid)?.isAlive === false) this.processes.delete(pid);
  }

  createFile(path: string, bytes: number): void {
    this.files.set(path, new MemoryFile(path, "08:01", this.nextInode++, bytes, false));
  }

  file(path: string): MemoryFile | undefined {
    return this.files.get(path);
  }

  newMemfd(name: string): MemoryFile {
    return new MemoryFile(`/memfd:${name} (deleted)`, "00:01", this.nextInode++, 0, true);
  }

  /** The file behind shared memory of no file (shmem_zero_setup), or behind anonymous hugetlb memory. */
  newSharedMemory(bytes: number, hugetlb: boolean): MemoryFile {
    const path = hugetlb ? "/anon_hugepage (deleted)" : "/dev/zero (deleted)";
    return new MemoryFile(path, hugetlb ? "00:10" : "00:01", this.nextInode++, bytes, true);
  }

  /** truncate_pagecache. */
  truncate(file: MemoryFile, bytes: number): void {
    const before = file.endPage;
    const partial = bytes < file.size ? bytes % PAGE_SIZE : 0;
    file.resize(bytes);
    if (file.endPage < before) this.dropFilePages(file, file.endPage, Number.POSITIVE_INFINITY, true);
    const last = file.cache.get(file.endPage - 1);
    if (partial > 0 && last !== undefined) this.frames.write(last, partial, new Uint8Array(PAGE_SIZE - partial));
  }

  /**
   * Takes pages [first, end) of a file out of its cache and out of every mapping (unmap_mapping_range).
   * @param copiesToo private copies as well: the file has become shorter.
   */
  dropFilePages(file: MemoryFile, first: number, end: number, copiesToo: boolean): void {
    for (const { mm, isAlive } of this.processes.values()) {
      if (!isAlive) continue;
      for (const vma of mm.vmas.areas) {
        if (vma.file !== file) continue;
        const from = Math.max(vma.start, vma.start + (first - vma.offset));
        const to = Math.min(vma.end, vma.start + (end - vma.offset));
        if (from < to) zap(mm, vma, from, to, { keepCopies: !copiesToo });
      }
    }
    file.punch(first, end);
    for (const [index, slot] of within(file.swapped, first, end)) {
      file.swapped.delete(index);
      this.swap.release(slot);
    }
    for (const [index, frame] of within(file.cache, first, end)) {
      file.cache.delete(index);
      this.frames.release(frame);
      this.work.done += 1;
    }
  }

  /** Forgets the pages of a file in memory that nothing maps and nobody has open any longer. */
  dropUnused(file: MemoryFile): void {
    for (const process of this.processes.values()) {
      this.work.done += process.mm.vmas.areas.length >> AREAS_SHIFT;
      if (process.isAlive && (process.hasOpen(file) || process.mm.vmas.areas.some(vma => vma.file === file))) return;
    }
    this.hugetlb.forget(file);
    for (const frame of file.cache.values()) {
      const isHuge = this.frames.folio(frame) === frame;
      for (let i = 0; i < (isHuge ? TABLE_PAGES : 1); i += 1) this.frames.release(frame + i);
      if (isHuge) this.hugetlb.giveBack();
    }
    file.cache.clear();
    for (const slot of file.swapped.values()) this.swap.release(slot);
    file.swapped.clear();
  }

  private keep(process: Process): Process {
    this.processes.set(process.pid, process);
    return process;
  }
}

/** Those entries of a map whose keys are in [first, end), looked up one by one where that is less work than to look at all. */
function* within(map: ReadonlyMap<number, number>, first: number, end: number): Generator<[number, number]> {
  if (end - first > map.size) {
    for (const entry of map) if (entry[0] >= first && entry[0] < end) yield entry;
    return;
  }
  for (let key = first; key < end; key += 1) {
    const value = map.get(key);
    if (value !== undefined) yield [key, value];
  }
}
