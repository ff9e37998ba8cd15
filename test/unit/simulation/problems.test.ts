// What is said of programs that can't run: each problem with its place, several at once, and never anything but problems.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { checkProgram } from "../../../src/simulation/compile/program.ts";
import { describeProblem } from "../../../src/simulation/language/problem.ts";

function problemsOf(source: string): string[] {
  return checkProgram(source).map(describeProblem);
}

/** Of statements in main, the first of which stands in line 2. */
function problemsIn(...statements: string[]): string[] {
  return problemsOf(`fn main() {\n${statements.join("\n")}\n}`);
}

const PROGRAM = `# all of the language
const PAGES = 4
global score: u32 = 7
global table: 2 pages align 2 MiB
global counters: u64[4]
seed 42
fn main() {
  let world = mmap(PAGES pages, read | write, private, at: 0x10000000)
  var local: u16 = 3
  var buffer: 100 bytes
  store world + 1, 0x42
  store64 &local - 8, score
  fill buffer, sizeof(buffer), 'x'
  copy world, buffer, 10
  for i in 0..PAGES step 2 { world[i * page] += i; continue }
  while load(world) < 10 && score != 1 { break }
  loop { if random(100) < 50 { break } else if 1 { yield } else { break } }
  let t = spawn worker(world)
  print "result", join t, hex(score)
  let child = fork { exit 3 }
  wait child
  let bad = try munmap(1, page)
  expect EINVAL munmap(1, page)
  assert bad == -EINVAL, "as it should"
  return worker(world) + counters[2]
}
fn worker(place) {
  // writes
  place[3] = 1
  return -(1 + 2) * ~0 << 1 ^ 1
}
`;

