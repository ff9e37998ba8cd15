// /proc/PID/maps: reading and parsing it (fs/proc/task_mmu.c, show_map_vma).
import { readFileSync } from "node:fs";
import type { Mapping } from "../../memory/mapping.ts";
import { pageOf } from "../../memory/page.ts";
import { KernelError } from "../kernel-error.ts";

const LINE = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) (\S+) (\d+)\s*(.*)$/;

/**
 * All mappings of a process in address order.
 * @throws {KernelError} ENOENT or ESRCH when the process is gone; EACCES for another user's.
 */
export function readMappings(pid: number): Mapping[] {
  return parseMaps(readMaps(pid));
}

/** The text of maps; the kernel writes it a page at a time, so it is only consistent while the process is stopped. */
function readMaps(pid: number): string {
  const path = `/proc/${pid}/maps`;
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    throw new KernelError("read", path, -((error as NodeJS.ErrnoException).errno ?? 0));
  }
}

/** Parses the lines of a maps file; lines that are none are left out. */
export function parseMaps(text: string): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of text.split("\n")) {
    const parts = LINE.exec(line);
    if (!parts) continue;
    const [, start, end, permissions, offset, device, inode, name] = parts;
    mappings.push({
      start: pageOf(BigInt(`0x${start}`)),
      end: pageOf(BigInt(`0x${end}`)),
      permissions,
      offset: Number.parseInt(offset, 16),
      device,
      inode: Number(inode),
      name: Buffer.from(name, "latin1").toString("utf8"),
    });
  }
  return mappings;
}
