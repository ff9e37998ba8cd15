// Bytes, sixteen a line, before and after: side by side where there is room, else one below the other.
import { t } from "../../src/common/l10n.ts";
import { type ByteLine, type InspectReply, NOT_KEPT, NOT_KNOWN } from "../../src/ui/protocol.ts";
import { button } from "../controls.ts";
import { element } from "../elements.ts";
import { hexPieces, type Piece, textPieces } from "./hex.ts";

export class BytesView {
  readonly root = element("div", { className: "bytes", testId: "bytes" });
  private readonly more;
  private shown: InspectReply | null | undefined;

  constructor(showMore: () => void) {
    this.more = button({
      label: t("Show more lines"),
      title: t("Shows more of the bytes"),
      testId: "more-lines",
      onClick: showMore,
    });
  }

  /** @param canShowMore whether more lines may be asked for. */
  update(reply: InspectReply | null, canShowMore: boolean): void {
    if (reply === this.shown) return;
    this.shown = reply;
    if (!reply) {
      this.root.replaceChildren();
      return;
    }
    const { lines, notes, hasMore } = reply;
    this.root.replaceChildren(
      ...notes.map(text => element("p", { className: "byte-note", text })),
      ...(lines.length > 0 ? [scroller(lines), element("p", { className: "fact", text: legend(lines) })] : []),
      ...(hasMore && canShowMore ? [this.more] : []),
      ...(hasMore && !canShowMore
        ? [element("p", { className: "fact", text: t("More lines follow: too many to show.") })]
        : []),
    );
  }
}

function scroller(lines: readonly ByteLine[]): HTMLElement {
  const table = element("div", {
    className: "byte-lines",
    attributes: { role: "table", "aria-label": t("Bytes before and after") },
  });
  table.append(...lines.map(lineRow));
  return element(
    "div",
    {
      className: "byte-scroller",
      attributes: { role: "region", tabindex: "0", "aria-label": t("Bytes before and after, 16 a line") },
    },
    table,
  );
}

function lineRow({ address, before, after, changed }: ByteLine): HTMLElement {
  return element(
    "div",
    { className: "byte-line", attributes: { role: "row" } },
    element("span", {
      className: "byte-address",
      text: `0x${address.toString(16)}`,
      attributes: { role: "rowheader" },
    }),
    ...sides(before, after, changed),
  );
}

function sides(before: Int16Array, after: Int16Array, changed: number): HTMLElement[] {
  const side = (name: string, bytes: Int16Array): HTMLElement =>
    element(
      "span",
      { className: "byte-side", attributes: { role: "cell" } },
      element("span", { className: "byte-label", text: name }),
      element("span", { className: "byte-hex" }, ...hexPieces(bytes, changed).map(pieceElement)),
      element("span", { className: "byte-text" }, ...textPieces(bytes, changed).map(pieceElement)),
    );
  return [side(t("before"), before), side(t("after"), after)];
}

function pieceElement({ text, isChanged }: Piece): Node {
  return isChanged ? element("strong", { className: "byte-changed", text }) : document.createTextNode(text);
}

function legend(lines: readonly ByteLine[]): string {
  const has = (sign: number): boolean =>
    lines.some(({ before, after }) => before.includes(sign) || after.includes(sign));
  return [
    ...(lines.some(({ changed }) => changed !== 0) ? [t("[ ] changed")] : []),
    ...(has(NOT_KEPT) ? [t("·· not changed, and not kept")] : []),
    ...(has(NOT_KNOWN) ? [t("?? not known")] : []),
  ].join("; ");
}
