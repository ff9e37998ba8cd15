// What an address is called: one kind of name for each kind of memory, and each in words.
import { counted } from "../common/counted.ts";
import { t } from "../common/l10n.ts";
import { firstEndingAfter, kindOf, type Mapping } from "../memory/mapping.ts";
import { addressOf, pageOf } from "../memory/page.ts";
import type { HeapBlock, HeapPlace } from "./heap/heap.ts";
import { throughPointer } from "./paths/words.ts";

/** Addresses, offsets and sizes in bytes; threads by the kernel's number (gettid). */
export type Name =
  /** A variable or function, and how far into it. */
  | {
      readonly kind: "symbol";
      /** Short: without parameters and template arguments. */
      readonly symbol: string;
      /** As the file spells it, for whoever looks it up elsewhere. */
      readonly spelled: string;
      readonly address: number;
      readonly offset: number;
      /** 0 where the file does not say. */
      readonly size: number;
      readonly function: boolean;
      /** The file's path. */
      readonly file: string;
      /** Whose, of a thread-local variable. */
      readonly thread?: number | undefined;
      /** The function whose local it is, where that is not the one that runs. */
      readonly frame?: string | undefined;
      /** The variable's type, where the file's debug information tells it: its place in the table of types beside. */
      readonly type?: number | undefined;
    }
  /** `damaged`: malloc's account makes no sense there any more, and the place is the one of before. */
  | {
      readonly kind: "heap";
      readonly place: HeapPlace;
      readonly damaged?: boolean | undefined;
      /** How the program itself gets there, where a way over typed pointers is known. */
      readonly way?: HeapWay | undefined;
    }
  | {
      readonly kind: "stack";
      readonly thread: number;
      /** From the thread's stack pointer on, negative below it; absent where that is not known. */
      readonly above?: number | undefined;
    }
  /** What the C library keeps of a thread beside its stack. */
  | { readonly kind: "thread"; readonly part: "control block" | "thread-local data" | "rseq"; readonly thread: number }
  /** Of a file's memory, where no symbol is. */
  | {
      readonly kind: "section";
      readonly section: string;
      readonly offset: number;
      readonly file: string;
      /** Whether only the loader writes there. */
      readonly loader: boolean;
    }
  /** Memory that the kernel maps into every process. */
  | { readonly kind: "kernel"; readonly mapping: string }
  | {
      readonly kind: "mapping";
      /** As /proc/PID/maps has it; "" for memory of no file. */
      readonly mapping: string;
      /** From the file's begin, or from the mapping's where it is of no file. */
      readonly offset: number;
    }
  /** Nothing is mapped there. */
  | { readonly kind: "unmapped" };

/** A pointer into a heap block, by which the program gets there. */
export interface HeapWay {
  /** "head->next". */
  readonly pointer: string;
  /** Where it leads. */
  readonly address: number;
  /** What lies there: an array of what it leads to, in the table of types beside. */
  readonly type: number;
}

/** Bytes [start, end) that have one name; its offset is that of `start`. */
export interface NamedRange {
  readonly start: number;
  readonly end: number;
  readonly name: Name;
}

/** What its mapping tells of an address, and how far that holds. @param mappings in address order. */
export function nameOfMapping(mappings: readonly Mapping[], address: number): Omit<NamedRange, "start"> {
  const index = firstEndingAfter(mappings, pageOf(address));
  const mapping = mappings[index];
  if (!mapping) return { name: { kind: "unmapped" }, end: Number.MAX_SAFE_INTEGER };
  const start = addressOf(mapping.start);
  if (address < start) return { name: { kind: "unmapped" }, end: start };
  const end = addressOf(mapping.end);
  if (kindOf(mapping) === "kernel") return { name: { kind: "kernel", mapping: mapping.name.slice(1, -1) }, end };
  const offset = address - start + (mapping.inode === 0 ? 0 : mapping.offset);
  return { name: { kind: "mapping", mapping: pathOf(mapping), offset }, end };
}

/** Without what the kernel appends where the file was unlinked. */
export function pathOf({ name }: Mapping): string {
  return name.replace(/ \(deleted\)$/, "");
}

export interface Words {
  /** How a thread is called, by its kernel's number: debuggers have numbers of their own. */
  readonly thread?: (id: number) => string;
  /** What an offset into a variable is: "[17]", ".next"; who knows types knows that. Undefined: it is told in bytes. */
  readonly element?: (name: Extract<Name, { kind: "symbol" }>) => string | undefined;
  /** The same in a heap block, from where the way there leads: "[0].next". */
  readonly inBlock?: string | undefined;
}

/**
 * A name in words: `counters+136`, "block of 56 bytes at 0x…, byte 8", "stack of thread 1234", "the loader's (.got of libc.so.6)".
 * @param words what others know better.
 */
