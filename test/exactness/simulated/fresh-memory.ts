// What execve and the loader have put into a simulated process's memory, as operations that make the same of a live one's.
import { MapFlag, Protection } from "../../../src/kernel/abi.ts";
import type { Process } from "../../../src/kernel/simulated/process.ts";
import { simulatedKernel } from "../../../src/kernel/simulated/simulated-kernel.ts";
import { Category } from "../../../src/memory/category.ts";
import { kindOf, type Mapping } from "../../../src/memory/mapping.ts";
import { addressOf, PAGE_SIZE } from "../../../src/memory/page.ts";
import { takeSnapshot } from "../../../src/tracker/snapshot.ts";
import type { Operation } from "./operation.ts";

/** The program's own file, in the performer's numbering, and the descriptor by which it is mapped. */
export const PROGRAM_FILE = 0;
export const PROGRAM_FILE_BYTES = 64 * PAGE_SIZE;
const DESCRIPTOR = 99;

type Step = Pick<Operation, "call" | "args" | "result">;

export function freshMemory(process: Process): Step[] {
  const kernel = simulatedKernel(() => process.machine);
  const { runs, categories } = takeSnapshot(kernel, process.pid);
  const steps = [step("open", [PROGRAM_FILE, 0, DESCRIPTOR], DESCRIPTOR)];
  for (const mapping of process.mappings()) steps.push(map(mapping));
  steps.push(step("close", [DESCRIPTOR], 0));
  for (let i = 0; i < categories.length; i += 1) {
    if (categories[i] & (Category.FILE | Category.PFNZERO)) continue;
    const bytes = (runs[i * 2 + 1] - runs[i * 2]) * PAGE_SIZE;
    steps.push(step("store", [addressOf(runs[i * 2]), bytes, 1], bytes));
  }
  return steps;
}

function map(mapping: Mapping): Step {
  const { start, end, permissions, offset } = mapping;
  const protection =
    (permissions[0] === "r" ? Protection.READ : 0) |
    (permissions[1] === "w" ? Protection.WRITE : 0) |
    (permissions[2] === "x" ? Protection.EXEC : 0);
  const isFile = kindOf(mapping) === "file";
  const flags =
    MapFlag.PRIVATE |
    MapFlag.FIXED_NOREPLACE |
    (isFile ? 0 : MapFlag.ANONYMOUS) |
    (kindOf(mapping) === "stack" ? MapFlag.GROWSDOWN : 0);
  const address = addressOf(start);
  const file = isFile ? DESCRIPTOR : -1;
  return step("mmap", [address, (end - start) * PAGE_SIZE, protection, flags, file, isFile ? offset : 0], address);
}

function step(call: Step["call"], args: readonly number[], result: number): Step {
  return { call, args: args.map(BigInt), result };
}
