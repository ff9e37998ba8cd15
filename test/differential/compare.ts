// Compares the accounts of both sides, and says in words where they first differ.
import { errnoName } from "../../src/kernel/errno.ts";
import { WAITS } from "../../src/kernel/simulated/system-calls.ts";
import { type Account, type OperationRecord, records } from "./account.ts";
import { AUDIT_FIRST } from "./layout.ts";
import type { Program } from "./operation.ts";
import { formatOperation } from "./scenario.ts";
import { CATEGORY_NAMES, formatAddress } from "./words-of-text.ts";

export interface Divergence {
  /** Index of the first operation that differs. */
  readonly operation: number;
  /** What differs: "result", "fault", "given", "late", "mappings", "regions", "pages", "end". */
  readonly what: string;
  readonly live: string;
  readonly simulated: string;
}

/** @returns undefined where both sides tell the same. */
export function firstDifference(live: Account, simulated: Account): Divergence | undefined {
  if (live.end === simulated.end && live.words.equals(simulated.words)) return undefined;
  const left = records(live);
  const right = records(simulated);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [a, b] = [left[i], right[i]];
    if (!a || !b) break;
    const [was, is] = [fields(a), fields(b)];
    for (const [what, text] of Object.entries(was)) {
      const other = is[what as keyof typeof is];
      if (text !== other) return { operation: i, what, live: text, simulated: other };
    }
  }
  return {
    operation: Math.min(left.length, right.length),
    what: "end",
    live: `${live.end} after ${left.length} operations`,
    simulated: `${simulated.end} after ${right.length} operations`,
  };
}

/** The parts of a record as text, most telling first. */
export function fields(record: OperationRecord) {
  return {
    result: formatResult(record),
    given: record.given.map(word => `0x${word.toString(16)}`).join(" "),
    late: record.late.map(words => words.map(word => `0x${word.toString(16)}`).join(" ")).join("  "),
    mappings: record.mappings.map(formatMapping).join("  "),
    regions:
      typeof record.regions === "bigint" ? formatNumber(record.regions) : record.regions.map(formatRegion).join("  "),
    pages: formatPages(record.pages),
  };
}

/** Long lists without what they begin and end with in common. */
function shortened(left: string, right: string): [string, string] {
  const separator = left.includes("  ") ? "  " : " ";
  const [a, b] = [left.split(separator), right.split(separator)];
  if (a.length + b.length < 24) return [left, right];
  const most = Math.min(a.length, b.length);
  let before = 0;
  while (before < most && a[before] === b[before]) before += 1;
  let after = 0;
  while (after < most - before && a.at(-1 - after) === b.at(-1 - after)) after += 1;
  const rest = (list: string[]) => [
    ...(before > 0 ? ["…"] : []),
    ...list.slice(before, list.length - after),
    ...(after > 0 ? ["…"] : []),
  ];
  return [rest(a).join(separator), rest(b).join(separator)];
}

/** A program with both sides' answers, differences marked. */
export function sideBySide(program: Program, live: Account, simulated: Account): string {
  const left = records(live);
  const right = records(simulated);
  const lines = program.flatMap((operation, i) => {
    const a = left[i] && fields(left[i]);
    const b = right[i] && fields(right[i]);
    const parts = (["result", "given", "late", "mappings", "regions", "pages"] as const).flatMap(what => {
      const [was, is] = [a?.[what], b?.[what]];
      if (was === is) return what === "pages" || !was ? [] : [`      ${what}: ${was}`];
      const [left, right] = shortened(was ?? "nothing", is ?? "nothing");
      return [`  !!  ${what}, live:      ${left}`, `  !!  ${what}, simulated: ${right}`];
    });
    return [formatOperation(operation), ...parts];
  });
  return [...lines, `live: ${live.end}`, `simulated: ${simulated.end}`].join("\n");
}

function formatResult({ result, fault, faultAddress }: OperationRecord): string {
  const number = formatNumber(result);
  return fault === 0 ? number : `${number}, then ${signalName(fault)} at ${formatAddress(faultAddress)}`;
}

function formatNumber(result: bigint): string {
  if (result === BigInt(WAITS)) return "waits";
  if (result < 0n && result > -4096n) return `-${errnoName(Number(-result))}`;
  return result > 1n << 40n ? formatAddress(result) : String(result);
}

function signalName(fault: number): string {
  const names: Record<number, string> = {
    2817: "SIGSEGV (SEGV_MAPERR)",
    2944: "SIGSEGV (SI_KERNEL)",
    2818: "SIGSEGV (SEGV_ACCERR)",
    1794: "SIGBUS (BUS_ADRERR)",
  };
  return names[fault] ?? `signal ${fault >> 8} (code ${fault & 255})`;
}

function formatMapping([start = 0n, end = 0n, flags = 0n, offset = 0n]: readonly bigint[]): string {
  const letters = ["r", "w", "x"].map((letter, bit) => ((flags >> BigInt(bit)) & 1n ? letter : "-")).join("");
  const shared = flags & 8n ? "s" : "p";
  const file = flags & 16n ? ` file ${offset / 4096n}p` : offset === 0n ? "" : ` offset 0x${offset.toString(16)}`;
  return `[${formatAddress(start)}..${formatAddress(end)} ${letters}${shared}${file}]`;
}

/** Runs of equal pagemap entries, those of nothing left out. */
function formatPages(pages: readonly bigint[]): string {
  const runs: { start: number; end: number; entry: bigint }[] = [];
  pages.forEach((entry, i) => {
    const last = runs.at(-1);
    if (last?.entry === entry) last.end = i + 1;
    else runs.push({ start: i, end: i + 1, entry });
  });
  return runs
    .filter(({ entry }) => entry !== 0n)
    .map(({ start, end, entry }) => `@${AUDIT_FIRST + start}..@${AUDIT_FIRST + end}=${formatEntry(entry)}`)
    .join("  ");
}

const ENTRY_BITS = ["soft_dirty", "exclusive", "uffd_wp", "guard", "59", "60", "file", "swap", "present"];

function formatEntry(entry: bigint): string {
  return ENTRY_BITS.filter((_, bit) => (entry >> BigInt(55 + bit)) & 1n).join("|");
}

function formatRegion([start = 0n, end = 0n, categories = 0n]: readonly bigint[]): string {
  const names = CATEGORY_NAMES.filter((_, bit) => (categories >> BigInt(bit)) & 1n).join("|");
  return `${formatAddress(start)}..${formatAddress(end)}=${names || "none"}`;
}
