// PAGEMAP_SCAN answered from an account and from pagemap's entries, page by page, where the kernel has no such call.
import { Category } from "../../memory/category.ts";
import { type PageSet, RunBuilder } from "../../memory/page-set.ts";
import { PagemapScan } from "../abi.ts";
import type { ScanRequest, ScanResult } from "../kernel.ts";
import type { RegionVector } from "../region-vector.ts";
import type { SoftDirtyAccount } from "./account.ts";
import { categoriesOf } from "./entries.ts";

const { WPALLOWED, WRITTEN } = Category;

/** As the ioctl does it: what is told is protected again, and no more is told than the vector holds. */
export function scanAccount(account: SoftDirtyAccount, request: ScanRequest, into: RegionVector): ScanResult {
  const { start, end, flags, inverted, required, anyOf, returned, maxPages } = request;
  if (start >= end) {
    account.requireMemory();
    return { regions: 0, walkEnd: end };
  }
  const mayProtect = (flags & PagemapScan.WP_MATCHING) !== 0;
  if (mayProtect) account.collect();
  else account.follow();
  const output = new Output(into, returned, maxPages);
  const asked = required | anyOf | returned;
  const needsEntries = (asked & ~(WPALLOWED | WRITTEN)) !== 0;
  const judge = (page: number, categories: number): boolean => {
    const seen = categories ^ inverted;
    if ((seen & required) !== required || (anyOf !== 0 && (seen & anyOf) === 0)) return true;
    return output.put(page, categories);
  };
  walk: for (const { start: first, end: last } of account.mappings) {
    const [from, to] = [Math.max(start, first), Math.min(end, last)];
    if (from >= to) continue;
    for (const part of parts(account.registered, from, to)) {
      // Nothing of it can match: its pages need not be read.
      if (!mayMatch(part.isWatched, request)) continue;
      const base = part.isWatched ? WPALLOWED : 0;
      const isWritten = (page: number): number => (part.isWatched && account.written.has(page) ? WRITTEN : 0);
      if (needsEntries) {
        account.each(part.start, part.end, (page, low, high) =>
          judge(page, base | isWritten(page) | categoriesOf(low, high, account.zeroFrame)),
        );
      } else {
        for (let page = part.start; page < part.end; page += 1) if (!judge(page, base | isWritten(page))) break;
      }
      if (output.stoppedAt !== undefined) break walk;
    }
  }
  if (mayProtect) account.protect(output.finish());
  return { regions: output.regions, walkEnd: output.stoppedAt ?? end };
}

/** Whether pages that are watched, or not, can match at all. */
function mayMatch(isWatched: boolean, { required, inverted, flags }: ScanRequest): boolean {
  if (!isWatched && flags & PagemapScan.WP_MATCHING) return false;
  if ((required & WPALLOWED) === 0) return true;
  return isWatched !== ((inverted & WPALLOWED) !== 0);
}

function* parts(
  watched: PageSet,
  start: number,
  end: number,
): Generator<{ start: number; end: number; isWatched: boolean }> {
  let at = start;
  for (const [first, last] of watched.clip(start, end).pairs()) {
    if (at < first) yield { start: at, end: first, isWatched: false };
    yield { start: first, end: last, isWatched: true };
    at = last;
  }
  if (at < end) yield { start: at, end, isWatched: false };
}

/** Regions as the kernel writes them: neighbours of the same categories are one. */
class Output {
  regions = 0;
  /** The first page that matched and had no room. */
  stoppedAt: number | undefined;
  private readonly into: RegionVector;
  private readonly returned: number;
  private readonly most: number;
  private readonly told = new RunBuilder();
  private pages = 0;
  private first = 0;
  private end = -1;
  private categories = 0;

  constructor(into: RegionVector, returned: number, maxPages: number | undefined) {
    this.into = into;
    this.returned = returned;
    this.most = maxPages || Infinity;
  }

  /** @returns whether the walk goes on. */
  put(page: number, categories: number): boolean {
    const shown = categories & this.returned;
    const joins = this.regions > 0 && page === this.end && shown === this.categories;
    if (this.pages === this.most || (!joins && this.regions === this.into.capacity)) {
      this.stoppedAt = page;
      return false;
    }
    if (!joins) {
      this.regions += 1;
      this.first = page;
      this.categories = shown;
    }
    this.end = page + 1;
    this.pages += 1;
    this.into.set(this.regions - 1, this.first, this.end, shown);
    this.told.add(page, page + 1);
    return true;
  }

  /** What was told. */
  finish(): PageSet {
    return this.told.finish();
  }
}
