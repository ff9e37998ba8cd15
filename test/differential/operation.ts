// The operations programs consist of: each is a call's name and its arguments as the registers carry them.

/** How an argument reads in a scenario and what it refers to; every argument is an unsigned 64-bit word. */
export type ParameterKind =
  | "address"
  | "length"
  | "number"
  | "hex"
  | "protection"
  | "mapFlags"
  | "remapFlags"
  | "advice"
  | "categories"
  | "features"
  | "scanFlags"
  /** A descriptor's slot: what was opened, counted within its kind. See `descriptor`. */
  | "descriptor"
  /** Index of a process among those alive. */
  | "process";

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
}

const parameters = (text: string): readonly Parameter[] =>
  text
    .split(" ")
    .filter(Boolean)
    .map(part => {
      const [name, kind] = part.split(":");
      return { name, kind: kind as ParameterKind };
    });

/** Every call with its parameters; a call's number for the live side is its place in this table. */
export const CALLS = {
  mmap: parameters("address:address length:length protection:protection flags:mapFlags file:descriptor offset:length"),
  munmap: parameters("address:address length:length"),
  mprotect: parameters("address:address length:length protection:protection"),
  mremap: parameters("address:address old:length new:length flags:remapFlags to:address"),
  madvise: parameters("address:address length:length advice:advice"),
  brk: parameters("address:address"),
  memfd: parameters(""),
  ftruncate: parameters("file:descriptor length:length"),
  close: parameters("file:descriptor"),
  userfaultfd: parameters("flags:hex"),
  uffdApi: parameters("file:descriptor api:hex features:features ioctls:hex"),
  uffdRegister: parameters("file:descriptor start:address length:length mode:number ioctls:hex"),
  uffdUnregister: parameters("file:descriptor start:address length:length"),
  uffdWriteProtect: parameters("file:descriptor start:address length:length mode:number"),
  scan: parameters(
    "file:descriptor size:number flags:scanFlags start:address end:address walk_end:address vec:address vec_len:number " +
      "max_pages:number inverted:categories mask:categories anyof:categories return:categories",
  ),
  /** An ioctl whose argument may not be read. */
  badIoctl: parameters("file:descriptor request:hex"),
  readPagemap: parameters("file:descriptor first:address pages:number"),
  openPagemap: parameters("of:process"),
  clearRefs: parameters("kind:number"),
  load: parameters("address:address bytes:number"),
  store: parameters("address:address bytes:number value:number"),
  /** One byte each so many bytes, until one faults. */
  loadEach: parameters("address:address stride:length times:number"),
  storeEach: parameters("address:address stride:length times:number value:number"),
  vmRead: parameters("of:process address:address bytes:number"),
  vmWrite: parameters("of:process address:address bytes:number value:number"),
  /** PROCMAP_QUERY of the performing process's own mappings. */
  query: parameters("size:number flags:hex address:address"),
  /** The program's one file of FILE_BYTES, which every process can open. */
  open: parameters("flags:hex"),
  fork: parameters(""),
  exit: parameters(""),
  /** Stores 8 bytes by one instruction. */
  storeWord: parameters("address:address value:hex"),
  /** An ioctl whose struct lies in the program's own memory. */
  ioctl: parameters("file:descriptor request:hex argument:address"),
  /** The same performer anew, with the descriptors that exec leaves open. */
  exec: parameters(""),
  uffdWake: parameters("file:descriptor start:address length:length"),
  /** read(2) of a userfaultfd's messages, where that never waits. */
  readFaults: parameters("file:descriptor bytes:number"),
} satisfies Record<string, readonly Parameter[]>;

export type CallName = keyof typeof CALLS;

export const CALL_NAMES = Object.keys(CALLS) as readonly CallName[];

const numbers = new Map<string, number>(CALL_NAMES.map((name, number) => [name, number]));

export interface Operation {
  /** Who performs it: an index into the processes alive, modulo their number, so that it always is somebody. */
  readonly process: number;
  /** Whether the process's second thread performs it, which may wait for a userfaultfd's holder. */
  readonly bySecond?: boolean;
  readonly call: CallName;
  readonly args: readonly bigint[];
}

export type Program = readonly Operation[];

/** The number by which performer.c knows a call. */
export function callNumber(call: CallName): number {
  return numbers.get(call) ?? -1;
}

/** Kinds of descriptors; slots are counted within a kind and taken modulo how many there are. */
export const DESCRIPTOR_KINDS = ["none", "memory", "watch", "pagemap"] as const;
export type DescriptorKind = (typeof DESCRIPTOR_KINDS)[number];

/** The word that stands for a descriptor; "none" is the invalid descriptor -1. */
export function descriptor(kind: DescriptorKind, slot = 0): bigint {
  return BigInt(DESCRIPTOR_KINDS.indexOf(kind) * 256 + slot);
}

export function descriptorParts(word: bigint): { kind: DescriptorKind; slot: number } {
  return { kind: DESCRIPTOR_KINDS[Number(word >> 8n) & 3], slot: Number(word & 255n) };
}
