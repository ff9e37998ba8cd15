// The types of one file's variables, found by their addresses; its debug information is read once, a piece at a time.
import { BadFile, type ByteSource } from "../bytes.ts";
import type { Section } from "../elf/headers.ts";
import { sizeOf, type Type } from "../types/type.ts";
import { TypeReader } from "./type-reader.ts";
import { DebugInfo } from "./units.ts";
import { MOST_INFO, Variables } from "./variables.ts";

/** A section that the linker has compressed (sh_flags). */
const COMPRESSED = 0x800;

export class DebugTypes {
  /** Why there are none, or not all; undefined also where the file has no debug information. */
  problem: string | undefined;
  private readonly info: DebugInfo | undefined;
  private readonly variables: Variables | undefined;
  private reading: Generator<void> | undefined;
  private readonly readers = new WeakMap<Type[], TypeReader>();

  constructor(source: ByteSource, sections: readonly Section[]) {
    const named = new Map(sections.filter(({ name }) => name.startsWith(".debug_")).map(each => [each.name, each]));
    const info = named.get(".debug_info");
    if (!info || !named.has(".debug_abbrev")) return;
    if ([...named.values()].some(({ flags }) => (flags & COMPRESSED) !== 0)) {
      this.problem =
        "The types of its variables are not known: its debug information is compressed (link it without -gz).";
      return;
    }
    if (info.size > MOST_INFO) {
      this.problem = `The types of its variables are not known: it has ${Math.round(info.size / 2 ** 20)} MiB of debug information.`;
      return;
    }
    this.info = new DebugInfo(source, named);
    this.variables = new Variables(this.info);
    this.reading = this.variables.read();
  }

  /** Reads some more of it. @returns whether all is read. */
  readSome(): boolean {
    try {
      if (this.reading?.next().done === false) return false;
    } catch (error) {
      this.fail(error);
    }
    this.reading = undefined;
    return true;
  }

  /**
   * The type of the variable at a link address, so far as the file is read.
   * @param types the table that it is added to. @param size of its symbol: a type of another size is not its.
   * @param isThreadLocal the address is a place in each thread's block.
   */
  typeAt(types: Type[], address: number, size: number, isThreadLocal: boolean): number | undefined {
    const { info, variables } = this;
    const found = (isThreadLocal ? variables?.threadLocal : variables?.placed)?.get(address);
    if (!info || !found || this.reading) return undefined;
    let reader = this.readers.get(types);
    if (!reader) {
      reader = new TypeReader(info, types);
      this.readers.set(types, reader);
    }
    try {
      const type = reader.ofVariable(found.unit, found.at);
      return type !== undefined && sizeOf(types, type) === size ? type : undefined;
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  private fail(error: unknown): void {
    if (!(error instanceof BadFile)) throw error;
    this.problem = `The types of its variables are not known: ${error.message}.`;
  }
}
