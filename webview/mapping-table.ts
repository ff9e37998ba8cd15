// The map's numbers as a table that is not seen: for screen readers, and for whoever asks the page.
import { addressOf, formatAddress } from "../src/memory/page.ts";
import type { MappingRow } from "../src/ui/panel-messages.ts";
import { element } from "./elements.ts";
import type { Coverage } from "./map/coverage.ts";

/** A table of thousands of rows is of no use to anyone. */
const MOST_ROWS = 300;

export interface Column {
  readonly title: string;
  readonly coverage: Coverage;
}

export class MappingTable {
  readonly root = element("table", { className: "visually-hidden", testId: "mappings" });
  private scheduled: number | undefined;

  /** Rebuilds the table when the page has nothing better to do. */
  update(rows: readonly MappingRow[], columns: readonly Column[]): void {
    if (this.scheduled !== undefined) cancelIdleCallback(this.scheduled);
    this.scheduled = requestIdleCallback(() => this.build(rows, columns));
  }

  private build(rows: readonly MappingRow[], columns: readonly Column[]): void {
    const head = ["Mapping", "Start", "End", "Permissions", "Armed", ...columns.map(({ title }) => title)];
    const shown = rows.slice(0, MOST_ROWS);
    this.root.replaceChildren(
      element("caption", { text: "Mappings" }),
      element("tr", {}, ...head.map(text => element("th", { text }))),
      ...shown.map(row =>
        element(
          "tr",
          { attributes: { "data-start": String(addressOf(row.start)) } },
          ...[
            row.name || "[anon]",
            formatAddress(row.start),
            formatAddress(row.end),
            row.permissions,
            row.armed === "no" ? `no${row.reason ? `: ${row.reason}` : ""}` : row.armed,
            ...columns.map(({ coverage }) => String(coverage.count(row.start, row.end))),
          ].map(text => element("td", { text })),
        ),
      ),
    );
    if (rows.length > shown.length) {
      this.root.append(element("tr", {}, element("td", { text: `and ${rows.length - shown.length} more mappings` })));
    }
  }
}
