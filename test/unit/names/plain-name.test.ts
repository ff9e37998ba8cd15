// Mangled names in short: what g++ makes of known declarations, and what c++filt makes of those.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { plainName } from "../../../src/names/plain-name.ts";
import { compiled } from "../../compile.ts";
import { library, listedSymbols, program } from "./files.ts";

const SOURCE = `
  #include <string>
  #include <vector>
  namespace geo {
    struct Circle { static int count; Circle(); ~Circle(); virtual void draw() const; };
    int Circle::count = 1;
    Circle::Circle() { ++count; }
    Circle::~Circle() {}
    void Circle::draw() const { static int calls; ++calls; }
    namespace { int hidden = 2; }
    template <class T, int N> struct Pool { static T slots[N]; };
    template <class T, int N> T Pool<T, N>::slots[N] = {};
    int next(const std::vector<std::string> &names, int (*by)(long)) { static int last; return ++last + hidden + names.size() + by(1); }
  }
  static int file_local = 3;
  int main() { geo::Circle circle; circle.draw(); geo::Pool<std::string, 8>::slots[0] = "x"; return file_local++; }
`;

describe("a mangled name in short", () => {
  it("tells scopes and identifiers, and leaves out parameters and template arguments", () => {
    for (const [mangled, plain] of [
      ["_ZN3geo6Circle5countE", "geo::Circle::count"],
      ["_ZZNK3geo6Circle4drawEvE5calls", "geo::Circle::draw()::calls"],
      ["_ZN3geo12_GLOBAL__N_16hiddenE", "geo::(anonymous namespace)::hidden"],
      ["_ZTVN3geo6CircleE", "vtable for geo::Circle"],
      ["_ZGVZ4mainE5calls", "guard variable for main()::calls"],
      ["_ZL10file_local", "file_local"],
      ["_ZN3geo6CircleD1Ev", "geo::Circle::~Circle"],
      ["_ZSt4cout", "std::cout"],
      ["_ZN3geo4PoolINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEELi8EE5slotsE", "geo::Pool::slots"],
      ["_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write"],
      ["_ZL4calcPA8_3Foo.cold", "calc.cold"],
      ["counters", "counters"],
      ["stdout@GLIBC_2.2.5", "stdout"],
      ["_ZSt4cout@@GLIBCXX_3.4", "std::cout"],
    ]) {
      assert.equal(plainName(mangled), plain);
    }
  });

  it("is what g++ was given", () => {
    const path = program("cpp-source").replace(/$/, ".cpp");
    writeFileSync(path, SOURCE);
    const names = listedSymbols(compiled(path, "names-cpp", ["-g", "-O0"])).map(({ name }) => plainName(name));
    for (const expected of [
      "geo::Circle::count",
      "geo::Circle::draw",
      "geo::Circle::draw()::calls",
      "geo::next()::last",
      "geo::(anonymous namespace)::hidden",
      "geo::Pool::slots",
      "vtable for geo::Circle",
      "file_local",
      "main",
    ]) {
      assert.ok(names.includes(expected), `${expected} of ${names.join(", ")}`);
    }
  });

  it("agrees with c++filt on the data of a C++ library, but for what c++filt tells besides", () => {
    const mangled = listedSymbols(library("libstdc++.so.6"))
      // What is known of built-in types has their codes for names.
      .filter(({ type, name }) => type === "OBJECT" && name.startsWith("_Z") && !/^_ZT[IS]P?K?D?[a-z]$/.test(name))
      .map(({ name }) => name);
    const full = execFileSync("c++filt", { input: mangled.join("\n"), encoding: "latin1" })
      .trim()
      .split("\n");
    let understood = 0;
    for (const [i, name] of mangled.entries()) {
      const plain = plainName(name);
      if (plain.startsWith("_Z") || plain.endsWith("…")) continue;
      understood += 1;
      assert.equal(inFull(plain.replaceAll("()", "")), inFull(withoutBrackets(full[i])), name);
    }
    assert.ok(understood > mangled.length * 0.95, `${understood} of ${mangled.length}`);
  });

  it("is the name itself, cut where it is long, where it is not understood", () => {
    assert.equal(plainName("_ZN3fooIXsr3barE1nEE1xE"), "_ZN3fooIXsr3barE1nEE1xE");
    assert.equal(plainName("_Z"), "_Z");
    assert.equal(plainName("x".repeat(500)).length, 80);
  });

  it("is found of any text", () => {
    const pieces = fc.constantFrom(
      "_Z",
      "N",
      "E",
      "I",
      "S_",
      "St",
      "Z",
      "L",
      "9",
      "3abc",
      "T_",
      "A8_",
      "D",
      "K",
      "F",
      "i",
      "X",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), parts => {
        assert.ok(plainName(`_Z${parts.join("")}`).length <= 80);
      }),
      { numRuns: 3000 },
    );
  });
});

/** What the standard library's strings and streams are templates of: c++filt says so where a member follows. */
function inFull(name: string): string {
  return name.replaceAll(/std::(string|istream|ostream|iostream)\b/g, "std::basic_$1");
}

/** Without template arguments, parameters and the words of the library's own versions. */
function withoutBrackets(name: string): string {
  let depth = 0;
  let text = "";
  for (const character of name.replaceAll("(anonymous namespace)", "{}").replaceAll(/\[abi:\w+\]/g, "")) {
    if (character === "<" || character === "(") depth += 1;
    else if (character === ">" || character === ")") depth -= 1;
    else if (depth === 0) text += character;
  }
  return text.replaceAll(" const", "").replaceAll("{}", "(anonymous namespace)");
}
