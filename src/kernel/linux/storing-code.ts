// How many bytes the instruction at an address stores, by its code in the process's memory.
import { PAGE_SIZE, pageOf } from "../../memory/page.ts";
import { KernelError } from "../kernel-error.ts";
import { readPages } from "./memory.ts";
import { LONGEST_INSTRUCTION, storeWidth } from "./store-width.ts";

/** int3: a debugger's breakpoint stands where the instruction was. */
const BREAKPOINT = 0xcc;

/** See {@link Kernel.storeWidth}. */
export function storeWidthAt(pid: number, pc: number): number | undefined {
  if (!(pc > 0)) return undefined;
  const first = pageOf(pc);
  const bytes = new Uint8Array(2 * PAGE_SIZE);
  const isNearEnd = (pc % PAGE_SIZE) + LONGEST_INSTRUCTION > PAGE_SIZE;
  try {
    // The page behind may not exist; then the instruction ends before.
    if (readPages(pid, Float64Array.of(first, first + (isNearEnd ? 2 : 1)), bytes) < PAGE_SIZE) return undefined;
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
  const code = bytes.subarray(pc % PAGE_SIZE);
  return code[0] === BREAKPOINT ? undefined : storeWidth(code);
}
