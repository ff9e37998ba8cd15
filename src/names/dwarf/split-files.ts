// Finds the debug information that a compiler has split off to files beside the program: one a source (.dwo), or one for all (.dwp).
import { BadFile, type ByteSource, readExactly, u64, viewOf } from "../bytes.ts";
import { readHeaders, type Section } from "../elf/headers.ts";
import { At } from "./codes.ts";
import { type DebugSections, pieceOf, StoredSections, type Unpack } from "./sections.ts";
import { DebugInfo, textsBase, type Unit } from "./units.ts";

/** Files that are kept open: of programs of more sources than that, a .dwp is one. */
const MOST_FILES = 500;
/** Units of one .dwp. */
const MOST_UNITS = 1 << 20;
/** Columns of a .dwp's index (DW_SECT_*): the same in DWARF 5 and before it, as far as they are read. */
const COLUMNS: Readonly<Record<number, string>> = { 1: ".debug_info", 3: ".debug_abbrev", 6: ".debug_str_offsets" };

const OF_SKELETON = new Set<number>([
  ...[At.DWO_NAME, At.GNU_DWO_NAME, At.GNU_DWO_ID, At.COMP_DIR, At.ADDR_BASE, At.GNU_ADDR_BASE],
  ...[At.STR_OFFSETS_BASE],
]);

export interface SplitSurroundings {
  /** Paths of the program, and of the file that its debug information is in. */
  readonly paths: readonly string[];
  /** @returns undefined where there is none. */
  open(path: string): ByteSource | undefined;
  readonly unpack: Unpack | undefined;
  /** The file that has what several programs' debug information has in common. */
  readonly shared: { readonly source: ByteSource; readonly sections: readonly Section[] } | undefined;
  /** Link address and bytes of each thread's block of thread-local data. */
  readonly threadLocal: { readonly address: number; readonly size: number } | undefined;
}

/** What a skeleton tells of the unit that was split off. */
interface Skeleton {
  readonly name: string;
  readonly folder: string;
  readonly id: number;
  /** Of its table of addresses. */
  readonly addresses: number;
}

export class SplitFiles {
  private readonly surroundings: SplitSurroundings;
  private readonly info: DebugInfo;
  private package: { readonly sections: DebugSections; readonly rows: ReadonlyMap<number, DebugSections> } | undefined;
  private isLooked = false;
  private files = 0;
  /** Names of files that were not found, or are of another build. */
  readonly missing: string[] = [];

  /** @param info the skeletons'. */
  constructor(info: DebugInfo, surroundings: SplitSurroundings) {
    this.info = info;
    this.surroundings = surroundings;
  }

  /**
   * What was split off the unit, where it is a skeleton.
   * @returns undefined where nothing was, or where it can't be had.
   */
  *of(unit: Unit): Generator<Promise<unknown>, DebugInfo | undefined> {
    const skeleton = this.skeletonOf(unit);
    if (!skeleton) return undefined;
    if (!this.isLooked) {
      this.isLooked = true;
      yield* this.openPackage();
    }
    const sections = this.package?.rows.get(skeleton.id) ?? (yield* this.openFile(skeleton));
    if (!sections) {
      this.missing.push(skeleton.name);
      return undefined;
    }
    const at = (index: number): number | undefined => this.info.address(index, skeleton.addresses);
    return new DebugInfo(sections, { at, inBlock: index => this.placeInBlock(at(index)) });
  }

  /** clang counts from the block's begin; gcc puts the link address there, which begins where the block does. */
  private placeInBlock(at: number | undefined): number | undefined {
    const { threadLocal } = this.surroundings;
    if (at === undefined || !threadLocal) return undefined;
    const { address, size } = threadLocal;
    // Of a block larger than that it could be either.
    if (size > address) return undefined;
    return at >= address ? at - address : at;
  }

  private skeletonOf(unit: Unit): Skeleton | undefined {
    if (unit.kind !== "skeleton" && unit.version !== 4) return undefined;
    const { info } = this;
    const values = info.entry(unit, info.cursorAt(unit, unit.first), OF_SKELETON)?.values;
    const number = (attribute: number): number | undefined => {
      const value = values?.get(attribute);
      return typeof value === "number" ? value : undefined;
    };
    const words = (attribute: number): string =>
      info.text(values?.get(attribute), unit, number(At.STR_OFFSETS_BASE) ?? textsBase(unit));
    const name = words(At.DWO_NAME) || words(At.GNU_DWO_NAME);
    const id = unit.splitId ?? number(At.GNU_DWO_ID);
    if (name === "" || id === undefined) return undefined;
    const addresses = number(At.ADDR_BASE) ?? number(At.GNU_ADDR_BASE) ?? (unit.version >= 5 ? 8 : 0);
    return { name, folder: words(At.COMP_DIR), id, addresses };
  }

