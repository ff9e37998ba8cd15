// Arbitrary programs: small pools of addresses, so that operations meet each other's mappings, and now and then nonsense.
import fc, { type Arbitrary } from "fast-check";
import { Advice, MapFlag, Protection } from "../../src/kernel/abi.ts";
import { generateMemory } from "./generate-memory.ts";
import { generateWaiting, startWaiting, withSecondThreads } from "./generate-waiting.ts";
import { generateWatching, startWatching } from "./generate-watching.ts";
import { MIDDLE, PAGE } from "./layout.ts";
import { descriptor, type Operation, type Program } from "./operation.ts";

/** A few operations that belong together, by the name under which the fuzz command leaves them out. */
export interface Chunk {
  readonly name: string;
  readonly weight: number;
  readonly operations: Arbitrary<readonly Operation[]>;
}

export interface Choice {
  /** Names of chunks or calls that do not occur. */
  readonly without: ReadonlySet<string>;
  /** Where given, only these chunks occur, and mappings of anonymous memory. */
  readonly only?: ReadonlySet<string> | undefined;
}

export const EVERYTHING: Choice = { without: new Set() };

const MOST_CHUNKS = 40;

export function chunkNames(): string[] {
  return [...new Set(chunks(false).map(({ name }) => name))];
}

/** Programs of 1 to about 60 operations. Each shrinks to fewer operations with simpler arguments. */
export function programs({ without, only }: Choice = EVERYTHING): Arbitrary<Program> {
  const chosen = chunks(!without.has("invalid")).filter(
    ({ name }) => !without.has(name) && (!only || only.has(name) || name === "anonymous"),
  );
  const chunk = fc.oneof(...chosen.map(({ weight, operations }) => ({ weight, arbitrary: operations })));
  const chunkList = fc.array(chunk, { minLength: 1, maxLength: MOST_CHUNKS, size: "max" });
  return fc
    .tuple(fc.oneof(...grounds(chosen)), chunkList)
    .map(([ground, list]) => withLastLook([...ground, ...list.flat()].filter(({ call }) => !without.has(call))))
    .map(comparable)
    .map(withSecondThreads)
    .filter(program => program.length > 0);
}

/**
 * Without what can't be compared (README, "How true it is"): collapse where files are mapped, as huge pages of files are not
 * simulated; paging out of files on disk, whose pages leave the cache when the disk has them, sooner or later; and files on disk cut
 * short and long again or punched, whose holes the file system reads in its own way.
 */
function comparable(program: Program): Program {
  const mapsFiles = program.some(({ call, args }) => {
    const flags = Number(BigInt.asUintN(32, args[3] ?? 0n));
    return call === "mmap" && ((flags & MapFlag.ANONYMOUS) === 0 || (flags & 0xf) !== MapFlag.PRIVATE);
  });
  const opensFiles = program.some(({ call }) => call === "open");
  return program.filter(({ call, args }) => {
    if (call === "ftruncate") return !opensFiles;
    if (call !== "madvise") return true;
    const advice = Number(args[2]);
    if (opensFiles && (advice === Advice.PAGEOUT || advice === Advice.REMOVE)) return false;
    return !mapsFiles || advice !== Advice.COLLAPSE;
  });
}

/** Memory is looked at after an operation of its own process: in the end everybody does something that changes nothing. */
function withLastLook(program: Program): Program {
  if (!program.some(({ call }) => call === "fork")) return program;
  const looks = [0, 1, 2].map(process => ({ process, call: "close" as const, args: [descriptor("none")] }));
  return [...program, ...looks];
}

/** What programs begin with: memory for their operations to work on, or none. */
function grounds(chosen: readonly Chunk[]) {
  const has = (name: string) => chosen.some(chunk => chunk.name === name);
  const anonymous = groundOf(MapFlag.PRIVATE | MapFlag.ANONYMOUS);
  const shared = groundOf(MapFlag.SHARED | MapFlag.ANONYMOUS);
  const list: { weight: number; arbitrary: Arbitrary<readonly Operation[]> }[] = [
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 6, arbitrary: fc.constant([anonymous]) },
  ];
  if (has("watch")) list.push({ weight: 6, arbitrary: startWatching(false).map(watch => [anonymous, ...watch]) });
  if (has("wait")) list.push({ weight: 6, arbitrary: startWaiting(false).map(wait => [anonymous, ...wait]) });
  if (has("shared")) list.push({ weight: 1, arbitrary: fc.constant([shared]) });
  if (has("shared") && has("watch")) {
    list.push({ weight: 2, arbitrary: startWatching(false).map(watch => [shared, ...watch]) });
  }
  if (has("shared") && has("wait")) {
    list.push({ weight: 2, arbitrary: startWaiting(false).map(wait => [shared, ...wait]) });
  }
  if (has("files")) {
    const files = [MapFlag.SHARED, MapFlag.PRIVATE].map(kind => [
      { process: 0, call: "memfd" as const, args: [] },
      { process: 0, call: "ftruncate" as const, args: [descriptor("memory"), 40n * PAGE] },
      groundOf(kind, descriptor("memory")),
    ]);
    list.push({ weight: 3, arbitrary: fc.constantFrom(...files) });
  }
  return list;
}

function groundOf(flags: number, file = descriptor("none")): Operation {
  const start = MIDDLE - 4n * PAGE;
  const protection = BigInt(Protection.READ | Protection.WRITE);
  return { process: 0, call: "mmap", args: [start, 68n * PAGE, protection, BigInt(flags | MapFlag.FIXED), file, 0n] };
}

function chunks(invalid: boolean): Chunk[] {
  return [...generateMemory(invalid), ...generateWatching(invalid), ...generateWaiting(invalid)];
}
