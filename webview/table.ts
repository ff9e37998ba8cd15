// The mappings as a table: what the map shows, for reading, and for whoever can't see it.

import { grouped } from "../src/common/counted.ts";
import { t } from "../src/common/l10n.ts";
import { formatAddress } from "../src/memory/page.ts";
import { classWords } from "../src/recording/code-words.ts";
import type { RecordingItem, TableRow } from "../src/ui/protocol.ts";
import { button } from "./controls.ts";
import { element, setText } from "./elements.ts";
import type { Event, State } from "./state.ts";
import { TABLE_PAGE } from "./wants.ts";

const OF_STEPS = [t("Resident"), t("Written by the chosen step"), t("Written in all")];
const OF_BRUSHES = [t("Written by the brushed steps"), t("Written by those compared")];

export class MappingTable {
  readonly root = element("div", { className: "table", testId: "mappings" });
  private readonly head = element("thead");
  private readonly body = element("tbody");
  private readonly where = element("span", { className: "dimmed" });
  private readonly pager;
  private readonly before;
  private readonly after;
  private from = 0;
  private shown: unknown;

  constructor(dispatch: (event: Event) => void) {
    const turn = (by: number) => () => dispatch({ type: "tablePaged", from: this.from + by });
    this.before = button({ label: t("Previous"), title: t("Earlier mappings"), onClick: turn(-TABLE_PAGE) });
    this.after = button({
      label: t("Next"),
      title: t("Later mappings"),
      testId: "table-next",
      onClick: turn(TABLE_PAGE),
    });
    this.pager = element("div", { className: "pager" }, this.before, this.after, this.where);
    const table = element(
      "table",
      {},
      element("caption", { className: "visually-hidden", text: t("Mappings") }),
      this.head,
      this.body,
    );
    const scroller = element(
      "div",
      {
        className: "table-scroller",
        attributes: { tabindex: "0", role: "region", "aria-label": t("Table of mappings") },
      },
      table,
    );
    this.root.append(scroller, this.pager);
  }

  update({ slots, tableFrom }: State, item: RecordingItem): void {
    const { shown } = slots.table;
    this.from = tableFrom;
    if (!shown || shown === this.shown) return;
    this.shown = shown;
    const { total, rows } = shown.reply;
    const { brush, other } = shown.query.look ?? {};
    const brushes = OF_BRUSHES.slice(0, other ? 2 : brush ? 1 : 0);
    const counts = item.classes ? item.classes.map(({ name }) => classWords(name)) : [...OF_STEPS, ...brushes];
    const title = (className: string) => (text: string) =>
      element("th", { text, className, attributes: { scope: "col" } });
    const titles = [t("Start"), t("End"), t("Perms"), t("Mapping"), t("Armed")].map(title(""));
    this.head.replaceChildren(element("tr", {}, ...titles, ...counts.map(title("number"))));
    this.body.replaceChildren(...rows.map(rowOf));
    const [first, last] = [shown.query.from + 1, shown.query.from + rows.length];
    setText(
      this.where,
      total === 0 ? t("No mappings") : t("{0} to {1} of {2}", grouped(first), grouped(last), grouped(total)),
    );
    this.before.disabled = shown.query.from === 0;
    this.after.disabled = last >= total;
    this.pager.hidden = total <= rows.length;
  }
}

function rowOf(row: TableRow): HTMLElement {
  const { resident, written, everWritten, brushed, compared } = row;
  const brushes = [brushed, compared].filter(count => count !== undefined);
  const counts = row.classes ?? [resident, written, everWritten, ...brushes];
  return element(
    "tr",
    { attributes: { "data-start": String(row.start) } },
    element("td", { className: "address", text: formatAddress(row.start) }),
    element("td", { className: "address", text: formatAddress(row.end) }),
    element("td", { className: "address", text: row.permissions }),
    element("th", { text: row.name || "[anon]", attributes: { scope: "row" } }),
    element("td", { text: armedText(row) }),
    ...counts.map(count => element("td", { className: "number", text: grouped(count) })),
  );
}

const ARMED = { complete: t("complete"), populated: t("populated"), no: t("no") } as const;

/** How it is armed, or why it is not, and who may write there unseen for all that. */
function armedText({ armed, reason, unseen }: TableRow): string {
  const how = armed === "no" && reason ? t("no: {0}", reason) : ARMED[armed];
  return unseen ? t("{0}; parts may change unseen: {1}", how, unseen) : how;
}
