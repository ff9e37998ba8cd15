// The processes of this computer, as /proc lists them.
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

export interface ListedProcess {
  readonly pid: number;
  /** The number of the one that started it. */
  readonly parent: number;
  readonly name: string;
  /** With its arguments. */
  readonly command: string;
  /** The file that it runs; "" where that may not be asked. */
  readonly executable: string;
  /** Its owner's name, or number where it has none; "" where that can't be told. */
  readonly user: string;
  /** Pages in memory. */
  readonly resident: number;
}

/** All processes with memory of their own, newest numbers first; none where there is no /proc. */
export function listProcesses(): ListedProcess[] {
  const found: ListedProcess[] = [];
  const names = userNames();
  for (const entry of entries()) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      // Kernel threads have no command line, and no memory of their own.
      if (command === "") continue;
      found.push({
        pid: Number(entry),
        parent: parentIn(readFileSync(`/proc/${entry}/stat`, "latin1")),
        executable: executableOf(entry),
        name: readFileSync(`/proc/${entry}/comm`, "utf8").trim(),
        command,
        user: userOf(statSync(`/proc/${entry}`).uid, names),
        resident: Number(readFileSync(`/proc/${entry}/statm`, "latin1").split(" ")[1]),
      });
    } catch {
      // Ended while we looked.
    }
  }
  return found.sort((a, b) => b.pid - a.pid);
}

/** The fourth field; the second, a name in brackets, may hold anything. */
function parentIn(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function executableOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return "";
  }
}

function userOf(id: number, names: ReadonlyMap<number, string>): string {
  return names.get(id) ?? String(id);
}

/** By their numbers, of the users that this computer itself knows. */
function userNames(): ReadonlyMap<number, string> {
  try {
    const lines = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .map(line => line.split(":"));
    return new Map(lines.filter(fields => fields.length > 2).map(fields => [Number(fields[2]), fields[0]]));
  } catch {
    return new Map();
  }
}

function entries(): string[] {
  try {
    return readdirSync("/proc");
  } catch {
    return [];
  }
}
