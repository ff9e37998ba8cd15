// Types of variables as compilers tell them in debug information of all versions in use, and of what is left out of it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ElfFile } from "../../../src/names/elf/elf-file.ts";
import { elementsIn } from "../../../src/names/types/elements.ts";
import { type Type, typeWords } from "../../../src/names/types/type.ts";
import { compiledText } from "../../compile.ts";
import { changed, RealFile, readTypes, realDebugFiles } from "./files.ts";

const TEXT = `
  #include <stdbool.h>
  #include <stdint.h>
  struct node { int value; char name[8]; struct node *next; };
  enum color { RED = 2, GREEN };
  typedef struct { unsigned low : 3; int high : 10; bool on : 1; enum color hue; } flags_t;
  int counters[20]; struct node nodes[3]; struct node *list = &nodes[0]; static flags_t flags; uint8_t raw[16];
  double grid[2][3]; enum color hue; union { int i; float f; } either; void (*handler)(int); char line[32];
  const volatile int *const fixed = &counters[3]; extern int far[]; int far[4];
  _Thread_local long each;
  int main(void) { static long calls; calls++; flags.low = 1; each++; return (int)calls + *fixed; }
`;

interface Told {
  readonly words: string;
  readonly paths: readonly string[];
}

async function typesOf(
  path: string,
  file = new ElfFile(new RealFile(path), realDebugFiles(path)),
): Promise<Map<string, Told>> {
  await readTypes(file);
  const types: Type[] = [];
  const found = new Map<string, Told>();
  for (const { name, address, size, function: isFunction } of file.symbols()) {
    if (isFunction || size === 0) continue;
    const type = file.types.typeAt(types, address, size, false) ?? file.types.typeAt(types, address, size, true);
    if (type === undefined) continue;
    const paths = elementsIn(types, type, 0, size, 4).map(({ path: each }) => each);
    found.set(name.replace(/\.\d+$/, ""), { words: typeWords(types, type), paths });
  }
  return found;
}

const prebuilt = (name: string): string => fileURLToPath(new URL(`prebuilt/${name}`, import.meta.url));

const WORDS = {
  counters: "int [20]",
  nodes: "struct node [3]",
  list: "struct node *",
  flags: "flags_t",
  raw: "uint8_t [16]",
  grid: "double [2][3]",
  hue: "enum color",
  either: "union",
  handler: "function *",
  line: "char [32]",
  fixed: "int *",
  far: "int [4]",
  each: "long int",
  calls: "long int",
};

