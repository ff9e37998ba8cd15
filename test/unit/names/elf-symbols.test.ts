// Symbols of real files, held against what binutils says of them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { sourceOf } from "../../../src/names/bytes.ts";
import { ElfFile } from "../../../src/names/elf/elf-file.ts";
import { changed, type ListedSymbol, library, listedSymbols, program, RealFile, realDebugFiles } from "./files.ts";

const COMMON_FLAGS = ["-g"];

describe("symbols of an ELF file", () => {
  const order = (a: Pick<ListedSymbol, "name" | "address">, b: Pick<ListedSymbol, "name" | "address">): number =>
    a.address - b.address || (a.name < b.name ? -1 : 1);
  const asText = ({ name, address, size }: Omit<ListedSymbol, "type">): string =>
    `${address.toString(16)} ${size} ${name}`;

  const sameAsListed = (path: string, file = new ElfFile(new RealFile(path)), listedOf = path): void => {
    const ours = [...file.symbols()].sort(order).map(asText);
    const listed = listedSymbols(listedOf).sort(order).map(asText);
    assert.ok(listed.length > 0);
    assert.deepEqual(ours, listed);
  };

  for (const [kind, flags] of [
    ["a program that is loaded anywhere", ["-fPIE", "-pie"]],
    ["a program at fixed addresses", ["-fno-pie", "-no-pie"]],
    ["a static program", ["-static"]],
    ["a static program that is loaded anywhere", ["-static-pie"]],
    ["a library", ["-shared", "-fPIC"]],
  ] as const) {
    it(`are those that readelf lists, of ${kind}`, () => {
      sameAsListed(program(kind.replaceAll(" ", "-"), ...COMMON_FLAGS, ...flags));
    });
  }

  it("are the exported ones of a library without others", () => {
    sameAsListed(library("libc.so.6"));
    sameAsListed(library("libstdc++.so.6"));
  });

  it("are the exported ones where even the section headers are gone", () => {
    for (const style of ["gnu", "sysv"]) {
      const built = program(`headless-${style}`, "-shared", "-fPIC", `-Wl,--hash-style=${style}`);
      const stripped = changed(built, "stripped", "strip", "-s");
      const bytes = readFileSync(stripped);
      // e_shoff, e_shnum and e_shstrndx.
      bytes.fill(0, 40, 48);
      bytes.fill(0, 60, 64);
      const file = new ElfFile(sourceOf(bytes));
      assert.deepEqual(file.problems, []);
      sameAsListed(stripped, file);
    }
  });

  it("hold for every symbol: each byte of it is found by address, and it by its name", () => {
    const file = new ElfFile(new RealFile(program("by-address", "-g")));
    for (const symbol of file.symbols()) {
      if (symbol.name === "each" || symbol.name === "own" || symbol.size === 0) continue;
      assert.equal(file.symbolAt(symbol.address)?.address, symbol.address, symbol.name);
      assert.equal(file.symbolAt(symbol.address + symbol.size - 1)?.address, symbol.address, symbol.name);
      assert.equal(file.symbolNamed(symbol.name)?.address, symbol.address, symbol.name);
    }
    const counters = file.symbolNamed("counters");
    assert.ok(counters);
    assert.deepEqual(counters, { name: "counters", address: counters.address, size: 400, function: false });
    assert.equal(file.symbolAt(counters.address + 136)?.name, "counters");
    assert.notEqual(file.symbolAt(counters.address + 400)?.name, "counters");
    assert.equal(file.symbolNamed("no such name"), undefined);
    assert.equal(file.symbolAt(0), undefined);
  });

  it("that are thread-local are told by their place in a thread's block", () => {
    const file = new ElfFile(new RealFile(program("thread-local", "-g")));
    const listed = listedSymbols(program("thread-local", "-g")).filter(({ type }) => type === "TLS");
    assert.deepEqual(listed.map(({ name }) => name).sort(), ["each", "own"]);
    for (const { name, address, size } of listed) assert.equal(file.threadLocalAt(address + size - 1)?.name, name);
  });

  it("come from a separate file that .gnu_debuglink names", () => {
    const path = splitProgram("by-link", "-Wl,--build-id=none");
    const alone = new ElfFile(new RealFile(path));
    assert.equal(alone.symbolNamed("hidden"), undefined);
    const together = new ElfFile(new RealFile(path), realDebugFiles(path));
    assert.equal(together.symbolsFrom, `${path}.debug`);
    assert.equal(together.symbolNamed("hidden")?.size, 8);
    sameAsListed(path, together, `${path}.debug`);
  });

  it("come from the file that has the same build-id", () => {
    const path = splitProgram("by-id");
    const id = /Build ID: ([0-9a-f]+)/.exec(execFileSync("readelf", ["-n", path], { encoding: "latin1" }))?.[1] ?? "";
    const asked: string[] = [];
    const file = new ElfFile(new RealFile(path), {
      path: "/elsewhere/program",
      open: candidate => {
        asked.push(candidate);
        return candidate.startsWith("/usr/lib/debug/.build-id/") ? new RealFile(`${path}.debug`) : undefined;
      },
    });
    assert.ok(file.symbolCount > 0);
    assert.equal(asked[0], `/usr/lib/debug/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`);
    assert.equal(file.symbolNamed("hidden")?.size, 8);
  });

  it("do not come from a separate file of another build", () => {
    const path = splitProgram("other-build", "-Wl,--build-id=none");
    const other = splitProgram("other-build-2", "-Wl,--build-id=none", "-DOTHER=1", "-O2");
    copyFileSync(`${other}.debug`, `${path}.debug`);
    assert.equal(new ElfFile(new RealFile(path), realDebugFiles(path)).symbolNamed("hidden"), undefined);
  });

  it("are none in a static program that was stripped, which is not an error", () => {
    const path = changed(program("stripped", "-static"), "stripped", "strip", "-s");
    const file = new ElfFile(new RealFile(path), realDebugFiles(path));
    assert.equal(file.symbolCount, 0);
    assert.equal(file.symbolsFrom, undefined);
    assert.deepEqual(file.problems, []);
  });

  it("are read without the rest of the file", () => {
    const path = library("libstdc++.so.6");
    const source = new RealFile(path);
    const file = new ElfFile(source);
    assert.ok(file.symbolCount > 1000);
    assert.ok(source.bytesRead < source.size / 4, `${basename(path)}: ${source.bytesRead} of ${source.size} bytes`);
  });
});

