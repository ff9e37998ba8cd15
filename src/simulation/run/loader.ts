// Finds where a fresh process has its text, data and stack, and puts the program's globals there, as execve does.
import { MapFlag, Protection } from "../../kernel/abi.ts";
import { errnoName } from "../../kernel/errno.ts";
import type { Process } from "../../kernel/simulated/process.ts";
import { isWritable, kindOf, type Mapping } from "../../memory/mapping.ts";
import { addressOf, PAGE_SIZE } from "../../memory/page.ts";
import { writeInteger } from "../language/integer.ts";
import { CallFailure, type CompiledProgram } from "./code.ts";

export interface LoadedProgram {
  readonly text: number;
  readonly data: number;
  /** Where the first frame goes, below what the kernel puts on the stack. */
  readonly stackTop: number;
}

/** @throws {CallFailure} there is no room for the program's data. */
export function loadProgram(process: Process, program: CompiledProgram): LoadedProgram {
  const mappings = process.mappings();
  const text = mappings.find(mapping => mapping.permissions[2] === "x" && kindOf(mapping) === "file");
  const stack = mappings.find(mapping => kindOf(mapping) === "stack");
  const data = dataAddress(process, mappings, program.dataBytes);
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  for (const { offset, width, initial } of program.globals.values()) {
    if (width === 0 || initial === 0) continue;
    writeInteger(view, width, initial);
    process.store(data + offset, bytes.subarray(0, width));
  }
  return {
    text: addressOf(text?.start ?? 0x400),
    data,
    // The arguments, the environment and the auxiliary vector lie above.
    stackTop: addressOf(stack?.end ?? 0) - 1024,
  };
}

/** Data stands in the program's writable mapping; what does not fit there (.bss) in fresh memory right behind it. */
function dataAddress(process: Process, mappings: readonly Mapping[], length: number): number {
  const index = mappings.findIndex(mapping => isWritable(mapping) && kindOf(mapping) === "file");
  const own = mappings[index];
  if (!own) return freshData(process, 0, length);
  let { end } = own;
  const next = mappings[index + 1];
  if (next && next.start === end && next.name === "" && isWritable(next)) end = next.end;
  const start = addressOf(own.start);
  const missing = start + length - addressOf(end);
  if (missing <= 0) return start;
  // Not where the heap will grow.
  const fits = start + length <= process.brk(0n);
  return fits && freshData(process, addressOf(end), missing) === addressOf(end) ? start : freshData(process, 0, length);
}

function freshData(process: Process, at: number, length: number): number {
  const bytes = Math.max(1, Math.ceil(length / PAGE_SIZE)) * PAGE_SIZE;
  const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | (at > 0 ? MapFlag.FIXED_NOREPLACE : 0);
  const address = process.mmap(BigInt(at), BigInt(bytes), Protection.READ | Protection.WRITE, flags, -1, 0n);
  if (address < 0 && at > 0) return address;
  if (address < 0) throw new CallFailure("mmap (of the program's data)", -address, errnoName(-address));
  return address;
}
