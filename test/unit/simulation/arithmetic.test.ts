// The language's numbers against bigints, the plainest model there is.
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ArithmeticProblem,
  type Integer,
  integer,
  readInteger,
  writeInteger,
} from "../../../src/simulation/language/integer.ts";
import { outputOf, runMain } from "./programs.ts";

const MIN = -(2n ** 63n);
const MAX = 2n ** 64n - 1n;

/** Small ones, those beside powers of two, and any. */
const value = fc.oneof(
  fc.bigInt(-20n, 20n),
  fc.tuple(fc.nat(64), fc.bigInt(-2n, 2n)).map(([power, off]) => clamp(2n ** BigInt(power) + off)),
  fc.bigInt(MIN, MAX),
);

function clamp(number: bigint): bigint {
  return number > MAX ? MAX : number < MIN ? MIN : number;
}

const MODEL: Readonly<Record<string, (a: bigint, b: bigint) => bigint | undefined>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => (b === 0n ? undefined : a / b),
  "%": (a, b) => (b === 0n ? undefined : a % b),
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  "<<": (a, b) => (b < 0n || b > 63n ? undefined : a << b),
  ">>": (a, b) => (b < 0n || b > 63n ? undefined : a >> b),
  "<": (a, b) => BigInt(a < b),
  "<=": (a, b) => BigInt(a <= b),
  ">": (a, b) => BigInt(a > b),
  ">=": (a, b) => BigInt(a >= b),
  "==": (a, b) => BigInt(a === b),
  "!=": (a, b) => BigInt(a !== b),
  "&&": (a, b) => BigInt(a !== 0n && b !== 0n),
  "||": (a, b) => BigInt(a !== 0n || b !== 0n),
};

describe("Numbers", () => {
  it("are exact integers of 64 bits under every operator, and never wrap", () => {
    fc.assert(
      fc.property(value, value, fc.constantFrom(...Object.keys(MODEL)), (a, b, operator) => {
        const exact = MODEL[operator]?.(a, b);
        const fits = exact !== undefined && exact >= MIN && exact <= MAX;
        // Two lets, since constants are computed when compiling.
        const { output, fault } = runMain(`\nlet a = ${a}\nlet b = ${b}\nprint a ${operator} b`);
        if (fits) assert.equal(output, `${exact}\n`);
        else assert.match(fault?.signal ?? "", operator === "/" || operator === "%" ? /SIGFPE|SIGABRT/ : /SIGABRT/);
      }),
      { numRuns: 500 },
    );
  });

  it("are the same whether computed when compiling or when running", () => {
    fc.assert(
      fc.property(value, value, fc.constantFrom("+", "-", "&", "|", "^", "<", "=="), (a, b, operator) => {
        const exact = MODEL[operator]?.(a, b) ?? 0n;
        fc.pre(exact >= MIN && exact <= MAX);
        assert.equal(outputOf(`fn main() { print ${a} ${operator} ${b} }`), `${exact}\n`);
      }),
    );
  });

  it("are JavaScript numbers exactly where these are safe, so that equal ones are the same", () => {
    fc.assert(
      fc.property(value, number => {
        const given: Integer = integer(number);
        assert.equal(typeof given === "number", number >= -(2n ** 53n) + 1n && number <= 2n ** 53n - 1n);
        assert.equal(BigInt(given), number);
      }),
    );
    assert.throws(() => integer(MAX + 1n), ArithmeticProblem);
    assert.throws(() => integer(MIN - 1n), ArithmeticProblem);
  });

  it("lose their upper bytes in a narrow store, and come back unsigned", () => {
    fc.assert(
      fc.property(value, fc.constantFrom(1, 2, 4, 8), (number, width) => {
        const view = new DataView(new ArrayBuffer(8));
        writeInteger(view, width, integer(number));
        assert.equal(BigInt(readInteger(view, width)), BigInt.asUintN(8 * width, number));
      }),
    );
  });

  it("take units, and precedence as C has it but for comparisons of bits", () => {
    assert.equal(
      outputOf(
        "const N = 3\nfn main() { print N pages, 2 KiB + 1, (1 + 1) MiB, 6 & 3 == 2, 1 + 2 * 3 << 1, -7 / 2, -7 % 2, 'a', !0, ~0 }",
      ),
      "12288 2049 2097152 1 14 -3 -1 97 1 -1\n",
    );
  });
});
