// What samples tell, in words and numbers that people compare.
import { counted } from "../common/counted.ts";
import { formatSize, PAGE_SIZE } from "../memory/page.ts";
import type { Migration } from "./migration.ts";
import type { Sample } from "./sampler.ts";
import type { WindowPages } from "./working-set.ts";

const MIB = 1024 ** 2;
const MEGABIT = 1e6 / 8;

/** MiB written in a second: each page counts whole, however little of it was written. */
export function rateOf({ pages, seconds }: Pick<Sample, "pages" | "seconds">): number {
  return (pages.pageCount * PAGE_SIZE) / MIB / seconds;
}

/** "1.2 s: 300 pages, 11.7 MiB/s (heap 290, [stack] 10)". */
export function sampleWords(sample: Sample, mostMappings = 3): string {
  const { pages, mappings, at } = sample;
  const shown = mappings
    .slice(0, mostMappings)
    .map(({ name, pages: count }) => `${name} ${count.toLocaleString("en")}`);
  const more = mappings.length > mostMappings ? [`${mappings.length - mostMappings} more`] : [];
  const where = shown.length > 0 ? ` (${[...shown, ...more].join(", ")})` : "";
  return `${secondsWords(at)}: ${counted(pages.pageCount, "page")}, ${rateOf(sample).toFixed(1)} MiB/s${where}`;
}

/** "in 0.8 s: 1.2 MiB on average, at most 2 MiB". */
export function windowWords({ seconds, mean, most }: WindowPages): string {
  return `in ${secondsWords(seconds)}: ${formatSize(Math.round(mean))} on average, at most ${formatSize(most)}`;
}

/** A sentence or two. @param bandwidth bytes a second. @param downtime seconds. */
export function migrationWords(migration: Migration, bandwidth: number, downtime: number): string {
  const { rounds, last, converges, bytes, seconds, neededBandwidth } = migration;
  const how = `At ${(bandwidth / MEGABIT).toLocaleString("en")} Mbit/s`;
  const allowed = `${Math.round(downtime * 1000)} ms`;
  const work = `${counted(rounds.length, "round")}, ${formatSize(bytes / PAGE_SIZE)} in ${secondsWords(seconds)}`;
  if (converges)
    return `${how} a migration converges: ${work}, the last ${Math.round(last.seconds * 1000)} ms of it paused.`;
  const needed =
    neededBandwidth === undefined
      ? "No bandwidth would do"
      : `It would at ${Math.ceil(neededBandwidth / MEGABIT).toLocaleString("en")} Mbit/s`;
  return `${how} a migration does not converge to a pause of ${allowed}: after ${work} the pause would be ${secondsWords(last.seconds)}. ${needed}.`;
}

export function secondsWords(seconds: number): string {
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
}