describe("The types of a program's variables", () => {
  for (const version of [3, 4, 5]) {
    it(`are those of its source, told in DWARF ${version}`, async () => {
      const told = await typesOf(compiledText(TEXT, `types-${version}`, ["-O0", `-gdwarf-${version}`]));
      const words = Object.fromEntries([...told].map(([name, type]) => [name, type.words]));
      for (const [name, type] of Object.entries(WORDS)) assert.equal(words[name], type, name);
      assert.deepEqual(told.get("nodes")?.paths, ["[0].value", "[0].name", "[0].next", "[1].value"]);
      assert.deepEqual(told.get("flags")?.paths, [".low", ".high", ".on", ".hue"]);
      assert.deepEqual(told.get("grid")?.paths, ["[0][0]", "[0][1]", "[0][2]", "[1][0]"]);
    });
  }

  it("are told in 64-bit DWARF, too, and from split-off debug information", async () => {
    const told = await typesOf(compiledText(TEXT, "types-64", ["-O0", "-g", "-gdwarf64"]));
    assert.equal(told.get("nodes")?.words, WORDS.nodes);
    const path = compiledText(TEXT, "types-split", ["-O0", "-g", "-Wl,--build-id=none"]);
    const debug = changed(path, "debug", "objcopy", "--only-keep-debug");
    const stripped = changed(path, "stripped", "objcopy", "--strip-all", `--add-gnu-debuglink=${debug}`);
    assert.equal((await typesOf(stripped)).get("counters")?.words, WORDS.counters);
  });

  it("are those of C++, without a word before a struct's name, static members and locals of functions among them", async () => {
    const text = `
      namespace geo { struct Base { int b; }; struct Circle : Base { double r; static int count; }; int Circle::count = 3; }
      geo::Circle circles[2]; thread_local int mine; enum class Color : char { Red, Green }; Color color; int value; int &ref = value;
      int main() { static int calls; mine++; return ++calls + (int)color; }`;
    const told = await typesOf(compiledText(text, "types-cpp", ["-O0", "-g", "-x", "c++"]));
    assert.equal(told.get("circles")?.words, "Circle [2]");
    assert.deepEqual(told.get("circles")?.paths.slice(0, 2), ["[0].b", "[0].r"]);
    assert.equal(told.get("_ZN3geo6Circle5countE")?.words, "int");
    assert.equal(told.get("_ZZ4mainE5calls")?.words, "int");
    assert.equal(told.get("mine")?.words, "int");
    assert.equal(told.get("ref")?.words, "int &");
    assert.equal(told.get("color")?.words, "Color");
  });

  for (const way of ["zlib", "zlib-gnu", "zstd"]) {
    it(`are told from debug information that the linker compressed by ${way}`, async () => {
      const flags = ["-O0", "-g", `-Wl,--compress-debug-sections=${way}`];
      await toldAll(compiledText(TEXT, `types-${way}`, flags));
    });
  }

  for (const version of [4, 5]) {
    const flags = ["-O0", `-gdwarf-${version}`, "-gsplit-dwarf"];
    it(`are told from what the compiler split off to a file of its own, in DWARF ${version}`, async () => {
      await toldAll(compiledText(TEXT, `types-dwo-${version}`, flags));
      await toldAll(compiledText(TEXT, `types-dwo-gz-${version}`, [...flags, "-gz"]));
    });
  }

  it("are told from such files in one package, which DWARF before 5 has beside the program", async () => {
    const path = compiledText(TEXT, "types-dwp", ["-O0", "-gdwarf-4", "-gsplit-dwarf"]);
    execFileSync("dwp", ["-e", path, "-o", `${path}.dwp`]);
    await withoutFile(`${path}.dwo`, () => toldAll(path));
  });

  it("are told from a package of DWARF 5, as clang and LLVM make it", async () => {
    const told = await typesOf(prebuilt("types-clang.debug"));
    const words = { ...WORDS, calls: undefined, "main.calls": "long", each: "long" };
    for (const [name, type] of Object.entries(words)) assert.equal(told.get(name)?.words, type, name);
    assert.deepEqual(told.get("flags")?.paths, [".low", ".high", ".on", ".hue"]);
  });

  it("are those of Rust, of which an enum with fields is told whole", async () => {
    const told = await typesOf(prebuilt("types-rust.debug"));
    const words = [...told].map(([name, type]) => [
      /(\w+?)(17h\w+)?E?$/.exec(name)?.[1].replace(/.*\d/, ""),
      type.words,
    ]);
    const expected = { COUNTERS: "u32 [8]", NODE: "Node", PAIR: "(u8, f64)", FLAG: "bool", SHAPE: "Shape" };
    assert.deepEqual(Object.fromEntries(words), expected);
    const [shape] = [...told].filter(([name]) => name.includes("SHAPE")).map(([, type]) => type.paths);
    assert.deepEqual(shape, [""]);
  });

  it("are told from a file that several programs share, as distributions' debug packages have it", async () => {
    const told = await typesOf(prebuilt("types-shared.debug"));
    const words = Object.fromEntries([...told].map(([name, type]) => [name, type.words]));
    assert.deepEqual(words, { head: "struct node *", counters: "int [10]", fixed: "struct node", counter: "int" });
    assert.deepEqual(told.get("fixed")?.paths, [".value", ".next", ".name"]);
    const source = new RealFile(prebuilt("types-shared.debug"));
    const alone = new ElfFile(source, { path: "/x/types-shared.debug", open: () => undefined });
    await typesOf("", alone);
    assert.match(alone.problems.join(" "), /shares with other programs' is not there/);
  });

  it("are not told by a split-off file of another build, and the file's name is", async () => {
    const flags = ["-O0", "-g", "-gsplit-dwarf"];
    const path = compiledText(TEXT, "types-stale", flags);
    const other = compiledText(TEXT.replaceAll("counters", "numbers"), "types-other", flags);
    copyFileSync(`${other}.dwo`, `${path}.dwo`);
    const file = new ElfFile(new RealFile(path), realDebugFiles(path));
    assert.equal((await typesOf(path, file)).size, 0);
    assert.match(
      file.problems.join(" "),
      /types of some variables are not known: .*types-stale.*\.dwo.* another build/,
    );
    rmSync(path);
  });

  it("are none where there is no debug information, with a word on it where nothing can unpack it", async () => {
    assert.equal((await typesOf(compiledText(TEXT, "types-none", ["-O0"]))).size, 0);
    const path = compiledText(TEXT, "types-compressed", ["-O0", "-g", "-gz"]);
    const file = new ElfFile(new RealFile(path));
    assert.equal((await typesOf(path, file)).size, 0);
    assert.match(file.problems.join(" "), /types.*compressed/);
  });

  async function withoutFile(path: string, work: () => Promise<void>): Promise<void> {
    renameSync(path, `${path}.away`);
    try {
      await work();
    } finally {
      renameSync(`${path}.away`, path);
    }
  }

  async function toldAll(path: string): Promise<void> {
    const file = new ElfFile(new RealFile(path), realDebugFiles(path));
    const told = await typesOf(path, file);
    const words = Object.fromEntries([...told].map(([name, type]) => [name, type.words]));
    for (const [name, type] of Object.entries(WORDS)) assert.equal(words[name], type, `${name}: ${file.problems}`);
    assert.deepEqual(told.get("flags")?.paths, [".low", ".high", ".on", ".hue"]);
  }
});
