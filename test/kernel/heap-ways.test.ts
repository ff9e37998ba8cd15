// Bytes on a live program's heap, in the words by which the program itself gets at them.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { LocalAgent } from "../../src/agent/local.ts";
import { SystemSource } from "../../src/agent/mapped-files.ts";
import type { NamedRoot } from "../../src/agent/names.ts";
import { fullNames } from "../../src/agent/process-names.ts";
import { linuxKernel } from "../../src/kernel/linux/linux-kernel.ts";
import { toWords } from "../../src/names/name.ts";
import { elementsIn } from "../../src/names/types/elements.ts";
import { valueWords } from "../../src/names/types/values.ts";
import { compiled } from "../compile.ts";

const source = fileURLToPath(new URL("heap-ways.c", import.meta.url));

describe("Bytes of heap blocks", () => {
  const tracker = new LocalAgent(() => linuxKernel, undefined, fullNames(new SystemSource())).tracker();
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill("SIGKILL"));

  /** @returns addresses by what the program calls them. */
  const started = async (...flags: string[]): Promise<ReadonlyMap<string, number>> => {
    child = spawn(compiled(source, `heap-ways${flags.join("")}`, ["-O0", ...flags]), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const told = new Map<string, number>();
    if (!child.stdout) throw new Error("no output");
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === "end") return told;
      const [what, address] = line.split(" ");
      told.set(what, Number(address));
    }
    throw new Error("the program ended early");
  };

  const wordsOf = async (address: number | undefined, roots?: readonly NamedRoot[]): Promise<string> => {
    assert.ok(address !== undefined);
    const range = Float64Array.of(address, address + 1);
    const { named, types } = await tracker.names(child?.pid ?? 0, range, 1, undefined, roots);
    const [[{ name }]] = named;
    const way = name.kind === "heap" ? name.way : undefined;
    const [element] = way ? elementsIn(types, way.type, address - way.address, address - way.address + 1, 1) : [];
    if (element) assert.ok(valueWords(types, element, new Uint8Array(element.size)).length > 0);
    return toWords(name, { inBlock: element?.path });
  };

  it("are members of what pointers lead to, by the shortest way from a global variable", async () => {
    const told = await started("-g");
    const of = async (what: string): Promise<string> => (await wordsOf(told.get(what))).replace(/ \(heap .*/, "");
    assert.equal(await wordsOf(told.get("value")), "head->value (heap block of 24 bytes)");
    assert.equal(await of("third"), "head->next->next->value");
    assert.equal(await of("sample"), "samples[17]");
    assert.equal(await of("bucket"), "table.buckets[4]");
    assert.equal(await of("key"), "table.buckets[4]->key");
    assert.equal(await of("nested"), "table.buckets[4]->nodes->value");
  });

  it("are reached from a debugger's locals, too, where it tells them", async () => {
    const told = await started("-g");
    const local = told.get("local");
    assert.match(await wordsOf(local), /^block of 24 bytes/);
    for (const type of ["struct node *", "node *", "const struct node *"]) {
      const roots = [{ expression: "own", type, address: told.get("own") ?? 0 }];
      assert.equal(await wordsOf(local, roots), "own->next->value (heap block of 24 bytes)", type);
    }
    const unknown = [{ expression: "own", type: "struct other *", address: told.get("own") ?? 0 }];
    assert.match(await wordsOf(local, unknown), /^block of 24 bytes/);
  });

  it("keep their block's name where no type leads there: freed memory, void, a program without debug information", async () => {
    const told = await started("-g");
    assert.match(await wordsOf(told.get("freed")), /^block of 24 bytes.*, which was freed$/);
    assert.match(await wordsOf(told.get("untyped")), /^block of 200 bytes at 0x[0-9a-f]+$/);
    child?.kill("SIGKILL");
    const bare = await started("-g0");
    assert.match(await wordsOf(bare.get("value")), /^block of 24 bytes at 0x[0-9a-f]+$/);
  });

  it("are found in split and compressed debug information", async () => {
    const told = await started("-g", "-gsplit-dwarf", "-gz");
    assert.equal(await wordsOf(told.get("value")), "head->value (heap block of 24 bytes)");
  });
});