export function toWords(name: Name, words: Words = {}): string {
  const thread = words.thread ?? ((id: number): string => t("thread {0}", id));
  switch (name.kind) {
    case "symbol": {
      const element = words.element?.(name) ?? (name.offset > 0 ? `+${name.offset}` : "");
      const owner = name.thread === undefined ? name.frame : thread(name.thread);
      return `${name.symbol}${element}${owner === undefined ? "" : t(" of {0}", owner)}`;
    }
    case "heap": {
      if (name.way && words.inBlock !== undefined && name.place.kind === "block")
        return t(
          "{0} (heap block of {1})",
          throughPointer(name.way.pointer, words.inBlock),
          counted(name.place.block.size, "byte"),
        );
      const way = name.way ? `, *${name.way.pointer}` : "";
      return `${heapWords(name.place)}${way}${name.damaged ? t(": the heap is damaged") : ""}`;
    }
    case "stack":
      return t("stack of {0}{1}", thread(name.thread), stackWords(name.above));
    case "thread":
      return name.part === "rseq"
        ? t("the kernel's rseq area of {0}", thread(name.thread))
        : name.part === "control block"
          ? t("control block of {0}", thread(name.thread))
          : t("thread-local data of {0}", thread(name.thread));
    case "section": {
      const file = baseName(name.file);
      return name.loader
        ? t("the loader's ({0} of {1})", name.section, file)
        : t("{0}+{1} of {2}", name.section, hex(name.offset), file);
    }
    case "kernel":
      return t("the kernel's {0}", name.mapping);
    case "mapping": {
      const what = name.mapping === "" ? t("anonymous memory") : baseName(name.mapping);
      return `${what}+${hex(name.offset)}`;
    }
    case "unmapped":
      return t("unmapped memory");
  }
}

/** Whether it is nobody's variable but a runtime's own account: the loader's, malloc's, the kernel's. Views fold it. */
export function isNoise(name: Name): boolean {
  switch (name.kind) {
    case "heap":
      // malloc keeps its account in order.
      if (name.damaged) return false;
      return name.place.kind === "bookkeeping" || name.place.kind === "size" || name.place.kind === "unused";
    case "thread":
      return name.part !== "thread-local data";
    case "section":
      return name.loader;
    case "symbol":
      return isRuntime(name.file) && name.thread === undefined;
    case "stack":
      return name.above !== undefined && name.above < 0;
    default:
      return name.kind === "kernel";
  }
}

/** The C library and its loader, which keep accounts of their own beside whatever a program asks of them. */
export function isRuntime(file: string): boolean {
  return /^(ld-linux|ld-musl|ld-[0-9]|libc[.-]|libpthread[.-])/.test(baseName(file));
}

function heapWords(place: HeapPlace): string {
  switch (place.kind) {
    case "block":
      return `${blockWords(place.block)}${place.offset > 0 ? t(", byte {0}", place.offset) : ""}${STATES[place.block.state]}`;
    case "size":
      return place.past
        ? t("{0}, {1}: malloc's size of the next block", blockWords(place.past), pastWords(place.offset))
        : t("malloc's size of the {0}", blockWords(place.of));
    case "overflow": {
      const { block, offset, past, into } = place;
      const end = t("{0} past its end", counted(past, "byte"));
      const where = into ? t("into the {0}", blockWords(into)) : t("over malloc's size of the next one");
      return t("overflow of the {0}: from byte {1} to {2}, {3}", blockWords(block), offset, end, where);
    }
    case "unused":
      return place.past && place.offset < 8
        ? t("{0}, {1}: malloc's size of what is left", blockWords(place.past), pastWords(place.offset))
        : t("heap that is not given out yet");
    case "bookkeeping":
      return t("malloc's bookkeeping");
    case "unknown":
      return t("heap ({0})", place.why);
  }
}

const STATES: Readonly<Record<HeapBlock["state"], string>> = {
  "in use": "",
  cached: t(", which was freed"),
  free: t(", which was freed"),
};

function blockWords({ address, size }: HeapBlock): string {
  return t("block of {0} at {1}", counted(size, "byte"), hex(address));
}

function pastWords(offset: number): string {
  return offset === 0 ? t("right past its end") : t("{0} past its end", counted(offset, "byte"));
}

/** Code may use 128 bytes below its stack pointer (System V ABI, AMD64, 3.2.2); what is lower belonged to calls that are over. */
export const RED_ZONE = 128;

function stackWords(above: number | undefined): string {
  if (above === undefined || above >= 0) return "";
  return above >= -RED_ZONE ? t(", red zone") : t(", below what is in use");
}

function baseName(path: string): string {
  return path.startsWith("/") ? path.slice(path.lastIndexOf("/") + 1) : path;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
