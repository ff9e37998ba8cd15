// Damaged and hostile ELF files: a clear error or an honest answer, with bounded work, whatever the bytes are.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { BadFile, type ByteSource, sourceOf } from "../../../src/names/bytes.ts";
import { ElfFile } from "../../../src/names/elf/elf-file.ts";
import type { Type } from "../../../src/names/types/type.ts";
import { SEED } from "../../seeds.ts";
import { changed, program } from "./files.ts";

const MUTANTS = 10_000;
/** Numbers at which sizes, counts and offsets go wrong. */
const TELLING = [0, 1, 7, 24, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff];

describe("a damaged ELF file", () => {
  const draw = random(SEED);
  const below = (limit: number): number => Math.floor(draw() * limit);

  /** Reads all there is to read of it. @returns whether it could be read. */
  const looksThrough = (bytes: Uint8Array): boolean => {
    const counted = new Counted(bytes);
    try {
      const file = new ElfFile(counted, { path: "/x/program", open: () => counted });
      for (const segment of file.segments.slice(0, 8)) {
        file.symbolAt(segment.address + 4);
        file.partAt(segment.address + 4);
        file.isLoaders(segment.address + 4);
      }
      for (let i = 0; i < 1000 && file.types.readSome() === "more"; i += 1);
      const types: Type[] = [];
      for (const symbol of [...file.symbols()].slice(0, 20))
        file.types.typeAt(types, symbol.address, symbol.size, false);
      file.symbolNamed("counters");
      file.threadLocalAt(0);
      let shown = 0;
      for (const { name } of file.symbols()) {
        assert.equal(typeof name, "string");
        shown += 1;
        if (shown === 20) break;
      }
      return true;
    } catch (error) {
      assert.ok(error instanceof BadFile, `${error instanceof Error ? error.stack : error}`);
      assert.ok(error.message.length > 10);
      return false;
    } finally {
      assert.ok(counted.bytesRead < 20 * bytes.length + (1 << 20), `${counted.bytesRead} bytes read`);
    }
  };

  it(`gives names or says what is wrong, ${MUTANTS.toLocaleString("en")} times`, () => {
    const built = program("hostile", "-g");
    const originals: Uint8Array[] = [built, changed(built, "stripped", "strip", "-s")].map(path => readFileSync(path));
    originals.push(withoutSections(originals[1]));
    let readable = 0;
    for (let mutant = 0; mutant < MUTANTS; mutant += 1) {
      const bytes = Uint8Array.from(originals[mutant % originals.length]);
      const sections = Number(new DataView(bytes.buffer).getBigUint64(40, true));
      for (let changes = 1 + below(6); changes > 0; changes -= 1) {
        // Mostly where structure is: the header, the program headers, the dynamic section, the section headers.
        const zone = [0, 0, 64, 0x2d00, sections, below(bytes.length)][below(6)];
        const at = Math.min(bytes.length - 8, zone + below(zone === 0 ? 64 : 1024));
        if (below(2)) bytes[at] = below(256);
        else new DataView(bytes.buffer).setUint32(at - (at % 4), TELLING[below(TELLING.length)], true);
      }
      const shorter = below(8) === 0 ? bytes.subarray(0, below(bytes.length)) : bytes;
      if (looksThrough(shorter)) readable += 1;
    }
    // Neither all nor none: the changes hit what matters, and do not only hit that.
    assert.ok(readable > MUTANTS / 20 && readable < MUTANTS * 0.95, `${readable} were readable`);
  });

  it("says of what is none what it is not", () => {
    assert.throws(() => new ElfFile(sourceOf(new Uint8Array())), /too short/);
    assert.throws(() => new ElfFile(sourceOf(new Uint8Array(4096))), /no ELF file/);
    const other = Uint8Array.from(readFileSync(program("hostile", "-g")));
    other[4] = 1;
    assert.throws(() => new ElfFile(sourceOf(other)), /not a 64-bit/);
  });

  it("of which a table claims terabytes is refused before memory is taken for it", () => {
    const bytes = Uint8Array.from(readFileSync(program("hostile", "-g")));
    const view = new DataView(bytes.buffer);
    const sections = Number(view.getBigUint64(40, true));
    for (let i = 0; i < view.getUint16(60, true); i += 1) {
      if (view.getUint32(sections + i * 64 + 4, true) === 2) view.setBigUint64(sections + i * 64 + 32, 1n << 42n, true);
    }
    const file = new ElfFile(sourceOf(bytes));
    assert.equal(file.symbolCount, 0);
    assert.match(file.problems.join(), /symbols, more than/);
  });
});

class Counted implements ByteSource {
  readonly size: number;
  bytesRead = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.size = bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    const piece = this.bytes.subarray(offset, offset + length);
    this.bytesRead += piece.length;
    return piece;
  }
}

function withoutSections(original: Uint8Array): Buffer {
  const bytes = Buffer.from(original);
  bytes.fill(0, 40, 48);
  bytes.fill(0, 60, 64);
  return bytes;
}

/** Mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
