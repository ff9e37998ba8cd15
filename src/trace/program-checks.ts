// What can be said of the files a user names before a debugger meets them, whose own words for these cases are harder to act on.
import { accessSync, closeSync, constants, existsSync, openSync, readSync, type Stats, statSync } from "node:fs";
import type { SourceLocation } from "../recording/step.ts";

/** Bytes of an ELF header that tell what kind of program it is. */
const ELF_HEADER = 20;
const ELF_64_BITS = 2;
const ELF_X86_64 = 0x3e;

/** Bytes of the largest simulated program that is read: people write them by hand. */
const LARGEST_SIMULATED = 16 << 20;

/**
 * Checks that a program can be run. Reads no more than its header, however large it is.
 * @throws {Error} missing, no regular file, not executable, no ELF file, or for another processor; with what to do.
 */
export function checkProgram(path: string): void {
  const remedy = "give --program the path of an executable";
  if (!existsSync(path)) throw new Error(`There is no program at ${path}: ${remedy}.`);
  requireFile(path, remedy);
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(`${path} is not executable: run 'chmod +x ${path}', or give --program another file.`);
  }
  const header = readHeader(path);
  if (header.subarray(0, 4).toString("latin1") !== "\x7fELF") {
    throw new Error(`${path} is no ELF program (a script, perhaps): give --program the program that runs it.`);
  }
  if (header[4] !== ELF_64_BITS || header.readUInt16LE(18) !== ELF_X86_64) {
    throw new Error(`${path} is no 64-bit program for x86, the only kind that can be watched: build it for x86-64.`);
  }
}

/** @throws {Error} missing, no regular file, or too large to be a program that somebody wrote. */
export function checkSimulatedProgram(path: string): void {
  const remedy = "give --simulate the path of a .wsim file";
  if (!existsSync(path)) throw new Error(`There is no program at ${path}: ${remedy}.`);
  const { size } = requireFile(path, remedy);
  if (size > LARGEST_SIMULATED) throw new Error(`${path} is too large for a simulated program: ${remedy}.`);
}

/** @throws {Error} missing, or nothing that a program could read to its end. */
export function checkInput(path: string): void {
  if (!existsSync(path)) throw new Error(`There is no file ${path} to be the program's input.`);
  // /dev/null, for one, is a device and a good input.
  if (statSync(path).isCharacterDevice()) return;
  requireFile(path, "give --input a file");
}

/**
 * What to say where a debugger knows no source line to step from.
 * @param place where the program stands; undefined where the debugger can't tell.
 * @returns undefined where there is a line.
 */
export function whyNoSteps(program: string, place: SourceLocation | undefined): string | undefined {
  if (place?.source !== undefined && existsSync(place.source)) return undefined;
  const where = place ? `in ${place.function}` : "where it stands";
  const built = place?.source?.startsWith("/") ? ` Its source, ${place.source}, is not there either.` : "";
  return `${program} has no source lines ${where}, and is stepped line by line: build it with -g and don't strip it, or give --break a function that was built so.${built}`;
}

function requireFile(path: string, remedy: string): Stats {
  const stats = statSync(path);
  if (stats.isFile()) return stats;
  throw new Error(`${path} is ${kindOf(stats)}: ${remedy}.`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a directory";
  if (stats.isFIFO()) return "a FIFO";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(ELF_HEADER);
  const file = openSync(path, "r");
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  return header;
}
