// The types of one file's variables, found by their addresses; its debug information is read once, a piece at a time.
import { BadFile, type ByteSource } from "../bytes.ts";
import type { Section } from "../elf/headers.ts";
import { sizeOf, type Type } from "../types/type.ts";
import { StoredSections } from "./sections.ts";
import { SplitFiles, type SplitSurroundings } from "./split-files.ts";
import { TypeGraph } from "./type-graph.ts";
import { TypeReader } from "./type-reader.ts";
import { DebugInfo } from "./units.ts";
import { MOST_INFO, Variables } from "./variables.ts";

/** What reading comes to for now: there is more, all is done, or something must be waited for. */
export type Reading = "more" | "done" | Promise<unknown>;

export class DebugTypes {
  /** Why there are none, or not all; undefined also where the file has no debug information. */
  problem: string | undefined;
  private readonly variables = new Variables();
  private followed: TypeGraph | undefined;
  private reading: Generator<undefined | Promise<unknown>> | undefined;
  private readonly readers = new WeakMap<Type[], Map<DebugInfo, TypeReader>>();

  /** @param split where what was split off the file's debug information may be. */
  constructor(source: ByteSource, sections: readonly Section[], split: SplitSurroundings) {
    const stored = new StoredSections(source, sections);
    if (stored.has(".debug_info") && stored.has(".debug_abbrev")) this.reading = this.readAll(stored, split);
  }

  /** Reads some more of it. */
  readSome(): Reading {
    try {
      const next = this.reading?.next();
      if (next?.done === false) return next.value ?? "more";
    } catch (error) {
      this.fail(error);
    }
    this.reading = undefined;
    return "done";
  }

  /** Types with what their pointers lead to; undefined while the file is read. */
  get graph(): TypeGraph | undefined {
    if (this.reading) return undefined;
    if (!this.followed || this.followed.isFull) this.followed = new TypeGraph(this.variables);
    return this.followed;
  }

  /** Link addresses of the variables whose types are told. */
  get addresses(): Iterable<number> {
    return this.variables.placed.keys();
  }

  /**
   * The type of the variable at a link address, so far as the file is read.
   * @param types the table that it is added to. @param size of its symbol: a type of another size is not its.
   * @param isThreadLocal the address is a place in each thread's block.
   */
  typeAt(types: Type[], address: number, size: number, isThreadLocal: boolean): number | undefined {
    const { variables } = this;
    const found = (isThreadLocal ? variables.threadLocal : variables.placed).get(address);
    if (!found || this.reading) return undefined;
    const reader = this.readerOf(types, found.info);
    try {
      const type = reader.ofVariable(found.unit, found.at);
      return type !== undefined && sizeOf(types, type) === size ? type : undefined;
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  private *readAll(stored: StoredSections, split: SplitSurroundings): Generator<undefined | Promise<unknown>> {
    const own = yield* stored.unpacked(split.unpack);
    const { shared } = split;
    const common = shared && new StoredSections(shared.source, shared.sections);
    const info = new DebugInfo(own, undefined, common && (yield* common.unpacked(split.unpack)));
    if (info.size > MOST_INFO) throw new BadFile(`it has ${Math.round(info.size / 2 ** 20)} MiB of debug information`);
    const files = new SplitFiles(info, split);
    try {
      yield* this.variables.read(info, files);
    } finally {
      const [first, ...more] = files.missing;
      if (first !== undefined) {
        const others = more.length > 0 ? ` (and ${more.length} more)` : "";
        this.problem = `The types of some variables are not known: ${first}${others}, which its debug information was split off to, is not there or is of another build.`;
      }
    }
  }

  private readerOf(types: Type[], info: DebugInfo): TypeReader {
    const readers = this.readers.get(types) ?? new Map<DebugInfo, TypeReader>();
    this.readers.set(types, readers);
    const reader = readers.get(info) ?? new TypeReader(info, types);
    readers.set(info, reader);
    return reader;
  }

  private fail(error: unknown): void {
    if (!(error instanceof BadFile)) throw error;
    this.problem = `The types of its variables are not known: ${error.message}.`;
  }
}
