// Locals in the place of "stack of thread N": which are asked for, and how pieces of the stack are cut by them.
import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type AdapterPort, DapError } from "../../../src/debuggers/adapter-port.ts";
import type { Local } from "../../../src/debuggers/locals.ts";
import { type NamedRange, toWords } from "../../../src/names/name.ts";
import { sizeOf, type Type, typeWords } from "../../../src/names/types/type.ts";
import { typeOfText } from "../../../src/names/types/type-text.ts";
import { localsFor, withLocals } from "../../../src/session/step-locals.ts";

const FRAMES = [
  { id: 10, name: "inner(int)" },
  { id: 11, name: "main" },
] as DebugProtocol.StackFrame[];
const LOCALS: Record<number, readonly (readonly [name: string, type: string, address: number, size: number])[]> = {
  10: [
    ["here", "int", 0x1000, 4],
    ["where", "struct place", 0x1010, 24],
  ],
  11: [["rain", "int [4]", 0x2000, 16]],
};

/** An adapter that answers, and what it was asked to evaluate. */
function adapter(): { port: AdapterPort; evaluated: string[] } {
  const evaluated: string[] = [];
  const request = async (command: string, args: Record<string, unknown> = {}): Promise<unknown> => {
    const frame = Number(args.frameId ?? Number(args.variablesReference) - 100);
    if (command === "scopes")
      return {
        scopes: [
          { name: "Locals", variablesReference: frame + 100 },
          { name: "Registers", variablesReference: 1 },
        ],
      };
    if (command === "variables")
      return { variables: [...LOCALS[frame], ["[more]", "", 0, 0]].map(([name, type]) => ({ name, type })) };
    evaluated.push(String(args.expression));
    const [, sign, name] = /^(&|sizeof)\(?(\w+)/.exec(String(args.expression)) ?? [];
    const found = LOCALS[frame].find(([each]) => each === name);
    if (!found) throw new DapError("evaluate", "no such symbol");
    return { result: sign === "&" ? `(int *) 0x${found[2].toString(16)}` : String(found[3]) };
  };
  return { port: { debugType: "lldb-dap", request } as AdapterPort, evaluated };
}

const ask = (port: AdapterPort) => ({ port, frames: async () => FRAMES });

describe("The locals that hold changed bytes", () => {
  it("are looked for in one frame after another, until all is known", async () => {
    const { port, evaluated } = adapter();
    const { changed: found, roots } = await localsFor(ask(port), [{ start: 0x1002, end: 0x1003 }], false);
    assert.deepEqual(roots, []);
    assert.deepEqual(
      found.map(({ name, depth, function: frame }) => [name, depth, frame]),
      [["here", 0, "inner"]],
    );
    assert.deepEqual(evaluated, ["&here", "&where"]);
  });

  it("are those of callers too, and of types whose size the debugger tells", async () => {
    const { port, evaluated } = adapter();
    const changed = [
      { start: 0x1014, end: 0x1018 },
      { start: 0x2004, end: 0x2008 },
      { start: 0x3000, end: 0x3001 },
    ];
    const { changed: found } = await localsFor(ask(port), changed, false);
    assert.deepEqual(
      found.map(({ name, size }) => [name, size]),
      [
        ["where", 24],
        ["rain", 16],
      ],
    );
    assert.ok(evaluated.includes("sizeof(where)") && !evaluated.includes("sizeof(rain)"));
  });

  it("are told as ways to heap blocks where these changed, a caller's with its function", async () => {
    const { changed, roots } = await localsFor(ask(adapter().port), [], true);
    assert.deepEqual(changed, []);
    assert.deepEqual(roots, [
      { expression: "here", type: "int", address: 0x1000 },
      { expression: "where", type: "struct place", address: 0x1010 },
      { expression: "main::rain", type: "int [4]", address: 0x2000 },
    ]);
  });

  it("cut pieces of the stack, and leave what is no local's as it was", () => {
    const local = (name: string, address: number, size: number, type: string, depth: number): Local => ({
      ...{ name, address, size, type, depth, function: depth === 0 ? "inner" : "main", frameId: depth },
    });
    const locals = [local("rain", 0x2000, 16, "int [4]", 1), local("here", 0x1ff0, 4, "int", 0)];
    const types: Type[] = [];
    const stack: NamedRange = { start: 0x1ff0, end: 0x2008, name: { kind: "stack", thread: 1, above: 16 } };
    const other: NamedRange = { start: 0x9000, end: 0x9001, name: { kind: "unmapped" } };
    const pieces = withLocals([stack, other], locals, types);
    assert.deepEqual(
      pieces.map(({ start, end, name }) => [start, end, toWords(name)]),
      [
        [0x1ff0, 0x1ff4, "here"],
        [0x1ff4, 0x2000, "stack of thread 1"],
        [0x2000, 0x2008, "rain of main"],
        [0x9000, 0x9001, "unmapped memory"],
      ],
    );
    assert.deepEqual(pieces[1].name, { kind: "stack", thread: 1, above: 20 });
  });
});

describe("A type in a debugger's words", () => {
  const told = (text: string): string | undefined => {
    const types: Type[] = [];
    const index = typeOfText(text, types);
    return index === undefined ? undefined : `${typeWords(types, index)}, ${sizeOf(types, index)}`;
  };

  it("is understood where its bytes follow from them", () => {
    assert.equal(told("int"), "int, 4");
    assert.equal(told("const volatile unsigned int"), "unsigned int, 4");
    assert.equal(told("long int"), "long, 8");
    assert.equal(told("char[8]"), "char [8], 8");
    assert.equal(told("uint16_t [2][3]"), "uint16_t [2][3], 12");
    assert.equal(told("struct node *"), "struct node *, 8");
    assert.equal(told("char *[4]"), "char * [4], 32");
  });

  it("is not where they do not tell", () => {
    for (const text of ["", "struct node", "std::vector<int>", "int []", "constructor", "x".repeat(500)])
      assert.equal(told(text), undefined, text);
  });
});
