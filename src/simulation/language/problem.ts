// Where something stands in a program's text, and what is wrong there.

/** Counted from 1, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Half-open: `end` is the column after the last character. */
export interface Span {
  readonly start: Position;
  readonly end: Position;
}

export interface Problem {
  readonly message: string;
  readonly span: Span;
}

/** A program that cannot run: all that is wrong with it, in the text's order. */
export class ProgramError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(describeProblem).join("\n"));
    this.name = "ProgramError";
    this.problems = problems;
  }
}

/** "line 4, column 12: …" */
export function describeProblem({ message, span }: Problem): string {
  return `line ${span.start.line}, column ${span.start.column}: ${message}`;
}

/** From the first character of one to the last of the other. */
export function spanning(first: Span, last: Span): Span {
  return { start: first.start, end: last.end };
}

/** So many problems say enough; one early mistake can cause hundreds. */
const MOST = 30;

/** Collects problems; one place in the text is complained of once. */
export class ProblemList {
  private readonly list: Problem[] = [];

  report(message: string, span: Span): void {
    const { line, column } = span.start;
    if (this.list.some(({ span: { start } }) => start.line === line && start.column === column)) return;
    if (this.list.length < MOST) this.list.push({ message, span });
  }

  get isEmpty(): boolean {
    return this.list.length === 0;
  }

  get isFull(): boolean {
    return this.list.length >= MOST;
  }

  sorted(): Problem[] {
    return [...this.list].sort(
      ({ span: { start: a } }, { span: { start: b } }) => a.line - b.line || a.column - b.column,
    );
  }
}
