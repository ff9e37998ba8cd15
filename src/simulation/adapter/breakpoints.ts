// Breakpoints: which instructions they stand at, and whether a thread that comes there stops.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { suggestion } from "../language/suggest.ts";
import type { CompiledProgram } from "../run/code.ts";
import type { Thread } from "../run/thread.ts";
import { EvaluationError, look, placesOf } from "./evaluate.ts";

interface Breakpoint {
  readonly id: number;
  readonly pc: number;
  readonly kind: "breakpoint" | "function breakpoint";
  readonly condition?: string | undefined;
  readonly hitCondition?: string | undefined;
  readonly logMessage?: string | undefined;
  hits: number;
}

export interface Hit {
  readonly kind: Breakpoint["kind"];
  readonly ids: readonly number[];
}

export class Breakpoints {
  private readonly program: CompiledProgram;
  private readonly say: (text: string) => void;
  private lines: Breakpoint[] = [];
  private functions: Breakpoint[] = [];
  private byPc = new Map<number, Breakpoint[]>();
  private lastId = 0;

  /** @param say writes to the debug console. */
  constructor(program: CompiledProgram, say: (text: string) => void) {
    this.program = program;
    this.say = say;
  }

  /** Replaces all breakpoints of lines. */
  setLines(wanted: readonly DebugProtocol.SourceBreakpoint[]): DebugProtocol.Breakpoint[] {
    this.lines = [];
    const answers = wanted.map((breakpoint): DebugProtocol.Breakpoint => {
      this.lastId += 1;
      const pc = this.instructionAt(breakpoint.line, breakpoint.column);
      const problem = hitProblem(breakpoint.hitCondition);
      if (pc === undefined) return { id: this.lastId, verified: false, message: "No statement stands here or below." };
      if (problem) return { id: this.lastId, verified: false, message: problem };
      this.lines.push({ ...breakpoint, id: this.lastId, pc, kind: "breakpoint", hits: 0 });
      return { id: this.lastId, verified: true, ...this.positionOf(pc) };
    });
    this.index();
    return answers;
  }

  /** Replaces all breakpoints of functions. */
  setFunctions(wanted: readonly DebugProtocol.FunctionBreakpoint[]): DebugProtocol.Breakpoint[] {
    this.functions = [];
    const answers = wanted.map((breakpoint): DebugProtocol.Breakpoint => {
      this.lastId += 1;
      const found = this.program.functions.get(breakpoint.name);
      if (!found) {
        const hint = suggestion(breakpoint.name, this.program.functions.keys());
        return { id: this.lastId, verified: false, message: `There is no function "${breakpoint.name}"${hint}.` };
      }
      this.functions.push({ ...breakpoint, id: this.lastId, pc: found.entry, kind: "function breakpoint", hits: 0 });
      return { id: this.lastId, verified: true, ...this.positionOf(found.entry) };
    });
    this.index();
    return answers;
  }

  /** Where breakpoints can stand in these lines. */
  locations(first: number, last: number): DebugProtocol.BreakpointLocation[] {
    const found = new Map<string, DebugProtocol.BreakpointLocation>();
    for (const pc of this.starts()) {
      const { line, column } = this.positionOf(pc);
      if (line >= first && line <= last) found.set(`${line}:${column}`, { line, column });
    }
    return [...found.values()].sort((a, b) => a.line - b.line || (a.column ?? 0) - (b.column ?? 0));
  }

  /** Whether the thread, which comes to a statement, stops there; counts the visit and writes log messages. */
  hit(thread: Thread): Hit | undefined {
    const here = this.byPc.get(thread.pc);
    if (!here || this.program.starts[thread.pc] !== true) return undefined;
    const stopping = here.filter(breakpoint => this.stops(breakpoint, thread));
    const [first] = stopping;
    return first && { kind: first.kind, ids: stopping.map(({ id }) => id) };
  }

  private stops(breakpoint: Breakpoint, thread: Thread): boolean {
    const { condition, hitCondition, logMessage } = breakpoint;
    if (condition && !this.holds(condition, thread)) return false;
    breakpoint.hits += 1;
    if (hitCondition && !isHit(hitCondition, breakpoint.hits)) return false;
    if (!logMessage) return true;
    this.say(`${logMessage.replace(/\{([^{}]*)\}/g, (_, text: string) => this.shown(text, thread))}\n`);
    return false;
  }

  /** A condition that can't be evaluated stops the program: its writer wants to know. */
  private holds(condition: string, thread: Thread): boolean {
    const [place] = placesOf(thread, 0, 1);
    if (!place) return true;
    try {
      return look(this.program, place, condition) !== 0;
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      this.say(`The breakpoint's condition "${condition}" can't be evaluated: ${error.message}\n`);
      return true;
    }
  }

  private shown(text: string, thread: Thread): string {
    const [place] = placesOf(thread, 0, 1);
    if (!place) return "";
    try {
      return String(look(this.program, place, text));
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      return `{${text}: ${error.message}}`;
    }
  }

  /** The first statement of the line, or of the next line that has one. */
  private instructionAt(line: number, column: number | undefined): number | undefined {
    let best: number | undefined;
    let found = { line: Infinity, column: Infinity };
    for (const pc of this.starts()) {
      const position = this.positionOf(pc);
      if (position.line < line || (position.line === line && position.column < (column ?? 0))) continue;
      if (position.line > found.line || (position.line === found.line && position.column >= found.column)) continue;
      best = pc;
      found = position;
    }
    // Behind the line's last statement, the line's first.
    if (column !== undefined && found.line !== line) return this.instructionAt(line, undefined);
    return best;
  }

  private *starts(): Generator<number> {
    const { starts } = this.program;
    for (let pc = 0; pc < starts.length; pc += 1) if (starts[pc]) yield pc;
  }

  private positionOf(pc: number): { line: number; column: number } {
    const { line, column } = this.program.marks[pc]?.span.start ?? { line: 0, column: 0 };
    return { line, column };
  }

  private index(): void {
    // By hand: Map.groupBy came after the Node 20 of VS Code 1.99's server.
    this.byPc = new Map();
    for (const breakpoint of [...this.lines, ...this.functions]) {
      this.byPc.set(breakpoint.pc, [...(this.byPc.get(breakpoint.pc) ?? []), breakpoint]);
    }
  }
}

const HIT_CONDITION = /^\s*(>=|<=|==|=|>|<|%)?\s*(\d{1,15})\s*$/;

function hitProblem(hitCondition: string | undefined): string | undefined {
  if (!hitCondition || HIT_CONDITION.test(hitCondition)) return undefined;
  return `A hit count is a number, or one of >= > = < <= % and a number, not "${hitCondition}".`;
}

/** A bare number stops from that hit on, as with gdb and lldb. */
function isHit(hitCondition: string, hits: number): boolean {
  const match = HIT_CONDITION.exec(hitCondition);
  const count = Number(match?.[2] ?? 0);
  switch (match?.[1]) {
    case ">":
      return hits > count;
    case "=":
    case "==":
      return hits === count;
    case "<":
      return hits < count;
    case "<=":
      return hits <= count;
    case "%":
      return count > 0 && hits % count === 0;
    default:
      return hits >= count;
  }
}
