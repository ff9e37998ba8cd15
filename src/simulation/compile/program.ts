// Compiles a whole program, and finds all that is wrong with it.
import { BUILTINS } from "../language/builtins.ts";
import type { Integer } from "../language/integer.ts";
import { parseProgram } from "../language/parser.ts";
import { type Problem, ProblemList, ProgramError } from "../language/problem.ts";
import type { FunctionDeclaration, GlobalDeclaration, Name, SyntaxTree } from "../language/syntax.ts";
import type { CompiledFunction, CompiledProgram, Global, Instruction, Mark } from "../run/code.ts";
import { FunctionContext } from "./context.ts";
import { Emitter } from "./emitter.ts";
import { compileConstant } from "./expression.ts";
import { alignmentOf, arraySize, DataLayout } from "./layout.ts";
import { type Names, programNames } from "./scope.ts";
import { compileStatement } from "./statement.ts";

const NOWHERE = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
const NOT_FOR_NAMES = new Set(["sizeof", "hex"]);

/** @throws {ProgramError} with all that is wrong. */
export function compileProgram(source: string): CompiledProgram {
  const problems = new ProblemList();
  const tree = parseProgram(source, problems);
  const program = new ProgramCompiler(source, problems).compile(tree);
  if (!problems.isEmpty) throw new ProgramError(problems.sorted());
  return program;
}

/** All that is wrong with a program, in the order of its text; nothing where it can run. Never throws. */
export function checkProgram(source: string): Problem[] {
  try {
    compileProgram(source);
    return [];
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    return [...error.problems];
  }
}

class ProgramCompiler {
  private readonly source: string;
  private readonly problems: ProblemList;
  private readonly constants = new Map<string, Integer>();
  private readonly globals = new Map<string, Global>();
  private readonly functions = new Map<string, CompiledFunction>();
  private readonly names: Names = programNames(this.constants, this.globals, this.functions);
  private readonly code: Instruction[] = [];
  private readonly marks: Mark[] = [];
  private readonly starts: boolean[] = [];
  private readonly layout = new DataLayout();
  private seed: Integer = 1;

  constructor(source: string, problems: ProblemList) {
    this.source = source;
    this.problems = problems;
  }

  compile({ declarations }: SyntaxTree): CompiledProgram {
    // Functions may be called before they stand in the text; constants and globals are known from their line on.
    for (const declaration of declarations) {
      if (declaration.kind === "function" && this.isNew(declaration.name)) {
        this.functions.set(declaration.name.text, emptyFunction(declaration));
      }
    }
    for (const declaration of declarations) {
      if (declaration.kind === "global") this.declareGlobal(declaration);
      else if (declaration.kind === "seed") this.seed = this.constant(declaration.value, "the seed") ?? 1;
      else if (declaration.kind === "const") {
        const value = this.constant(declaration.value, "a const's value");
        if (this.isNew(declaration.name)) this.constants.set(declaration.name.text, value ?? 0);
      }
    }
    for (const declaration of declarations) {
      const compiled = declaration.kind === "function" ? this.functions.get(declaration.name.text) : undefined;
      if (declaration.kind === "function" && compiled?.span === declaration.span) {
        this.compileFunction(declaration, compiled);
      }
    }
    this.checkMain();
    const { source, code, marks, starts, functions, globals, constants, seed } = this;
    return { source, code, marks, starts, functions, globals, constants, dataBytes: this.layout.bytes, seed };
  }

  private checkMain(): void {
    const main = this.functions.get("main");
    // What could not be read may have been it.
    if (!main && this.problems.isEmpty) this.problems.report("the program has no fn main()", NOWHERE);
    if (main && main.parameters.length > 0) {
      this.problems.report(
        "main takes no parameters; argument(0) is the first of the launch configuration's args",
        main.span,
      );
    }
  }

  private isNew(name: Name): boolean {
    const { text, span } = name;
    if (BUILTINS.has(text) || NOT_FOR_NAMES.has(text)) {
      this.problems.report(`"${text}" is a function of every program; take another name`, span);
      return false;
    }
    if (this.constants.has(text) || this.globals.has(text) || this.functions.has(text)) {
      this.problems.report(`"${text}" is declared twice`, span);
      return false;
    }
    return true;
  }

  private constant(expression: Parameters<typeof compileConstant>[1], what: string): Integer | undefined {
    const emitter = new Emitter([], [], []);
    emitter.statement(expression.span, NO_FUNCTION);
    return compileConstant(
      new FunctionContext(emitter, this.problems, NO_FUNCTION, this.names, "look"),
      expression,
      what,
    );
  }

  private declareGlobal({ name, layout, alignment, value, span }: GlobalDeclaration): void {
    const { problems } = this;
    const width = layout === undefined ? 8 : layout.kind === "integer" ? layout.width : 0;
    const element = layout?.kind === "array" ? layout.element : 1;
    const size =
      layout?.kind === "array"
        ? arraySize(this.constant(layout.size, "an array's size"), element, layout.span, problems)
        : width;
    const align = alignment && alignmentOf(this.constant(alignment, "an alignment"), alignment.span, problems);
    if (value && width === 0) problems.report("an array has no single value; fill it in main", value.span);
    const initial = value ? (this.constant(value, "a global's first value") ?? 0) : 0;
    if (!this.isNew(name)) return;
    const offset = this.layout.place(width, size, align);
    arraySize(this.layout.bytes || 1, 1, span, problems);
    this.globals.set(name.text, { name: name.text, width, size, element, offset, initial, span });
  }

  private compileFunction(declaration: FunctionDeclaration, compiled: CompiledFunction): void {
    const emitter = new Emitter(this.code, this.marks, this.starts);
    const context = new FunctionContext(emitter, this.problems, compiled, this.names);
    compiled.entry = emitter.here;
    const { statements, span } = declaration.body;
    emitter.statement(declaration.name.span, compiled);
    context.inner(() => {
      for (const parameter of declaration.parameters) context.declareRegister(parameter, context.newRegister());
      for (const statement of statements) compileStatement(context, statement);
      const last = statements.at(-1)?.kind;
      if (last === "return" || last === "exit" || last === "exec") return;
      const { end } = span;
      emitter.statement({ start: { line: end.line, column: Math.max(1, end.column - 1) }, end }, compiled);
      emitter.emit(() => (_r, t) => t.leave(0));
    });
    compiled.end = emitter.here;
    compiled.frameBytes = Math.ceil(compiled.frameBytes / 16) * 16;
  }
}

const NO_FUNCTION: CompiledFunction = emptyFunction({
  name: { text: "", span: NOWHERE },
  parameters: [],
  span: NOWHERE,
});

function emptyFunction({
  name,
  parameters,
  span,
}: Pick<FunctionDeclaration, "name" | "parameters" | "span">): CompiledFunction {
  return {
    name: name.text,
    span,
    parameters: parameters.map(({ text }) => text),
    locals: [],
    entry: 0,
    end: 0,
    registerCount: 0,
    frameBytes: 0,
  };
}
