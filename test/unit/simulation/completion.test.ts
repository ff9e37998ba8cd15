// What an editor offers and colours is what the language has.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { BUILTINS } from "../../../src/simulation/language/builtins.ts";
import { argumentWords, declaredNames, languageCompletions } from "../../../src/simulation/language/completion.ts";
import { STATEMENT_WORDS } from "../../../src/simulation/language/parse-statement.ts";
import { DECLARATION_WORDS } from "../../../src/simulation/language/parser.ts";
import { UNITS } from "../../../src/simulation/language/units.ts";
import { IMPLEMENTATIONS } from "../../../src/simulation/run/builtins.ts";

const grammar = readFileSync(new URL("../../../media/wsim.tmLanguage.json", import.meta.url), "utf8");

/** Whether a pattern of the grammar that is of this scope matches in the text. */
function isColoured(text: string, scope: string): boolean {
  const rules: { name?: string; match?: string; captures?: Record<string, { name: string }> }[] = Object.values(
    JSON.parse(grammar).repository as Record<string, { patterns: [] }>,
  ).flatMap(({ patterns }) => patterns);
  return rules.some(({ name, match, captures }) => {
    const names = [name, ...Object.values(captures ?? {}).map(capture => capture.name)];
    return match !== undefined && names.some(each => each?.startsWith(scope)) && new RegExp(match).test(text);
  });
}

describe("Completion", () => {
  const offered = languageCompletions();

  it("offers every word of the language with a line on it", () => {
    const names = new Set(offered.map(({ name }) => name));
    for (const word of [...STATEMENT_WORDS, ...DECLARATION_WORDS, ...BUILTINS.keys(), ...UNITS.keys()]) {
      if (word !== "store8") assert.ok(names.has(word), word);
    }
    for (const { name, doc } of offered) assert.ok(doc, name);
    assert.equal(names.size, offered.length - 1, "page alone is both a unit and a number");
  });

  it("offers the words that the argument being typed takes", () => {
    const words = (before: string): string[] => argumentWords(before).map(({ name }) => name);
    assert.ok(words("let a = mmap(4 pages, re").includes("read"));
    assert.ok(words("let a = mmap(max(1, 2) pages, read | write, ").includes("shared"));
    assert.ok(words("madvise(a, (1 + 2) pages, ").includes("dontneed"));
    assert.deepEqual(words("munmap(a, "), []);
    assert.deepEqual(words("let a = "), []);
  });

  it("finds the names a program declares, even where it can't be understood yet", () => {
    const names = declaredNames("const N = 3\nglobal g\nfn f(a) {\n let x = \n var y: 3\n for i in 0..");
    assert.deepEqual(
      names.map(({ name }) => name),
      ["N", "g", "f", "x", "y", "i"],
    );
  });
});

describe("The grammar", () => {
  it("colours every function, statement and unit", () => {
    for (const name of [...BUILTINS.keys(), "sizeof", "hex"]) {
      assert.ok(isColoured(`${name}(1)`, "support.function"), name);
      assert.ok(isColoured(`let a = ${name} (1)`, "support.function"), name);
    }
    for (const word of [...STATEMENT_WORDS, ...DECLARATION_WORDS]) {
      const text = word === "for" ? "for i in 0..1" : word === "expect" ? "expect EINVAL x" : `${word} x`;
      assert.ok(isColoured(text, "keyword") || isColoured(text, "storage"), word);
    }
    for (const unit of UNITS.keys()) assert.ok(isColoured(`3 ${unit}`, "keyword.other.unit"), unit);
  });
});

describe("The functions of every program", () => {
  it("are all there, and no more", () => {
    const loads = ["load", "load8", "load16", "load32", "load64"];
    assert.deepEqual([...BUILTINS.keys()].sort(), [...Object.keys(IMPLEMENTATIONS), ...loads].sort());
  });
});
