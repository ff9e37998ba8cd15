// Which file's memory a mapping is, and how far from its link addresses the file was loaded.
import type { Mapping } from "../memory/mapping.ts";
import { addressOf, PAGE_SIZE } from "../memory/page.ts";
import type { ElfFile } from "./elf/elf-file.ts";
import { type Segment, SegmentType } from "./elf/headers.ts";
import { pathOf } from "./name.ts";

/** Gives the files that a process has mapped, each read once. */
export interface MappedFiles {
  /** @returns undefined where it can't be read or is no ELF file. */
  elfOf(mapping: Mapping): ElfFile | undefined;
}

/** A loaded file. */
export interface Module {
  readonly path: string;
  readonly elf: ElfFile;
  /** What to add to a link address, bytes. */
  readonly bias: number;
}

export class Modules {
  private readonly files: MappedFiles;
  private readonly mappings: readonly Mapping[];
  /** By index of the mapping. */
  private readonly known = new Map<number, Module | undefined>();

  constructor(files: MappedFiles, mappings: readonly Mapping[]) {
    this.files = files;
    this.mappings = mappings;
  }

  /** @param index of a mapping; one without a file may be the zeroed data of the file mapped before it. */
  at(index: number): Module | undefined {
    if (!this.known.has(index)) this.known.set(index, this.find(index));
    return this.known.get(index);
  }

  private find(index: number): Module | undefined {
    const mapping = this.mappings[index];
    if (mapping.inode === 0) {
      // The kernel gives .bss no name; [anon:.bss] is Android's, and names that people give.
      const before = this.mappings[index - 1];
      const follows = before !== undefined && before.end === mapping.start && mapping.name !== "[heap]";
      const module = follows && !mapping.name.startsWith("[st") ? this.at(index - 1) : undefined;
      const address = addressOf(mapping.start);
      return module && segmentAt(module, address) ? module : undefined;
    }
    const elf = this.files.elfOf(mapping);
    const bias = elf && this.biasOf(elf, index);
    return elf && bias !== undefined ? { path: pathOf(mapping), elf, bias } : undefined;
  }

  /**
   * A page of the file may be mapped by two segments: the first page of the file, which is mapped only once, tells where all of it
   * is; where it is not mapped, the first segment that fits.
   */
  private biasOf(elf: ElfFile, index: number): number | undefined {
    const mapping = this.mappings[index];
    const loads = elf.segments.filter(({ type, memorySize }) => type === SegmentType.LOAD && memorySize > 0);
    const [lowest] = loads;
    if (!lowest) return undefined;
    for (let i = index; i >= 0 && i > index - 64; i -= 1) {
      const first = this.mappings[i];
      if (first.inode !== mapping.inode || first.device !== mapping.device) continue;
      if (first.offset !== pageFloor(lowest.offset)) continue;
      const bias = addressOf(first.start) - pageFloor(lowest.address);
      if (loads.some(segment => fits(segment, bias, mapping))) return bias;
    }
    for (const segment of loads) {
      const bias = addressOf(mapping.start) - pageFloor(segment.address) - (mapping.offset - pageFloor(segment.offset));
      if (fits(segment, bias, mapping)) return bias;
    }
    return undefined;
  }
}

/** Whether that segment, loaded there, has the mapping's first byte, from that place in the file. */
function fits({ address, offset, fileSize }: Segment, bias: number, { start, offset: mapped }: Mapping): boolean {
  const begin = pageFloor(address) + bias;
  const at = addressOf(start);
  const end = address + fileSize + bias;
  return at >= begin && at < end && at - begin === mapped - pageFloor(offset);
}

/** The segment of a loaded file that holds an address, zeroed data and the rest of its last page included. */
export function segmentAt({ elf, bias }: Module, address: number): Segment | undefined {
  return elf.segments.find(
    ({ type, address: start, memorySize }) =>
      type === SegmentType.LOAD &&
      address >= pageFloor(start) + bias &&
      address < Math.ceil((start + memorySize) / PAGE_SIZE) * PAGE_SIZE + bias,
  );
}

function pageFloor(address: number): number {
  return Math.floor(address / PAGE_SIZE) * PAGE_SIZE;
}
