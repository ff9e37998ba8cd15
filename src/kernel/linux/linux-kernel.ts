// The real kernel, behind the kernel interface.
import { readFileSync } from "node:fs";
import type { Kernel } from "../kernel.ts";
import { blockedCall, faultsDone, isStopped } from "./blocked-call.ts";
import { deviceMemory, directFiles } from "./device-memory.ts";
import { interruptThread } from "./interrupt.ts";
import { lockedMappings } from "./locked.ts";
import { mappingPageSize } from "./mapping-query.ts";
import { readMappings } from "./maps.ts";
import { copyPages, readPages, readProtected } from "./memory.ts";
import { openPagemap } from "./pagemap.ts";
import { processStatus } from "./process-status.ts";
import { heldRegisters } from "./ptrace/held-registers.ts";
import { holdProcess, releaseProcess, runFor, threadsOfProcess } from "./ptrace/hold.ts";
import { injectCall } from "./ptrace/inject.ts";
import { storeWidthAt } from "./storing-code.ts";
import { takeUserfaultfd } from "./userfaultfd.ts";

export const linuxKernel: Kernel = {
  backend: "uffd-wp",
  openPagemap,
  takeUserfaultfd,
  mappings: readMappings,
  readPages,
  readProtected,
  copyPages,
  mappingPageSize,
  lockedMappings,
  threadCount,
  hasSwap,
  deviceMemory,
  directFiles,
  status: processStatus,
  blockedCall,
  faultsDone,
  interrupt: interruptThread,
  injectCall,
  hold: holdProcess,
  release: releaseProcess,
  runFor,
  heldRegisters,
  threads: threadsOfProcess,
  isStopped,
  storeWidth: storeWidthAt,
  isAlive,
};

function hasSwap(): boolean {
  try {
    // A line of headings, then a line a swap area.
    return readFileSync("/proc/swaps", "latin1").trim().split("\n").length > 1;
  } catch {
    return true;
  }
}

function threadCount(pid: number): number {
  // The 20th field; what follows the name begins with the third.
  return Number(stateOf(pid)[17] ?? 0);
}

function isAlive(pid: number): boolean {
  return !"ZX".includes(stateOf(pid)[0] ?? "Z");
}

/** The fields of /proc/PID/stat from the state on; none when the process is gone. */
function stateOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command's name, in brackets, may itself hold spaces and brackets; the state follows the last one.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
