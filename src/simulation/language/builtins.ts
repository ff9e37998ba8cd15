// The functions that every program can call: what they take and what they are for. What they do is run/builtins.ts.
import { MapFlag, OpenFlag, Protection, RemapFlag } from "../../kernel/abi.ts";
import { ADVICE_WORDS, MAP_WORDS, OPEN_WORDS, PROTECTION_WORDS, REMAP_WORDS, type Vocabulary } from "./words.ts";

export interface Parameter {
  readonly name: string;
  readonly kind: "integer" | "text";
  /** Taken where the argument is left out; without it the argument must be there. */
  readonly fallback?: number;
  /** Short words that may stand here for numbers. */
  readonly words?: Vocabulary;
  /** Any number of further arguments. */
  readonly isRest?: boolean;
}

export interface Builtin {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly doc: string;
  /** A system call's failure ends the program unless `try` stands before it. */
  readonly isSystemCall: boolean;
  /** Reads at most: a debugger may call it for a hover. */
  readonly isPure: boolean;
}

function integers(...names: string[]): Parameter[] {
  return names.map(name => ({ name, kind: "integer" }));
}

function optional(name: string, fallback: number, words?: Vocabulary): Parameter {
  return { name, kind: "integer", fallback, ...(words ? { words } : {}) };
}

function word(name: string, words: Vocabulary): Parameter {
  return { name, kind: "integer", words };
}

const path: Parameter = { name: "path", kind: "text" };

type Entry = readonly [name: string, parameters: readonly Parameter[], doc: string];

const SYSTEM_CALLS: readonly Entry[] = [
  [
    "mmap",
    [
      ...integers("length"),
      optional("protection", Protection.READ | Protection.WRITE, PROTECTION_WORDS),
      optional("flags", 0, MAP_WORDS),
      optional("file", -1),
      optional("offset", 0),
      optional("at", 0),
    ],
    "Maps memory and gives its address: private and anonymous unless the flags or a file say otherwise.",
  ],
  ["munmap", integers("address", "length"), "Unmaps memory."],
  [
    "mprotect",
    [...integers("address", "length"), word("protection", PROTECTION_WORDS)],
    "Changes what may be done with pages: read, write, exec or none.",
  ],
  [
    "mremap",
    [
      ...integers("address", "old_length", "new_length"),
      optional("flags", RemapFlag.MAYMOVE, REMAP_WORDS),
      optional("to", 0),
    ],
    "Resizes or moves a mapping with its contents and gives its new address.",
  ],
  [
    "madvise",
    [...integers("address", "length"), word("advice", ADVICE_WORDS)],
    "Tells the kernel what pages are for: dontneed gives them back.",
  ],
  ["brk", integers("address"), "Moves the heap's end; gives the end that holds afterwards, as the kernel does."],
  ["sbrk", integers("bytes"), "Grows the heap by so many bytes and gives where they begin."],
  ["memfd_create", [{ name: "name", kind: "text" }], "Creates a file that lives in memory and gives its descriptor."],
  [
    "create_file",
    [path, ...integers("length")],
    "Puts a file of zeroes on the machine's disk, opens it and gives its descriptor.",
  ],
  [
    "open",
    [path, optional("flags", OpenFlag.RDWR, OPEN_WORDS)],
    "Opens a file, or a process's /proc/PID/pagemap, and gives its descriptor.",
  ],
  ["ftruncate", integers("file", "length"), "Gives a file a new length."],
  ["close", integers("file"), "Closes a descriptor."],
  ["userfaultfd", [optional("flags", 1)], "Opens a userfaultfd and gives its descriptor."],
  [
    "read_userfaultfd",
    integers("file", "address", "length"),
    "Reads a userfaultfd's messages to an address, 32 bytes each, and gives how many bytes; waits for the first.",
  ],
  ["ioctl", integers("file", "request", "address"), "Calls a userfaultfd or a pagemap with the struct at the address."],
  ["pread_pagemap", integers("file", "page_number"), "Reads one entry of a /proc/PID/pagemap."],
  ["clear_refs", integers("kind"), "Writes /proc/self/clear_refs; 4 begins a new account of soft-dirty pages."],
  [
    "process_vm_readv",
    integers("process", "from", "to", "length"),
    "Copies a process's memory to the program's own; gives how many bytes.",
  ],
  [
    "process_vm_writev",
    integers("process", "to", "from", "length"),
    "Copies the program's memory to a process's; gives how many bytes.",
  ],
  [
    "syscall",
    [...integers("number"), { name: "arguments", kind: "integer", isRest: true }],
    "Runs a system call by its number on x86-64, with its arguments as they are.",
  ],
];

const FUNCTIONS: readonly Entry[] = [
  ["random", integers("end"), "A random number from 0 up to, but without, end; the same series for the same seed."],
  ["getpid", [], "The number of the process."],
  ["gettid", [], "The number of the thread."],
];

const PURE: readonly Entry[] = [
  ["load", integers("address"), "The byte at an address."],
  ["load8", integers("address"), "The byte at an address."],
  ["load16", integers("address"), "The 2 bytes at an address as a number."],
  ["load32", integers("address"), "The 4 bytes at an address as a number."],
  ["load64", integers("address"), "The 8 bytes at an address as a number."],
  [
    "argument",
    [...integers("index"), optional("otherwise", 0)],
    "A number of the launch configuration's args, counted from 0.",
  ],
  ["page_faults", [], "How many page faults the process has had, as getrusage counts them."],
  ["page_tables", [], "How many pages the process's page tables take."],
  ["min", integers("a", "b"), "The smaller of two numbers."],
  ["max", integers("a", "b"), "The larger of two numbers."],
];

function table(entries: readonly Entry[], isSystemCall: boolean, isPure: boolean): [string, Builtin][] {
  return entries.map(([name, parameters, doc]) => [name, { name, parameters, doc, isSystemCall, isPure }]);
}

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map([
  ...table(SYSTEM_CALLS, true, false),
  ...table(FUNCTIONS, false, false),
  ...table(PURE, false, true),
]);

/** Flags that mmap takes when none are told: shared or private is the program's to say, a file its presence. */
export function completeMapFlags(flags: number, hasFile: boolean): number {
  const type = flags & MapFlag.SHARED_VALIDATE ? 0 : MapFlag.PRIVATE;
  return flags | type | (hasFile ? 0 : MapFlag.ANONYMOUS);
}

/** "mmap(length, protection, …)" as documentation shows it. */
export function signatureOf({ name, parameters }: Builtin): string {
  const list = parameters.map(({ name: parameter, fallback, isRest }) =>
    isRest ? `${parameter}…` : fallback === undefined ? parameter : `[${parameter}]`,
  );
  return `${name}(${list.join(", ")})`;
}
