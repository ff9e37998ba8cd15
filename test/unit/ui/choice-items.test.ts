// "Choose Memory": what is offered of the rules and the program's mappings, and the rules after ticks were set and taken.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Mapping } from "../../../src/memory/mapping.ts";
import { choiceOf, parseRules } from "../../../src/session/memory-rules.ts";
import { chosenIn } from "../../../src/tracker/choice.ts";
import { EMPTY_LAYOUT, type Layout } from "../../../src/tracker/reports.ts";
import { type ChoiceItem, choiceItems, leftOutWords, rulesAfter } from "../../../src/ui/memory/choice-items.ts";

function mapping(name: string, start: number, end: number): Mapping {
  return { start, end, permissions: "rw-p", offset: 0, device: "00:00", inode: name.startsWith("/") ? 7 : 0, name };
}

const WHY = "left out by the rule !name:/lib/libc.so";
const layout: Layout = {
  ...EMPTY_LAYOUT,
  mappings: [
    mapping("/bin/program", 16, 20),
    mapping("[heap]", 32, 48),
    mapping("/lib/libc.so", 64, 72),
    mapping("/lib/libc.so", 72, 74),
    mapping("", 80, 90),
  ],
  armed: [
    { start: 16, end: 20, way: "complete" },
    { start: 32, end: 48, way: "complete" },
    { start: 80, end: 85, way: "complete" },
  ],
  notArmed: [
    { start: 64, end: 72, name: "libc.so", reason: WHY },
    { start: 72, end: 74, name: "libc.so", reason: WHY },
    { start: 85, end: 90, name: "[anon]", reason: "another userfaultfd watches it" },
  ],
};

const offer = (...rules: string[]): readonly ChoiceItem[] => choiceItems(parseRules(rules), layout).items;
const find = (items: readonly ChoiceItem[], label: string): ChoiceItem =>
  items.find(item => item.label === label) ?? assert.fail(`no ${label}`);
const picked = (items: readonly ChoiceItem[]): ChoiceItem[] => items.filter(item => item.picked);

describe("Choose Memory", () => {
  it("lists kinds, rules and mappings by name, what of them is armed, and why the rest is not", () => {
    const items = offer("heap", "file", "!name:/lib/libc.so");
    assert.deepEqual(
      items.map(({ label, description, picked }) => [label, description, picked]),
      [
        ["heap", "1 mapping, 64 KiB: armed", true],
        ["stack", "none in this program", false],
        ["anonymous", "1 mapping, 40 KiB: 20 KiB of it armed", false],
        ["shared", "none in this program", false],
        ["file", "3 mappings, 56 KiB: 16 KiB of it armed", true],
        ["!name:/lib/libc.so", "left out", true],
        ["program", "1 mapping, 16 KiB: armed", true],
        ["[heap]", "1 mapping, 64 KiB: armed", true],
        ["libc.so", "2 mappings, 40 KiB: not armed", false],
        ["[anon] 0x50000..0x5a000", "1 mapping, 40 KiB: 20 KiB of it armed", true],
      ],
    );
    assert.equal(find(items, "libc.so").detail, WHY);
    assert.equal(find(items, "[heap]").detail, undefined);
  });

  it("offers kinds and rules where nothing is known of the program", () => {
    const { items } = choiceItems(parseRules(["heap", "=buffer"]), undefined);
    assert.deepEqual(
      items.map(({ label }) => label),
      ["heap", "stack", "anonymous", "shared", "file", "=buffer"],
    );
  });

  it("shows every kind as chosen where the rules begin with one that leaves out", () => {
    assert.equal(picked(offer("!name:x")).filter(({ about }) => about === "kind").length, 5);
  });

  it("leaves the rules as they are where no tick has changed", () => {
    const items = offer("heap", "file", "!name:/lib/libc.so", "=buffer");
    assert.deepEqual(rulesAfter(items, picked(items)), ["heap", "file", "!name:/lib/libc.so", "=buffer"]);
  });

  it("takes a rule away for a tick that contradicts it, and else adds one", () => {
    const items = offer("heap", "file", "!name:/lib/libc.so");
    const [heap, libc, rule] = ["[heap]", "libc.so", "!name:/lib/libc.so"].map(label => find(items, label));
    const all = picked(items);
    assert.deepEqual(rulesAfter(items, [...all, libc]), ["heap", "file"]);
    const byHeap = offer("heap");
    assert.deepEqual(rulesAfter(byHeap, [...picked(byHeap), find(byHeap, "libc.so")]), ["heap", "name:/lib/libc.so"]);
    assert.deepEqual(
      rulesAfter(
        items,
        all.filter(item => item !== heap),
      ),
      ["heap", "file", "!name:/lib/libc.so", "!name:[heap]"],
    );
    assert.deepEqual(
      rulesAfter(
        items,
        all.filter(item => item !== rule),
      ),
      ["heap", "file"],
    );
  });

  it("chooses nothing where nothing is ticked, and not the rest of memory", () => {
    const items = offer("heap", "!name:x");
    assert.deepEqual(
      rulesAfter(
        items,
        picked(items).filter(({ about }) => about === "rule"),
      ),
      [],
    );
  });

  it("arms a mapping that is ticked, and none whose tick was taken, whatever the rules were", async () => {
    const rule = fc.constantFrom(
      "heap",
      "stack",
      "anonymous",
      "file",
      "name:program",
      "!name:/lib/libc.so",
      "!name:/bin/program",
      "!heap",
      "0x50000..0x5a000",
    );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(rule), fc.nat(3), async (rules, which) => {
        const items = offer(...rules);
        const target = items.filter(({ about }) => about === "mapping")[which];
        const now = target.picked ? picked(items).filter(item => item !== target) : [...picked(items), target];
        const after = rulesAfter(items, now);
        const choice = await choiceOf(parseRules(after), () => assert.fail());
        const mine = layout.mappings.filter(
          ({ name, start }) =>
            target.rule === `name:${name}` || (name === "" && start === 80 && target.rule.startsWith("0x")),
        );
        for (const mapping of mine)
          assert.equal(chosenIn(mapping, choice).isEmpty, target.picked, `${rules} → ${after}`);
      }),
      { numRuns: 500 },
    );
  });
});

describe("What is left out", () => {
  it("is told in words: by the rules, and by necessity", () => {
    assert.equal(leftOutWords(layout), "2 mappings (40 KiB) left out by the rules, 1 can't be armed");
    assert.equal(leftOutWords({ notArmed: [] }), "");
  });
});
