// The rules that choose which memory is armed: what is read of them, what they choose, and what is said of one with a typo.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Mapping } from "../../../src/memory/mapping.ts";
import { choiceOf, launchOptions, parseRule, parseRules } from "../../../src/session/memory-rules.ts";
import { ARMABLE_KINDS, chosenIn, leavesOut, type MemoryChoice, whyNotChosen } from "../../../src/tracker/choice.ts";

const nowhere = (expression: string): Promise<never> => Promise.reject(new Error(`No symbol "${expression}".`));
const choose = (...rules: string[]): Promise<MemoryChoice> => choiceOf(parseRules(rules), nowhere);

function mapping(name: string, start = 16, end = 32): Mapping {
  const inode = name.startsWith("/") ? 7 : 0;
  return { start, end, permissions: "rw-p", offset: 0, device: "00:00", inode, name };
}

const pages = (given: Mapping, choice: MemoryChoice): number[][] =>
  [...chosenIn(given, choice).pairs()].map(pair => [...pair]);

describe("A rule", () => {
  it("names a kind, a pattern of names, addresses or an object, and with ! before it leaves that out", () => {
    assert.deepEqual(parseRule(" heap "), { text: "heap", leavesOut: false, what: "heap" });
    assert.deepEqual(parseRule("!name: libc.so* ").what, { name: "libc.so*" });
    assert.equal(parseRule("! stack").leavesOut, true);
    assert.deepEqual(parseRule("=*list").what, { expression: "*list" });
    assert.deepEqual(parseRule("0x1000..0x3000").what, { start: 1, end: 3, words: "0x1000..0x3000" });
    assert.deepEqual(parseRule("0x1fff+2").what, { start: 1, end: 3, words: "0x1fff+2" });
  });

  for (const [given, why] of [
    ["hep", /"hep" names no memory; 'heap' may be meant/],
    ["Stack", /"Stack" names no memory; 'stack' may be meant/],
    ["anon", /'anonymous' may be meant/],
    ["files", /'file' may be meant/],
    ["hapé", /"hapé" names no memory\./],
    ["counters", /"counters" names no memory; '=counters' names the program's object/],
    ["libfoo.so*", /'name:libfoo\.so\*' names mappings/],
    ["name:", /"name:" names no pattern/],
    ["=", /"=" names no expression/],
    ["=a\nquit", /is more than a line/],
    ["0x3000..0x1000", /holds no byte/],
    ["0x1000+0", /holds no byte/],
    ["0x7fffffffe000..0x900000000000", /beyond a program's addresses/],
    ["!", /"!" names no memory/],
    [7, /The rule 7 is no text/],
    [null, /The rule null is no text/],
  ] as const) {
    it(`that is ${JSON.stringify(given)} is refused by name, with what rules look like`, () => {
      assert.throws(() => parseRule(given), why);
      assert.throws(() => parseRule(given), /Rules are heap, stack, .*name:PATTERN .*=EXPRESSION/);
    });
  }

  it("is read or refused in a sentence, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.jsonValue(), fc.stringMatching(/^!?(name:|=|0x)[0-9a-fx.+*]{0,20}$/)),
        given => {
          try {
            const { what, leavesOut } = parseRule(given);
            if (typeof what === "object" && "start" in what) assert.ok(what.start < what.end);
            assert.equal(leavesOut, String(given).trim().startsWith("!"));
          } catch (error) {
            assert.match((error as Error).message, /^The rule .*\. Rules are /);
          }
        },
      ),
    );
  });
});

describe("Rules choose", () => {
  it("mappings by kind, and all of each", async () => {
    const choice = await choose("heap", "file");
    assert.deepEqual(pages(mapping("[heap]"), choice), [[16, 32]]);
    assert.deepEqual(pages(mapping("/lib/a.so"), choice), [[16, 32]]);
    assert.deepEqual(pages(mapping("[stack]"), choice), []);
  });

  it("mappings by their whole name or the file's, with * and ?, other signs as they are", async () => {
    const named = async (name: string, pattern: string): Promise<boolean> =>
      pages(mapping(name), await choose(`name:${pattern}`)).length > 0;
    for (const [name, pattern, isNamed] of [
      ["/usr/lib/libc.so.6", "libc.so*", true],
      ["/usr/lib/libc.so.6", "/usr/lib/*", true],
      ["/usr/lib/libc.so.6", "libc.so", false],
      ["/usr/lib/libcxso.6", "libc.so*", false],
      ["[anon:arena 1]", "[anon:arena ?]", true],
      ["/a+b(c)", "a+b(?)", true],
      ["[heap]", "*", true],
    ] as const)
      assert.equal(await named(name, pattern), isNamed, `${pattern} of ${name}`);
  });

  it("pages of a mapping by address and by object, whole pages around it", async () => {
    const located = async (): Promise<{ address: number; size: number }> => ({ address: 20 * 4096 + 100, size: 4096 });
    const choice = await choiceOf(parseRules(["0x12000..0x13000", "=counters"]), located);
    assert.deepEqual(pages(mapping("[heap]"), choice), [
      [18, 19],
      [20, 22],
    ]);
    assert.match(whyNotChosen(mapping("[heap]"), 16, 18, choice), /not chosen: .*as 'heap' would/);
  });

  it("what the last one says that names it, and all the rest where the first one has !", async () => {
    const choice = await choose("file", "!name:libc*", "name:libcrypto.so");
    assert.deepEqual(pages(mapping("/lib/libc.so"), choice), []);
    assert.deepEqual(pages(mapping("/lib/libcrypto.so"), choice), [[16, 32]]);
    assert.deepEqual(pages(mapping("/lib/a.so"), choice), [[16, 32]]);
    assert.equal(whyNotChosen(mapping("/lib/libc.so"), 16, 32, choice), "left out by the rule !name:libc*");
    const rest = await choose("!0x11000..0x12000");
    assert.deepEqual(pages(mapping("[stack]"), rest), [
      [16, 17],
      [18, 32],
    ]);
    assert.ok(leavesOut(rest));
    assert.ok(!leavesOut(await choose(...ARMABLE_KINDS)));
    assert.deepEqual(pages(mapping("[heap]"), await choose()), [], "no rule, no memory");
  });

  it("by an expression that names nothing, nothing: the rule is named", async () => {
    await assert.rejects(choose("heap", "=bufer"), /The rule "=bufer" can't be used here\. No symbol "bufer"/);
  });
});

describe("A launch configuration", () => {
  const read = (writewatch: unknown): unknown => launchOptions({ type: "lldb-dap", writewatch });

  it("may choose memory, and whether to arm by itself", () => {
    assert.deepEqual(launchOptions(undefined), {});
    assert.deepEqual(launchOptions({ program: "a" }), {});
    assert.deepEqual(read({ autoArm: true, watch: ["heap"] }), {
      autoArm: true,
      watch: [{ text: "heap", leavesOut: false, what: "heap" }],
    });
  });

  it("is refused in a sentence that names what can't be used", () => {
    for (const [given, why] of [
      [7, /"writewatch" is 7, but takes an object/],
      [["heap"], /"writewatch" is \["heap"\], but takes an object/],
      [{ wach: [] }, /"writewatch" has "wach", but knows "watch" and "autoArm"/],
      [{ autoArm: "yes" }, /"writewatch\.autoArm" is "yes", but takes true or false/],
      [{ watch: "heap" }, /"writewatch\.watch" can't be used\. "heap" is no list of rules/],
      [{ watch: ["heap", "stak"] }, /The rule "stak" names no memory; 'stack' may be meant/],
    ] as const)
      assert.throws(() => read(given), why);
  });
});
