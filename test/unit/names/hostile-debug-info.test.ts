// Debug information that is compressed or split off, and damaged: types are told or not, with a sentence, and nothing else happens.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { unpack } from "../../../src/agent/unpack.ts";
import { BadFile, sourceOf } from "../../../src/names/bytes.ts";
import { ElfFile } from "../../../src/names/elf/elf-file.ts";
import { elementsIn } from "../../../src/names/types/elements.ts";
import { sizeOf, type Type } from "../../../src/names/types/type.ts";
import { Random } from "../../programs/random.ts";
import { SEED } from "../../seeds.ts";
import { program, readTypes } from "./files.ts";

const MUTANTS = Number(process.env.WRITEWATCH_CASES ?? 400);

describe("Damaged debug information", () => {
  const draw = new Random(SEED);
  const below = (limit: number): number => draw.between(0, limit - 1);

  /** @param other what was split off. @returns how many variables have types. */
  const typed = async (bytes: Uint8Array, other: Uint8Array | undefined): Promise<number> => {
    let file: ElfFile;
    try {
      file = new ElfFile(sourceOf(bytes), { path: "/x/program", open: () => other && sourceOf(other), unpack });
      await readTypes(file);
    } catch (error) {
      assert.ok(error instanceof BadFile, `${error instanceof Error ? error.stack : error}`);
      return 0;
    }
    for (const problem of file.problems) assert.match(problem, /\.$/);
    const { graph } = file.types;
    const types: Type[] = [];
    let count = 0;
    for (const address of file.types.addresses) {
      const symbol = file.symbolAt(address);
      if (!symbol) continue;
      const type = file.types.typeAt(types, address, symbol.size, false);
      if (type !== undefined) count += elementsIn(types, type, 0, sizeOf(types, type), 10).length > 0 ? 1 : 0;
      const followed = graph?.ofVariable(address, symbol.size);
      if (graph && followed !== undefined) graph.pointee(followed);
    }
    for (const _ of graph?.readNames() ?? []);
    graph?.named("struct node");
    return count;
  };

  const mutated = (original: Uint8Array, from: number): Uint8Array => {
    const bytes = Uint8Array.from(original);
    for (let changes = 1 + below(4); changes > 0; changes -= 1)
      bytes[from + below(bytes.length - from)] = [0, 1, 0x7f, 0x80, 0xff, below(256)][below(6)];
    return bytes;
  };

  for (const [what, flags] of [
    ["compressed by zlib", ["-g", "-gz"]],
    ["compressed by zstd", ["-g", "-Wl,--compress-debug-sections=zstd"]],
    ["split off", ["-g", "-gsplit-dwarf"]],
    ["split off as before DWARF 5", ["-gdwarf-4", "-gsplit-dwarf", "-gz"]],
  ] as const) {
    it(`that is ${what} tells types or says why not, ${MUTANTS.toLocaleString("en")} times`, async () => {
      const path = program(`damaged${flags.join("")}`, ...flags);
      const original: Uint8Array = readFileSync(path);
      const other: Uint8Array | undefined = what.startsWith("split") ? readFileSync(`${path}.dwo`) : undefined;
      const whole = await typed(original, other);
      assert.ok(whole > 0);
      let told = 0;
      for (let mutant = 0; mutant < MUTANTS; mutant += 1) {
        // Debug information lies behind the program's memory.
        const isOther = other !== undefined && mutant % 4 !== 0;
        const bytes = isOther ? original : mutated(original, 0x3000);
        if ((await typed(bytes, isOther ? mutated(other, 0) : other)) > 0) told += 1;
      }
      assert.ok(told > 0 && told < MUTANTS, `${told} of ${MUTANTS} told types`);
    });
  }
});
