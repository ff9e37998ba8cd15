// What lies at an offset of a variable by its type, and the value that its bytes have.
import assert from "node:assert/strict";
import { type Element, elementsIn } from "../../../src/names/types/elements.ts";
import { type Type, type TypeTable, typeWords } from "../../../src/names/types/type.ts";
import { valueWords } from "../../../src/names/types/values.ts";

const INT: Type = { kind: "base", name: "int", size: 4, encoding: "signed" };
const CHAR: Type = { kind: "base", name: "char", size: 1, encoding: "character" };
/** int; char; int [20]; char [8]; struct node { int value; char name[8]; struct node *next; }; node *; node [3]; union; void *. */
const TYPES: TypeTable = [
  INT,
  CHAR,
  { kind: "array", of: 0, count: 20, stride: 4 },
  { kind: "array", of: 1, count: 8, stride: 1 },
  {
    kind: "record",
    name: "struct node",
    size: 24,
    union: false,
    members: [
      { name: "value", offset: 0, type: 0 },
      { name: "name", offset: 4, type: 3 },
      { name: "next", offset: 16, type: 5 },
    ],
  },
  { kind: "pointer", size: 8, to: 4, reference: false },
  { kind: "array", of: 4, count: 3, stride: 24 },
  { kind: "record", name: "", size: 8, union: true, members: [{ name: "a", offset: 0, type: 0 }] },
  { kind: "pointer", size: 8, reference: false },
  {
    kind: "record",
    name: "struct flags",
    size: 4,
    union: false,
    members: [
      { name: "low", offset: 0, type: 0, bit: 0, bits: 3 },
      { name: "high", offset: 0, type: 0, bit: 3, bits: 10 },
    ],
  },
  { kind: "array", of: 2, count: 2, stride: 80 },
];

const paths = (root: number, start: number, end: number, most = 100): string[] =>
  elementsIn(TYPES, root, start, end, most).map(({ path }) => path);

describe("The elements of a variable", () => {
  it("are those of an array that have a byte in the range", () => {
    assert.deepEqual(paths(2, 68, 72), ["[17]"]);
    assert.deepEqual(paths(2, 67, 73), ["[16]", "[17]", "[18]"]);
    assert.deepEqual(paths(2, 76, 1000), ["[19]"]);
    assert.deepEqual(paths(10, 84, 88), ["[1][1]"]);
  });

  it("are the members of structs, through arrays of them", () => {
    assert.deepEqual(paths(6, 40, 48), ["[1].next"]);
    assert.deepEqual(paths(4, 0, 24), [".value", ".name", ".next"]);
  });

  it("are none where padding lies, a union as a whole, and the variable itself where it has no parts", () => {
    assert.deepEqual(paths(4, 12, 16), []);
    assert.deepEqual(paths(7, 2, 3), [""]);
    assert.deepEqual(paths(0, 1, 2), [""]);
  });

  it("are no more than are asked for, and none of what lies outside", () => {
    assert.deepEqual(paths(2, 0, 80, 3), ["[0]", "[1]", "[2]"]);
    assert.deepEqual(paths(2, 80, 90), []);
    assert.deepEqual(paths(99, 0, 8), []);
  });

  it("end in a type that holds itself", () => {
    const circle: TypeTable = [
      { kind: "record", name: "struct bad", size: 8, union: false, members: [{ name: "me", offset: 0, type: 0 }] },
    ];
    assert.deepEqual(elementsIn(circle, 0, 0, 8, 10), []);
  });
});

describe("A value in words", () => {
  const value = (type: Type, ...bytes: number[]): string =>
    valueWords([type, CHAR], { path: "", offset: 0, size: bytes.length, type: 0 }, Uint8Array.from(bytes));

  it("is the number that its type says", () => {
    assert.equal(value(INT, 0xfe, 0xff, 0xff, 0xff), "-2");
    assert.equal(value({ ...INT, encoding: "unsigned" }, 0xfe, 0xff, 0xff, 0xff), "4294967294");
    assert.equal(value({ ...INT, encoding: "float" }, 0, 0, 0xc0, 0x3f), "1.5");
    assert.equal(value({ ...INT, encoding: "float", size: 8 }, 0, 0, 0, 0, 0, 0, 0xf8, 0xbf), "-1.5");
    assert.equal(value({ ...INT, encoding: "boolean", size: 1 }, 1), "true");
    assert.equal(value(CHAR, 0x41), "65 'A'");
    assert.equal(value({ kind: "pointer", size: 8, reference: false }, 0x10, 0x20, 0, 0, 0, 0, 0, 0), "0x2010");
  });

  it("is an enumeration's name, and the number where it has none", () => {
    const type: Type = { kind: "enum", name: "enum color", size: 4, values: [{ name: "RED", value: 2 }] };
    assert.equal(value(type, 2, 0, 0, 0), "RED (2)");
    assert.equal(value(type, 3, 0, 0, 0), "3");
  });

  it("is a text up to its end, with what can't be printed escaped", () => {
    const type: Type = { kind: "array", of: 1, count: 8, stride: 1 };
    assert.equal(value(type, 0x68, 0x69, 0x0a, 0x22, 0, 0x7a), '"hi\\n\\""');
    assert.equal(value(type, 1), '"\\x01"');
  });

  it("is of a bit field its bits alone", () => {
    const [low, high] = elementsIn(TYPES, 9, 0, 4, 5) as [Element, Element];
    assert.deepEqual([low.path, high.path, high.offset, high.size], [".low", ".high", 0, 2]);
    const bytes = Uint8Array.of(0b00101010, 0);
    assert.deepEqual([valueWords(TYPES, low, bytes.subarray(0, 1)), valueWords(TYPES, high, bytes)], ["2", "5"]);
  });
});

describe("A type in words", () => {
  it("reads as in C", () => {
    assert.deepEqual(
      [0, 2, 5, 6, 8, 10].map(index => typeWords(TYPES, index)),
      ["int", "int [20]", "struct node *", "struct node [3]", "void *", "int [2][20]"],
    );
  });
});
