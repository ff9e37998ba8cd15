// A simulated process: its descriptors and its memory, and the calls on them.
import type { Mapping } from "../../memory/mapping.ts";
import type { Machine } from "./machine.ts";
import type { SystemCalls } from "./system-calls.ts";

export class Process implements SystemCalls {
  readonly machine: Machine;
  readonly pid: number;
  readonly name: string;
  /** How many threads run in it; they share everything here. */
  threads = 1;
  isAlive = true;

  constructor(machine: Machine, pid: number, name: string) {
    this.machine = machine;
    this.pid = pid;
    this.name = name;
  }

  /** As /proc/PID/maps lists them. */
  mappings(): Mapping[] {
    throw new Error("not yet");
  }
  mmap(_address: bigint, _length: bigint, _protection: number, _flags: number, _file: number, _offset: bigint): number {
    throw new Error("not yet");
  }
  munmap(_address: bigint, _length: bigint): number {
    throw new Error("not yet");
  }
  mprotect(_address: bigint, _length: bigint, _protection: number): number {
    throw new Error("not yet");
  }
  mremap(_address: bigint, _oldLength: bigint, _newLength: bigint, _flags: number, _newAddress: bigint): number {
    throw new Error("not yet");
  }
  brk(_address: bigint): number {
    throw new Error("not yet");
  }
  madvise(_address: bigint, _length: bigint, _advice: number): number {
    throw new Error("not yet");
  }
  memfdCreate(_name: string): number {
    throw new Error("not yet");
  }
  open(_path: string, _flags: number): number {
    throw new Error("not yet");
  }
  ftruncate(_descriptor: number, _length: bigint): number {
    throw new Error("not yet");
  }
  close(_descriptor: number): number {
    throw new Error("not yet");
  }
  userfaultfd(_flags: number): number {
    throw new Error("not yet");
  }
  ioctl(_descriptor: number, _request: number, _argument: BigUint64Array | undefined): number {
    throw new Error("not yet");
  }
  openPagemap(_pid: number): number {
    throw new Error("not yet");
  }
  readPagemap(_descriptor: number, _first: bigint, _into: BigUint64Array): number {
    throw new Error("not yet");
  }
  clearRefs(_kind: number): number {
    throw new Error("not yet");
  }
  processVmRead(_pid: number, _address: bigint, _into: Uint8Array): number {
    throw new Error("not yet");
  }
  processVmWrite(_pid: number, _address: bigint, _from: Uint8Array): number {
    throw new Error("not yet");
  }
  fork(): number {
    throw new Error("not yet");
  }
  exec(): number {
    throw new Error("not yet");
  }
  exit(_code: number): void {
    throw new Error("not yet");
  }
  load(_address: number, _into: Uint8Array): void {
    throw new Error("not yet");
  }
  store(_address: number, _from: Uint8Array): void {
    throw new Error("not yet");
  }
}
