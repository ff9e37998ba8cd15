// What execve leaves in memory: a program's text and data, and its stack (fs/binfmt_elf.c), without random placement.
import { PAGE_SIZE, pageOf } from "../../memory/page.ts";
import { AddressSpace, type Host } from "./address-space.ts";
import { MemoryFile } from "./memory-file.ts";
import { Vma, VmFlag } from "./vma.ts";

const MAY = VmFlag.MAYREAD | VmFlag.MAYWRITE | VmFlag.MAYEXEC;
const TEXT = 0x400000;
const TEXT_PAGES = 4;
/** Initialised data, then as much that begins as zeroes, as a linker lays them out. */
export const DATA = 0x404000;
export const DATA_PAGES = 16;
export const ZEROED_PAGES = 240;
const HEAP = 0x1000000;
/** Far from where a real process has its own: a program's addresses can then be used in both. */
const MMAP_TOP = 0x200000000000;
const STACK_TOP = 0x300000000000;
const STACK_PAGES = 33;

export function loadProgram(machine: Host, name: string): AddressSpace {
  const mm = new AddressSpace(machine);
  const file = new MemoryFile(`/${name}`, "08:01", 4711, (TEXT_PAGES + DATA_PAGES) * PAGE_SIZE, false);
  const put = (start: number, pages: number, offset: number, flags: number, backing: MemoryFile | undefined): void => {
    const first = pageOf(start);
    mm.vmas.insert(new Vma(first, first + pages, offset, { flags: flags | MAY, file: backing, uffd: undefined }));
  };
  const readWrite = VmFlag.READ | VmFlag.WRITE | VmFlag.ACCOUNT;
  put(TEXT, TEXT_PAGES, 0, VmFlag.READ | VmFlag.EXEC, file);
  put(DATA, DATA_PAGES, TEXT_PAGES, readWrite, file);
  const zeroed = DATA + DATA_PAGES * PAGE_SIZE;
  put(zeroed, ZEROED_PAGES, pageOf(zeroed), readWrite, undefined);
  const stack = STACK_TOP - STACK_PAGES * PAGE_SIZE;
  put(stack, STACK_PAGES, pageOf(stack), readWrite | VmFlag.GROWSDOWN, undefined);
  mm.startBrk = HEAP;
  mm.brk = HEAP;
  mm.startStack = STACK_TOP - PAGE_SIZE / 4;
  mm.mmapBase = pageOf(MMAP_TOP);
  return mm;
}
