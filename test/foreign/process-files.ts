// What the kernel itself tells of a process, by /proc alone: its memory, descriptors, and what is registered in it.
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { PAGE_SIZE } from "../../src/memory/page.ts";

/** Of the highest byte of a pagemap entry (Documentation/admin-guide/mm/pagemap.rst): bits 63 and 61. */
const PRESENT = 0x80;
const FILE_OR_SHARED = 0x20;

/** Whether a page is there now, and is memory of the process's own. */
export type PageState = "absent" | "file" | "own";

/** Reads a standing process's memory. Reading pages that are there changes nothing in it. */
export class ProcessMemory {
  private readonly memory: number;
  private readonly pagemap: number;

  constructor(pid: number) {
    this.memory = openSync(`/proc/${pid}/mem`, "r");
    this.pagemap = openSync(`/proc/${pid}/pagemap`, "r");
  }

  /** The states of pages [start, end). */
  states(start: number, end: number): PageState[] {
    const entries = Buffer.alloc((end - start) * 8);
    const count = readSync(this.pagemap, entries, 0, entries.length, BigInt(start) * 8n);
    if (count !== entries.length) throw new Error(`the pagemap gave ${count} of ${entries.length} bytes`);
    return Array.from({ length: end - start }, (_, i) => {
      const bits = entries[i * 8 + 7];
      if (!(bits & PRESENT)) return "absent";
      return bits & FILE_OR_SHARED ? "file" : "own";
    });
  }

  /** Pages [start, end), or as many as can be read: a file may end before its mapping does. */
  read(start: number, end: number, into: Uint8Array): number {
    const wanted = (end - start) * PAGE_SIZE;
    try {
      const count = readSync(this.memory, into, 0, wanted, BigInt(start) * BigInt(PAGE_SIZE));
      return Math.floor(count / PAGE_SIZE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EIO") return 0;
      throw error;
    }
  }

  close(): void {
    closeSync(this.memory);
    closeSync(this.pagemap);
  }
}

/** Whether a debugger holds all its threads: nothing in its memory moves. */
export function isStanding(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every(task => {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, "latin1");
      return /^[tTZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
    } catch {
      // Ended meanwhile.
      return true;
    }
  });
}

/** "0 /dev/null", in order of the numbers. */
export function descriptorsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .sort((a, b) => Number(a) - Number(b))
    .map(fd => `${fd} ${readlinkSync(`/proc/${pid}/fd/${fd}`)}`);
}

/** The mappings that are registered for write protection with any userfaultfd, as smaps names them. */
export function registeredMappings(pid: number): string[] {
  const found: string[] = [];
  let mapping = "";
  for (const line of readFileSync(`/proc/${pid}/smaps`, "latin1").split("\n")) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) mapping = line;
    if (/^VmFlags:.*\buw\b/.test(line)) found.push(mapping);
  }
  return found;
}