describe("sections of an ELF file", () => {
  it("tell what an address without a symbol is", () => {
    const path = program("sections", "-g", "-fPIE", "-pie", "-Wl,-z,relro,-z,now");
    const file = new ElfFile(new RealFile(path));
    const symbol = (name: string): number => file.symbolNamed(name)?.address ?? 0;
    assert.equal(file.partAt(symbol("counters"))?.name, ".data");
    assert.equal(file.partAt(symbol("zeroed"))?.name, ".bss");
    assert.equal(file.partAt(symbol("main"))?.name, ".text");
    assert.equal(file.partAt(symbol("table"))?.name, ".data.rel.ro");
    assert.ok(file.isLoaders(symbol("table")));
    assert.ok(file.isLoaders(symbol("_GLOBAL_OFFSET_TABLE_")));
    assert.ok(!file.isLoaders(symbol("counters")));
    assert.equal(file.partAt(2 ** 40), undefined);
  });
});

/** Its symbols split off as distributions do. */
function splitProgram(name: string, ...flags: string[]): string {
  const path = program(`split-${name}`, "-g", ...flags);
  rmSync(`${path}.debug`, { force: true });
  execFileSync("objcopy", ["--only-keep-debug", path, `${path}.debug`]);
  execFileSync("strip", ["-s", path]);
  execFileSync("objcopy", [`--add-gnu-debuglink=${path}.debug`, path]);
  return path;
}