  private *openFile(skeleton: Skeleton): Generator<Promise<unknown>, DebugSections | undefined> {
    if (this.files === MOST_FILES) return undefined;
    const { paths, open, unpack } = this.surroundings;
    const { name, folder } = skeleton;
    const base = name.slice(name.lastIndexOf("/") + 1);
    const beside = paths.map(path => `${path.slice(0, path.lastIndexOf("/") + 1)}${base}`);
    for (const path of [name.startsWith("/") ? name : `${folder}/${name}`, ...beside]) {
      const source = open(path);
      if (!source) continue;
      const sections = yield* sectionsIn(source, unpack);
      if (!sections || idOf(sections) !== skeleton.id) continue;
      this.files += 1;
      return sections;
    }
    return undefined;
  }

  private *openPackage(): Generator<Promise<unknown>, void> {
    const { paths, open, unpack } = this.surroundings;
    for (const path of paths) {
      const source = open(`${path}.dwp`);
      const sections = source && (yield* sectionsIn(source, unpack));
      const index = sections?.get(".debug_cu_index");
      if (!sections || !index) continue;
      this.package = { sections, rows: rowsOf(index, sections) };
      return;
    }
  }
}

/** @returns undefined of what is no file of split debug information. */
function* sectionsIn(
  source: ByteSource,
  unpack: Unpack | undefined,
): Generator<Promise<unknown>, DebugSections | undefined> {
  try {
    const stored = new StoredSections(source, readHeaders(source).sections, true);
    if (!stored.has(".debug_info") || !stored.has(".debug_abbrev")) return undefined;
    return yield* stored.unpacked(unpack);
  } catch (error) {
    if (error instanceof BadFile) return undefined;
    throw error;
  }
}

/** Of the one unit of a .dwo that is no unit of types. */
function idOf(sections: DebugSections): number | undefined {
  const info = new DebugInfo(sections);
  try {
    for (let unit = info.unitAt(0); unit; unit = info.unitAt(unit.end)) {
      if (unit.abbreviations < 0) continue;
      if (unit.splitId !== undefined) return unit.splitId;
      const id = info.entry(unit, info.cursorAt(unit, unit.first), OF_SKELETON)?.values.get(At.GNU_DWO_ID);
      return typeof id === "number" ? id : undefined;
    }
  } catch (error) {
    if (!(error instanceof BadFile)) throw error;
  }
  return undefined;
}

/** The parts of a .dwp's sections that belong to each unit, by its identity (DWARF 5, 7.3.5.3). @throws {BadFile} it is damaged. */
function rowsOf(index: ByteSource, sections: DebugSections): Map<number, DebugSections> {
  const head = viewOf(readExactly(index, 0, 16, "the index of split units"));
  const [columns, units, slots] = [4, 8, 12].map(at => head.getUint32(at, true));
  if (columns > 16 || units > MOST_UNITS || slots > MOST_UNITS * 4)
    throw new BadFile("its index of split units is damaged");
  const size = 16 + slots * 12 + 4 * columns * (1 + 2 * units);
  const view = viewOf(readExactly(index, 0, size, "the index of split units"));
  const rowsAt = 16 + slots * 8;
  const namesAt = rowsAt + slots * 4;
  const offsetsAt = namesAt + columns * 4;
  const sizesAt = offsetsAt + units * columns * 4;
  const rows = new Map<number, DebugSections>();
  for (let slot = 0; slot < slots; slot += 1) {
    const row = view.getUint32(rowsAt + slot * 4, true);
    if (row === 0 || row > units) continue;
    const own = new Map(sections);
    for (let column = 0; column < columns; column += 1) {
      const name = COLUMNS[view.getUint32(namesAt + column * 4, true)];
      const whole = name === undefined ? undefined : sections.get(name);
      if (name === undefined || !whole) continue;
      const at = ((row - 1) * columns + column) * 4;
      const offset = view.getUint32(offsetsAt + at, true);
      own.set(name, pieceOf(whole, offset, view.getUint32(sizesAt + at, true), name));
    }
    rows.set(u64(view, 16 + slot * 8), own);
  }
  return rows;
}