describe("What is wrong with a program", function () {
  this.timeout(60_000);

  it("is nothing where nothing is wrong", () => {
    assert.deepEqual(problemsOf(PROGRAM), []);
    for (const file of globSync(new URL("../../../examples/simulated/*.wsim", import.meta.url).pathname)) {
      assert.deepEqual(problemsOf(readFileSync(file, "utf8")), [], file);
    }
  });

  it("is nothing in the programs of the language's reference", () => {
    const reference = readFileSync(new URL("../../../examples/simulated/README.md", import.meta.url), "utf8");
    const programs = [...reference.matchAll(/```wsim\n([\s\S]*?)```/g)].map(([, source]) => source ?? "");
    assert.ok(programs.length > 0);
    for (const program of programs) assert.deepEqual(problemsOf(program), []);
  });

  const cases: readonly (readonly [statement: string, problem: string])[] = [
    ["let world = mmap(4 pagse)", 'line 2, column 20: "pagse" is no unit; did you mean "pages"?'],
    ["let world = mmap(4 MB)", 'line 2, column 20: "MB" is no unit; did you mean "MiB"?'],
    ["let world = mmpa(4 pages)", 'line 2, column 13: there is no function "mmpa" (did you mean "mmap"?)'],
    ["let a = 1 + ", 'line 2, column 11: expected a value after "+"'],
    ["let a = wrold", 'line 2, column 9: nothing is called "wrold"'],
    ["lte a = 3", 'line 2, column 1: "lte" begins no statement (did you mean "let"?)'],
    ["let a = 3 4", 'line 2, column 11: expected the end of the line, found "4"'],
    ["a = 3", 'line 2, column 1: nothing is called "a"; let a = … declares it'],
    ["store 5", "line 2, column 8: store takes an address, a comma and a value"],
    ["let a = 4MiB", 'line 2, column 9: "4MiB" is not a number; write "4 MiB" with a space between'],
    ["let a = 1.5 MiB", 'line 2, column 9: numbers are whole here, not "1.5"; use a smaller unit'],
    ["let a = 18446744073709551616", "line 2, column 9: this number does not fit 64 bits"],
    ["let a = 16 TiB * 16 TiB", "line 2, column 9: 309485009821345068724781056 does not fit 64 bits"],
    ["let a = 1 / 0", "line 2, column 9: division by zero"],
    ['print "open', 'line 2, column 7: this text has no closing " on its line'],
    [
      "let a = mmap()",
      "line 2, column 9: length is missing: mmap(length, [protection], [flags], [file], [offset], [at])",
    ],
    ["munmap(1, 2, 3)", "line 2, column 14: too many arguments: munmap(address, length)"],
    [
      "let a = mmap(page, near: 3)",
      'line 2, column 20: mmap has no argument "near": mmap(length, [protection], [flags], [file], [offset], [at])',
    ],
    ["let a = read | write", 'line 2, column 9: nothing is called "read"; outside of a call\'s flags write PROT_READ'],
    ["madvise(0, page, dontned)", 'line 2, column 18: nothing is called "dontned" (did you mean "dontneed"?)'],
    ["let a = 1\nlet b = &a", 'line 3, column 10: "a" is in a register; declare it by var to give it an address'],
    ["break", "line 2, column 1: break stands in a loop"],
    ["let a = 1 < 2 < 3", "line 2, column 15: comparisons do not chain; join two with &&"],
    ["let a = 1\na == 2", "line 3, column 1: this computes a value and does nothing with it; an assignment has one ="],
    ["let a = 1\na++", "line 3, column 2: there is no ++; write += 1"],
    ["let a = *5", "line 2, column 9: read memory by load(address), or load64(address) for 8 bytes"],
    ["let a = main(1)", "line 2, column 9: main() takes 0 arguments, not 1"],
    ["let t = spawn mmap(page)", 'line 2, column 15: spawn takes a function of the program, which "mmap" is not'],
    ["let a = try main()", 'line 2, column 13: try stands before system calls; "main" is a function of the program'],
    ["expect EINVALID munmap(1, 2)", 'line 2, column 8: "EINVALID" is no error or signal (did you mean "EINVAL"?)'],
    ["var a: 0 pages", "line 2, column 8: an array has 1 byte to 2 GiB, not 0 bytes; larger memory comes by mmap"],
    ["let a = 1\nlet a = 2", 'line 3, column 5: "a" is declared here already'],
    ["const A = random(3)", "line 2, column 11: a const's value must be a constant"],
    ["for i in 0..10 step 0 { yield }", "line 2, column 21: a step of 0 gets nowhere"],
    ["let a = fork { return 1 }", "line 2, column 16: return stands outside of a fork's block; the child ends by exit"],
    ["if 1 { yield", 'line 1, column 11: the "{" of line 1 is never closed: expected "}"'],
  ];
  for (const [statement, problem] of cases) {
    it(`is told with its place: ${statement.replaceAll("\n", " ⏎ ")}`, () => {
      assert.equal(problemsIn(...statement.split("\n"))[0], problem);
    });
  }

  it("is told all at once, in the order of the text", () => {
    assert.deepEqual(problemsIn("let a = ", "stroe 1, 2", "let b = nobody", "let c = 3 4"), [
      "line 2, column 9: expected a value, found the end of the line",
      'line 3, column 1: "stroe" begins no statement (did you mean "store"?)',
      'line 4, column 9: nothing is called "nobody"',
      'line 5, column 11: expected the end of the line, found "4"',
    ]);
  });

  it("is told of declarations, too", () => {
    assert.deepEqual(
      problemsOf("func main() {\n}\nglobal a: 3\nconst a = 1\nglobal mmap\nfn f(x, x) {}\nfn main(a) {}\nlet x = 1"),
      [
        'line 1, column 1: "func" begins no declaration (did you mean "fn"?)',
        'line 4, column 7: "a" is declared twice',
        'line 5, column 8: "mmap" is a function of every program; take another name',
        'line 6, column 9: "x" is declared here already',
        "line 7, column 1: main takes no parameters; argument(0) is the first of the launch configuration's args",
        'line 8, column 1: expected fn, global, const or seed, found "let"; statements stand in functions',
      ],
    );
    assert.deepEqual(problemsOf(""), ["line 1, column 1: the program has no fn main()"]);
  });

  it("is a problem even where the text nests without end", () => {
    const deep = 20_000;
    for (const [open, close] of [
      ["(", ")"],
      ["- ", ""],
      ["a[", "]"],
      ["f(", ")"],
      ["try f(", ")"],
      ["1 + ", ""],
      ["fork { let b = ", "}"],
    ]) {
      const found = problemsIn(`let a = ${open?.repeat(deep)}1${close?.repeat(deep)}`);
      assert.match(found.join(), /nested too deeply|too long; split it/, open);
    }
    assert.match(problemsIn("if 1 {".repeat(deep)).join(), /nested too deeply/);
    assert.match(problemsIn(`let a = 1${" + 1".repeat(deep)}`).join(), /too long; split it/);
  });

  it("is never an error of the compiler's own, whatever the text", () => {
    const piece = fc.constantFrom(
      ...PROGRAM.split(/(\s+)/).filter(Boolean),
      ...[
        "{",
        "}",
        "(",
        ")",
        "\n",
        ",",
        "fork",
        "try",
        "&",
        "[",
        "]",
        '"',
        "'",
        "..",
        "step",
        "expect",
        "0x",
        "1e9",
        "é",
        "\\",
      ],
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece, { maxLength: 60 }).map(pieces => pieces.join(" ")),
      fc.array(piece, { maxLength: 60 }).map(pieces => `fn main() {\n${pieces.join(" ")}\n}`),
    );
    fc.assert(
      fc.property(text, source => {
        for (const { span } of checkProgram(source)) assert.ok(span.start.line >= 1 && span.start.column >= 1);
      }),
      { numRuns: 2000 },
    );
  });

  it("is never an error of the compiler's own in a program with a few letters changed", () => {
    const change = fc.record({
      at: fc.nat(PROGRAM.length),
      removed: fc.nat(12),
      inserted: fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom("{", "}", "(", "\n", " fork { ", "1", "main()")),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), changes => {
        let source = PROGRAM;
        for (const { at, removed, inserted } of changes)
          source = source.slice(0, at) + inserted + source.slice(at + removed);
        checkProgram(source);
      }),
      { numRuns: 2000 },
    );
  });

  // Long enough that whatever is quadratic in them would not end within a test's time.
  it("is found, however long the text", () => {
    const line = "let a = (1 + 2) * foo[3] + bar(4, 5\n";
    checkProgram(`fn main() {\n${line.repeat(50_000)}`);
    checkProgram(`fn main() {\n${"store 1, 2\n".repeat(100_000)}}`);
    checkProgram("9".repeat(1_000_000));
    checkProgram('"'.repeat(100_001));
    const names = Array.from({ length: 30_000 }, (_, i) => `name_${i}`);
    const lines = (make: (name: string, i: number) => string): string => names.map(make).join("\n");
    assert.deepEqual(checkProgram(`${lines((name, i) => `global ${name}: ${i + 1} align 8`)}\nfn main() { }`), []);
    assert.deepEqual(
      checkProgram(`${lines((name, i) => `const ${name} = ${i ? `name_${i - 1} + 1` : 0}`)}\nfn main() { }`),
      [],
    );
    assert.deepEqual(checkProgram(`${lines(name => `fn ${name}() { return 1 }`)}\nfn main() { print name_7() }`), []);
    assert.deepEqual(checkProgram(`fn main() {\n${lines((name, i) => `let ${name} = ${i}`)}\n}`), []);
    const few = names.slice(0, 10_000);
    const unknown = `${few.map(name => `global ${name}`).join("\n")}\nfn main() {\n${few.map(name => `un${name} = 1`).join("\n")}\n}`;
    assert.equal(checkProgram(unknown).length, 30);
    assert.deepEqual(checkProgram(`fn main() {\nlet a = 5\n${lines((_, i) => `if a == ${i} { a = 1 }`)}\n}`), []);
    assert.deepEqual(
      checkProgram(`fn main() {\nlet a = 5\nif a == 0 { }${names.map((_, i) => ` else if a == ${i} { }`).join("")}\n}`),
      [],
    );
  });
});
