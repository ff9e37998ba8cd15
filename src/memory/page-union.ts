// The union of many page sets that come one by one, without copying the large part each time a small one comes.
import { PageSet } from "./page-set.ts";

/** Sets are joined with such of their own age, as binary digits are carried: each page is copied as often as the count has digits. */
export class PageUnion {
  private readonly parts: (PageSet | undefined)[] = [];

  add(set: PageSet): void {
    if (set.isEmpty) return;
    let carried = set;
    for (let i = 0; ; i += 1) {
      const part = this.parts[i];
      if (part === undefined) {
        this.parts[i] = carried;
        return;
      }
      carried = part.union(carried);
      this.parts[i] = undefined;
    }
  }

  all(): PageSet {
    return this.parts.reduce<PageSet>((all, part) => (part ? all.union(part) : all), PageSet.EMPTY);
  }

  clear(): void {
    this.parts.length = 0;
  }
}
