// The syntax tree of a simulated program: what stands in the text, before names are looked up.
import type { Integer } from "./integer.ts";
import type { Span } from "./problem.ts";

export type BinaryOperator =
  | ("*" | "/" | "%" | "+" | "-" | "<<" | ">>" | "&" | "^" | "|")
  | ("==" | "!=" | "<" | "<=" | ">" | ">=")
  | ("&&" | "||");

export type UnaryOperator = "-" | "!" | "~";

interface Node {
  readonly span: Span;
}

interface ExpressionNode extends Node {
  /** How high the tree below is; bounded, since trees are walked by recursion. */
  readonly height: number;
}

/** A name where it is declared. */
export interface Name extends Node {
  readonly text: string;
}

export interface Argument {
  /** Present in `at: address`. */
  readonly name?: Name;
  readonly value: Expression;
}

export type Call = ExpressionNode & {
  readonly kind: "call";
  readonly callee: Name;
  readonly arguments: readonly Argument[];
};

/** A name that stands for a value. */
export type Reference = ExpressionNode & { readonly kind: "name"; readonly name: string };

/** `place[offset]`, one byte. */
export type Index = ExpressionNode & { readonly kind: "index"; readonly base: Expression; readonly offset: Expression };

export type Expression =
  | (ExpressionNode & { readonly kind: "number"; readonly value: Integer })
  | (ExpressionNode & { readonly kind: "text"; readonly value: string })
  | Reference
  | (ExpressionNode & { readonly kind: "address"; readonly operand: Expression })
  | (ExpressionNode & { readonly kind: "scaled"; readonly operand: Expression; readonly factor: number })
  | (ExpressionNode & { readonly kind: "unary"; readonly operator: UnaryOperator; readonly operand: Expression })
  | (ExpressionNode & {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | Index
  | Call
  /** The call's failure is its value, -errno, and does not end the program. */
  | (ExpressionNode & { readonly kind: "try"; readonly call: Call })
  | (ExpressionNode & { readonly kind: "spawn"; readonly call: Call })
  | (ExpressionNode & { readonly kind: "join" | "wait"; readonly operand: Expression })
  /** The child runs the block, the call, or (with neither) goes on where the parent does. */
  | (ExpressionNode & { readonly kind: "fork"; readonly body?: Block; readonly call?: Call });

export interface Block extends Node {
  readonly statements: readonly Statement[];
}

/** What a variable in memory is: an integer of so many bytes; an array of so many of them; or bytes, so many. */
export type Layout =
  | (Node & { readonly kind: "integer"; readonly width: Width })
  | (Node & { readonly kind: "array"; readonly element: Width /** In elements. */; readonly size: Expression });

export type Width = 1 | 2 | 4 | 8;

export type Statement =
  | (Node & { readonly kind: "let" | "const"; readonly name: Name; readonly value: Expression })
  | (Node & { readonly kind: "var"; readonly name: Name; readonly layout?: Layout; readonly value?: Expression })
  | (Node & {
      readonly kind: "assign";
      readonly target: Reference | Index;
      readonly operator?: BinaryOperator;
      readonly value: Expression;
    })
  | (Node & {
      readonly kind: "store";
      readonly width: Width;
      readonly address: Expression;
      readonly value: Expression;
    })
  | (Node & {
      readonly kind: "fill";
      readonly address: Expression;
      readonly length: Expression;
      readonly value: Expression;
    })
  | (Node & {
      readonly kind: "copy";
      readonly to: Expression;
      readonly from: Expression;
      readonly length: Expression;
    })
  | (Node & { readonly kind: "if"; readonly branches: readonly Branch[]; readonly otherwise?: Block })
  | (Node & { readonly kind: "while"; readonly condition: Expression; readonly body: Block })
  | (Node & { readonly kind: "loop"; readonly body: Block })
  | (Node & {
      readonly kind: "for";
      readonly name: Name;
      readonly from: Expression;
      readonly to: Expression;
      readonly step?: Expression;
      readonly body: Block;
    })
  | (Node & { readonly kind: "break" | "continue" | "yield" })
  | (Node & { readonly kind: "return" | "exit"; readonly value?: Expression })
  | (Node & { readonly kind: "exec"; readonly call: Call })
  | (Node & { readonly kind: "print"; readonly items: readonly PrintItem[] })
  | (Node & { readonly kind: "assert"; readonly condition: Expression; readonly message?: string })
  | (Node & { readonly kind: "expect"; readonly failure: Name; readonly statement: Statement })
  | (Node & { readonly kind: "expression"; readonly value: Expression });

export interface Branch {
  readonly condition: Expression;
  readonly body: Block;
  /** Of the condition and its keyword. */
  readonly span: Span;
}

export type PrintItem =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "decimal" | "hexadecimal"; readonly value: Expression };

export interface FunctionDeclaration extends Node {
  readonly kind: "function";
  readonly name: Name;
  readonly parameters: readonly Name[];
  readonly body: Block;
}

export interface GlobalDeclaration extends Node {
  readonly kind: "global";
  readonly name: Name;
  readonly layout?: Layout;
  readonly alignment?: Expression;
  readonly value?: Expression;
}

export interface ConstantDeclaration extends Node {
  readonly kind: "const";
  readonly name: Name;
  readonly value: Expression;
}

export interface SeedDeclaration extends Node {
  readonly kind: "seed";
  readonly value: Expression;
}

export type Declaration = FunctionDeclaration | GlobalDeclaration | ConstantDeclaration | SeedDeclaration;

export interface SyntaxTree {
  readonly declarations: readonly Declaration[];
}
