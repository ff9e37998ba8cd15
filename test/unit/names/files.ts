// Files for tests of names: opened as the agent opens them, and built by the compiler that Debian has.
import { execFileSync } from "node:child_process";
import { closeSync, copyFileSync, existsSync, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { unpack } from "../../../src/agent/unpack.ts";
import type { ByteSource } from "../../../src/names/bytes.ts";
import type { OpenDebugFile } from "../../../src/names/elf/debug-file.ts";
import type { ElfFile } from "../../../src/names/elf/elf-file.ts";
import { compiledText } from "../../compile.ts";

/** A real file, which counts what was read of it. */
export class RealFile implements ByteSource {
  readonly size: number;
  bytesRead = 0;
  private readonly descriptor: number;

  constructor(path: string) {
    this.descriptor = openSync(path, "r");
    this.size = fstatSync(this.descriptor).size;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const count = readSync(this.descriptor, bytes, 0, length, offset);
    this.bytesRead += count;
    return bytes.subarray(0, count);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Whichever files there are. */
export function realDebugFiles(path: string): OpenDebugFile {
  return { path, open: candidate => (existsSync(candidate) ? new RealFile(candidate) : undefined), unpack };
}

/** Has all types of a file's variables read. */
export async function readTypes(file: ElfFile): Promise<void> {
  for (let state = file.types.readSome(); state !== "done"; state = file.types.readSome()) await state;
}

/** A program with data of each sort. */
export const DATA_PROGRAM = `
  #include <stdlib.h>
  int counters[100] = {1};
  static long hidden = 7;
  char zeroed[5000];
  const char *const table[] = {"one", "two"};
  _Thread_local int each = 3;
  static _Thread_local long own[4];
  static int helper(int n) { return n + (int)hidden + each + (int)own[1]; }
  int main(int argc, char **argv) { zeroed[argc] = **argv; return helper(counters[argc]) + *table[argc & 1] + atoi("1"); }
`;

/** @returns path of the program; one that was changed afterwards needs a name of its own. */
export function program(name: string, ...flags: string[]): string {
  return compiledText(DATA_PROGRAM, `names-${name}`, ["-O0", ...flags]);
}

/** A copy, changed by one of binutils' tools in place. */
export function changed(path: string, name: string, tool: string, ...flags: string[]): string {
  const copy = `${path}-${name}`;
  copyFileSync(path, copy);
  execFileSync(tool, [...flags, copy], { stdio: ["ignore", "ignore", "inherit"] });
  return copy;
}

/** Where a library of this computer is, as the dynamic loader finds it. */
export function library(name: string): string {
  const line = execFileSync("/sbin/ldconfig", ["-p"], { encoding: "latin1" })
    .split("\n")
    .find(text => text.trim().startsWith(`${name} `));
  if (!line) throw new Error(`there is no ${name}`);
  return realpathSync(line.slice(line.indexOf("=> ") + 3).trim());
}

/** What binutils says of a file's symbols, for those that have an address and are data or functions. */
export interface ListedSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly type: string;
}

/** By readelf, of the fullest table that the file has. */
export function listedSymbols(path: string): ListedSymbol[] {
  const text = execFileSync("readelf", ["-sW", path], {
    encoding: "latin1",
    maxBuffer: 1 << 30,
    // It misses an interpreter in files of debug information.
    stdio: ["ignore", "pipe", "ignore"],
  });
  const tables = text.split(/^Symbol table /m).slice(1);
  const fullest = tables.find(table => table.startsWith("'.symtab'")) ?? tables[0] ?? "";
  const line =
    /^ *\d+: ([0-9a-f]+) +(\d+|0x[0-9a-f]+) (OBJECT|FUNC|TLS|IFUNC|COMMON) +\w+ +\w+ +(?:\[[^\]]*\] +)?(\w+) ?(.*)$/gm;
  return [...fullest.matchAll(line)]
    .filter(([, , , , section]) => section !== "UND" && section !== "ABS")
    .map(([, address, size, type, , name]) => ({
      // A dynamic symbol's version is not part of its name.
      name: name.replace(/@.*$/, ""),
      address: Number.parseInt(address, 16),
      size: Number(size),
      type,
    }));
}
