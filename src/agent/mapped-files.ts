// The files that a process has mapped, read as it sees them: by /proc/PID/map_files where we may, else by their paths below its root.
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, type Stats, statSync } from "node:fs";
import type { Mapping } from "../memory/mapping.ts";
import { addressOf } from "../memory/page.ts";
import type { ByteSource } from "../names/bytes.ts";
import { ElfFile } from "../names/elf/elf-file.ts";
import { pathOf } from "../names/name.ts";
import type { ThreadInfo } from "../names/threads.ts";
import type { OpenedFiles, ProcessSource } from "./process-names.ts";
import { unpack } from "./unpack.ts";

/** Files kept open with their symbols; a program seldom has more. */
const MOST_FILES = 256;
const ELF_MAGIC = 0x7f454c46;
/** Threads beyond that many are not asked where their stacks stand. */
const MOST_THREADS = 10_000;

/** A file that stays open. */
class FileSource implements ByteSource {
  readonly size: number;
  readonly modified: number;
  private readonly descriptor: number;

  /** @throws {Error} as the system refuses. */
  constructor(path: string) {
    this.descriptor = openSync(path, "r");
    const { size, mtimeMs } = fstatSync(this.descriptor);
    this.size = size;
    this.modified = mtimeMs;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    let done = 0;
    while (done < bytes.length) {
      const count = readSync(this.descriptor, bytes, done, bytes.length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  }

  /** Whether it was written since it was opened: what was read of it then is not what it is now. */
  get isStale(): boolean {
    return fstatSync(this.descriptor).mtimeMs !== this.modified;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** What became of a file: its symbols, or why there are none; neither, where it is no ELF file. */
interface Known {
  readonly elf?: ElfFile;
  readonly problem?: string;
  readonly sources: readonly FileSource[];
}

/** Of this computer; one for each agent, so that a file is read once however often it is asked about. */
export class SystemSource implements ProcessSource {
  /** By device, inode and path, the one longest unused first. */
  private readonly known = new Map<string, Known>();

  filesOf(pid: number): OpenedFiles {
    const asked = new Map<string, Known>();
    const elfOf = (mapping: Mapping): ElfFile | undefined => {
      const key = `${mapping.device} ${mapping.inode} ${mapping.name}`;
      const known = asked.get(key) ?? this.lookUp(key, pid, mapping);
      asked.set(key, known);
      return known.elf;
    };
    return {
      elfOf,
      get problems() {
        return [...asked].flatMap(([key, { problem, elf }]) => {
          const path = key.split(" ").slice(2).join(" ");
          return [...(problem === undefined ? [] : [problem]), ...(elf?.problems ?? [])].map(
            text => `${path}: ${text}`,
          );
        });
      },
    };
  }

  threadsOf(pid: number): readonly ThreadInfo[] {
    return entries(`/proc/${pid}/task`)
      .slice(0, MOST_THREADS)
      .map(id => ({ id: Number(id), stackPointer: stackPointerOf(pid, id) }));
  }

  private lookUp(key: string, pid: number, mapping: Mapping): Known {
    let known = this.known.get(key);
    if (known?.sources.some(({ isStale }) => isStale)) {
      for (const source of known.sources) source.close();
      known = undefined;
    }
    known ??= open(pid, mapping);
    this.known.delete(key);
    this.known.set(key, known);
    if (this.known.size > MOST_FILES) {
      const [oldest, { sources }] = this.known.entries().next().value ?? [key, { sources: [] }];
      for (const source of sources) source.close();
      this.known.delete(oldest);
    }
    return known;
  }
}

function open(pid: number, mapping: Mapping): Known {
  const sources: FileSource[] = [];
  const opened = (path: string): FileSource => {
    const source = new FileSource(path);
    sources.push(source);
    return source;
  };
  try {
    const path = readablePath(pid, mapping);
    if (path === undefined) return { sources };
    const source = opened(path);
    const magic = source.read(0, 4);
    if (magic.length < 4 || Buffer.from(magic).readUInt32BE() !== ELF_MAGIC) return { sources };
    const debugFiles = {
      path: pathOf(mapping),
      // In the process's own root first: the computer's may be another distribution's, but knows builds by their ids, too.
      open: (candidate: string): ByteSource | undefined => {
        const found = [`/proc/${pid}/root${candidate}`, candidate].find(isFile);
        return found === undefined ? undefined : opened(found);
      },
      unpack,
    };
    return { elf: new ElfFile(source, debugFiles), sources };
  } catch (error) {
    return { problem: `${error instanceof Error ? error.message : error}`, sources };
  }
}

/** @returns undefined where it is no file that one reads: a device. @throws {Error} the file is not there any more, or not ours to read. */
function readablePath(pid: number, mapping: Mapping): string | undefined {
  const hex = (page: number): string => addressOf(page).toString(16);
  const exact = `/proc/${pid}/map_files/${hex(mapping.start)}-${hex(mapping.end)}`;
  const byPath = `/proc/${pid}/root${pathOf(mapping)}`;
  const found = [exact, byPath].map(path => ({ path, stats: statsOf(path) }));
  const same = found.find(({ stats }) => stats?.ino === mapping.inode);
  if (same) return same.stats?.isFile() ? same.path : undefined;
  if (!mapping.name.startsWith("/") || /^\/(dev|memfd:|SYSV|anon_hugepage|\[)/.test(mapping.name)) return undefined;
  throw new Error(
    "the file that is mapped is not at its path any more (rebuilt or deleted since); restart the program to have its names.",
  );
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  return statsOf(path)?.isFile() ?? false;
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** From /proc/PID/task/TID/syscall (fs/proc/base.c, proc_pid_syscall): "running", or numbers of which the last two are the stack pointer and the place. */
function stackPointerOf(pid: number, id: string): number | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/task/${id}/syscall`, "latin1").trim().split(" ");
    return words.length < 3 ? undefined : Number(words[words.length - 2]);
  } catch {
    return undefined;
  }
}
