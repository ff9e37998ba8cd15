// What devices may write of a process's memory: io_uring's registered buffers and requests under way (io_uring/fdinfo.c), files open
// for direct I/O, and how much is pinned in all.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { DeviceBuffer, DeviceMemory } from "../kernel.ts";

const RING = "anon_inode:[io_uring]";
/** O_DIRECT of x86-64, which fdinfo tells in octal digits. */
const O_DIRECT = 0o40000;
/** To look at one takes some 15 microseconds. */
const MOST_DESCRIPTORS = 1024;

/** What was learned on the way to an answer, kept as long as the answer is. */
interface Look {
  readonly descriptors: ReadonlySet<string>;
  readonly buffers: ReadonlyMap<string, readonly DeviceBuffer[]>;
}

const looks = new WeakMap<DeviceMemory, Look>();

/**
 * Looks for rings among the process's descriptors.
 * @param before the answer of an earlier call: descriptors that were open then, and no rings, are not looked at again.
 */
export function deviceMemory(pid: number, before?: DeviceMemory): DeviceMemory {
  const look = before && looks.get(before);
  const descriptors = entries(`/proc/${pid}/fd`);
  const buffers = new Map<string, readonly DeviceBuffer[]>();
  const busyRings: number[] = [];
  for (const descriptor of descriptors) {
    if (look?.descriptors.has(descriptor) && !look.buffers.has(descriptor)) continue;
    if (targetOf(`/proc/${pid}/fd/${descriptor}`) !== RING) continue;
    const fdinfo = textOf(`/proc/${pid}/fdinfo/${descriptor}`);
    if (mayBeBusy(fdinfo)) busyRings.push(Number(descriptor));
    // While a thread works on the ring, and holds its lock, the kernel leaves the list out.
    const list = registeredBuffers(fdinfo) ?? look?.buffers.get(descriptor) ?? [];
    buffers.set(
      descriptor,
      list.map(buffer => ({ ...buffer, descriptor: Number(descriptor) })),
    );
  }
  const memory = { buffers: [...buffers.values()].flat(), pinnedPages: pinnedPages(pid), busyRings };
  looks.set(memory, { descriptors: new Set(descriptors), buffers });
  return memory;
}

/**
 * The lines under "UserBufs:", "    0: 0x7f35700b8000/8192": address and length in bytes.
 * @returns undefined where the text has no such lines.
 */
export function registeredBuffers(fdinfo: string): { address: number; bytes: number }[] | undefined {
  const list = /^UserBufs:\t\d+\n((?: *\d+: .*\n)*)/m.exec(fdinfo)?.[1];
  return list === undefined
    ? undefined
    : [...list.matchAll(/: 0x([0-9a-f]+)\/([1-9]\d*)$/gm)].map(([, address, bytes]) => ({
        address: Number.parseInt(address, 16),
        bytes: Number(bytes),
      }));
}

/**
 * Whether a ring has taken more requests than it has told the ends of. Requests with several ends, or with none that is told, make
 * the two counts differ for good; and where the kernel leaves them out, nothing is known.
 */
export function mayBeBusy(fdinfo: string): boolean {
  const [taken, told] = ["CachedSqHead", "CachedCqTail"].map(
    name => new RegExp(`^${name}:\\t(\\d+)$`, "m").exec(fdinfo)?.[1],
  );
  return taken === undefined || taken !== told;
}

/** See {@link Kernel.directFiles}. */
export function directFiles(pid: number): readonly number[] | undefined {
  const descriptors = entries(`/proc/${pid}/fd`);
  if (descriptors.length > MOST_DESCRIPTORS) return undefined;
  const isDirect = (descriptor: string): boolean => {
    const flags = /^flags:\t(\d+)$/m.exec(textOf(`/proc/${pid}/fdinfo/${descriptor}`))?.[1];
    return (Number.parseInt(flags ?? "0", 8) & O_DIRECT) !== 0;
  };
  return descriptors.filter(isDirect).map(Number);
}

/** VmPin of /proc/PID/status (fs/proc/task_mmu.c): pages that were pinned for long, by io_uring, RDMA and the like. */
function pinnedPages(pid: number): number {
  const kilobytes = /^VmPin:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`))?.[1];
  return Math.floor((Number(kilobytes ?? 0) * 1024) / PAGE_SIZE);
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
