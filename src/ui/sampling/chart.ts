// What samples tell as a drawing and tables, in HTML; every text in it is escaped.
import { escaped } from "../../common/escaped.ts";
import { formatSize, PAGE_SIZE } from "../../memory/page.ts";
import type { Migration } from "../../sampling/migration.ts";
import type { MappingPages } from "../../sampling/sampler.ts";
import { migrationWords, secondsWords } from "../../sampling/words.ts";
import type { WindowPages } from "../../sampling/working-set.ts";

/** One sample's height in the chart. */
export interface Bar {
  /** Seconds since the sampling began. */
  readonly at: number;
  readonly pages: number;
  /** MiB in a second. */
  readonly rate: number;
}

export interface SamplingLook {
  readonly state: string;
  /** Oldest first, at most {@link MOST_BARS}. */
  readonly bars: readonly Bar[];
  /** Of the time that the bars span, pages in all. */
  readonly mappings: readonly MappingPages[];
  readonly curve: readonly WindowPages[];
  /** Pages in use. */
  readonly resident: number;
  readonly migration?: Migration;
  /** Bytes a second, and seconds. */
  readonly bandwidth: number;
  readonly downtime: number;
}

/** With more, the oldest are forgotten. */
export const MOST_BARS = 300;
const MOST_MAPPINGS = 12;
const WIDTH = 900;
const HEIGHT = 160;

export function samplingHtml(look: SamplingLook): string {
  const { state, bars, curve, mappings, migration, bandwidth, downtime, resident } = look;
  const last = bars.at(-1);
  const now = last
    ? `${last.rate.toFixed(1)} MiB/s, ${Math.round((last.rate * 1024 ** 2) / PAGE_SIZE).toLocaleString("en")} pages/s`
    : "nothing yet";
  return [
    `<p role="status">${escaped(state)}</p>`,
    `<h2>Written now: ${escaped(now)}</h2>`,
    chart(bars),
    "<h2>Written in a window of time</h2>",
    table(
      ["Window", "On average", "At most"],
      curve.map(({ seconds, mean, most }) => [secondsWords(seconds), formatSize(Math.round(mean)), formatSize(most)]),
    ),
    "<h2>Where</h2>",
    table(
      ["Mapping", "Pages", "Written"],
      mappings.slice(0, MOST_MAPPINGS).map(({ name, pages }) => [name, pages.toLocaleString("en"), formatSize(pages)]),
    ),
    mappings.length > MOST_MAPPINGS ? `<p>and ${mappings.length - MOST_MAPPINGS} more mappings</p>` : "",
    "<h2>Live migration, or checkpoint by pre-copy</h2>",
    `<p>${escaped(`${formatSize(resident)} in use. ${migration ? migrationWords(migration, bandwidth, downtime) : ""}`)}</p>`,
    migration ? rounds(migration) : "",
  ].join("\n");
}

/** One bar a sample, the newest at the right. */
function chart(bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map(({ rate }) => rate));
  const width = WIDTH / MOST_BARS;
  const first = WIDTH - bars.length * width;
  const drawn = bars.map(({ rate, at, pages }, i) => {
    const height = (rate / most) * HEIGHT;
    const title = `${secondsWords(at)}: ${pages.toLocaleString("en")} pages, ${rate.toFixed(1)} MiB/s`;
    const place = `x="${(first + i * width).toFixed(1)}" y="${(HEIGHT - height).toFixed(1)}"`;
    return `<rect ${place} width="${width.toFixed(1)}" height="${height.toFixed(1)}"><title>${title}</title></rect>`;
  });
  const span = bars.length > 0 ? secondsWords((bars.at(-1)?.at ?? 0) - (bars[0]?.at ?? 0)) : "no time";
  const words = `MiB written in a second, over ${span}; at most ${most.toFixed(1)}`;
  return `<figure><svg role="img" aria-label="${words}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">${drawn.join("")}</svg><figcaption>${words}</figcaption></figure>`;
}

function rounds({ rounds: all, last }: Migration): string {
  const rows = [...all, last].map(({ bytes, seconds }, i) => [
    i < all.length ? `${i + 1}` : "paused",
    formatSize(bytes / PAGE_SIZE),
    secondsWords(seconds),
  ]);
  return table(["Round", "Sent", "In"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: "th" | "td", row: readonly string[]): string =>
    `<tr>${row.map(text => `<${tag}>${escaped(text)}</${tag}>`).join("")}</tr>`;
  return `<table>${cells("th", head)}${rows.map(row => cells("td", row)).join("")}</table>`;
}
