// Types with what pointers lead to, in full: a table of its own that grows as pointers are followed.
import { BadFile } from "../bytes.ts";
import { sizeOf, type Type } from "../types/type.ts";
import { TypeReader } from "./type-reader.ts";
import type { DebugInfo, Unit } from "./units.ts";
import { MOST_NAMED, type VariableEntry, type Variables } from "./variables.ts";

/** Where the type is told that a pointer leads to. */
interface Target {
  readonly reader: TypeReader;
  readonly unit: Unit;
  readonly at: number;
}

/** Larger tables are begun anew: types that only differ by the way to them are there several times. */
const MOST_TYPES = 200_000;

export class TypeGraph {
  readonly types: Type[] = [];
  private readonly variables: Variables;
  private readonly readers = new Map<DebugInfo, TypeReader>();
  /** By the pointer's place in the table. */
  private readonly targets = new Map<number, Target>();
  /** The same of pointers that were made here. */
  private readonly made = new Map<number, number>();
  private byName: Map<string, VariableEntry[]> | undefined;

  constructor(variables: Variables) {
    this.variables = variables;
  }

  get isFull(): boolean {
    return this.types.length > MOST_TYPES;
  }

  /** The type of the variable at a link address; undefined where it is not told, or has another size. */
  ofVariable(address: number, size: number): number | undefined {
    const found = this.variables.placed.get(address);
    const type = found && this.attempt(() => this.readerOf(found.info).ofVariable(found.unit, found.at));
    return type !== undefined && sizeOf(this.types, type) === size ? type : undefined;
  }

  /** What a pointer of the table leads to; undefined of void, of functions, and where only its name is told. */
  pointee(pointer: number): number | undefined {
    const made = this.made.get(pointer);
    if (made !== undefined) return made;
    const target = this.targets.get(pointer);
    const type = target && this.attempt(() => target.reader.typeAt(target.unit, target.at));
    return type !== undefined && sizeOf(this.types, type) > 0 ? type : undefined;
  }

  /** A pointer to a type of the table. */
  pointerTo(type: number): number {
    this.types.push({ kind: "pointer", size: 8, to: type, reference: false });
    this.made.set(this.types.length - 1, type);
    return this.types.length - 1;
  }

  /** Reads the names of all types; gives way after every few dozen. */
  *readNames(): Generator<void> {
    if (this.byName) return;
    const byName = new Map<string, VariableEntry[]>();
    const { types } = this.variables;
    for (let i = 0; i < types.length && types.length <= MOST_NAMED; i += 1) {
      if (i % 64 === 63) yield;
      const { info, unit, at } = types[i];
      const name = this.attempt(() => this.readerOf(info).nameAt(unit, at)) ?? "";
      if (name !== "") byName.set(name, [...(byName.get(name) ?? []), types[i]]);
    }
    this.byName = byName;
  }

  /**
   * The type that a debugger calls so: "struct node", "node_t".
   * @returns undefined where it is not known, or several are called so that differ.
   */
  named(words: string): number | undefined {
    const name = words.replace(/\b(const|volatile|struct|union|class|enum)\b/g, "").trim();
    let found: number | undefined;
    for (const { info, unit, at } of this.byName?.get(name) ?? []) {
      const type = this.attempt(() => this.readerOf(info).typeAt(unit, at));
      if (type === undefined || sizeOf(this.types, type) === 0) continue;
      if (found !== undefined && !this.isAlike(found, type)) return undefined;
      found ??= type;
    }
    return found;
  }

  private isAlike(a: number, b: number): boolean {
    const [one, other] = [this.types[a], this.types[b]];
    if (a === b) return true;
    if (one.kind !== other.kind || sizeOf(this.types, a) !== sizeOf(this.types, b)) return false;
    if (one.kind !== "record" || other.kind !== "record") return true;
    const words = (type: typeof one): string => type.members.map(({ name, offset }) => `${name} ${offset}`).join();
    return words(one) === words(other);
  }

  private readerOf(info: DebugInfo): TypeReader {
    let reader = this.readers.get(info);
    if (!reader) {
      const own = new TypeReader(info, this.types, (pointer, unit, at) =>
        this.targets.set(pointer, { reader: own, unit, at }),
      );
      reader = own;
      this.readers.set(info, own);
    }
    return reader;
  }

  private attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof BadFile)) throw error;
      return undefined;
    }
  }
}
