// Values by their types, before and after a step side by side; what changed says so in a word of its own.
import { t } from "../../src/common/l10n.ts";
import type { ValueItem } from "../../src/ui/protocol.ts";
import { element } from "../elements.ts";

export class ValuesView {
  readonly root = element("div", {
    className: "values-scroller",
    testId: "values",
    attributes: { role: "region", tabindex: "0", "aria-label": t("Values before and after") },
  });
  private signature = "";

  update(values: readonly ValueItem[]): void {
    const signature = JSON.stringify(values);
    if (signature === this.signature) return;
    this.signature = signature;
    this.root.hidden = values.length === 0;
    this.root.replaceChildren(...(values.length > 0 ? [table(values)] : []));
  }
}

function table(values: readonly ValueItem[]): HTMLElement {
  const hasTypes = values.some(({ type }) => type !== "");
  const titles = [t("value"), ...(hasTypes ? [t("type")] : []), t("before"), t("after")];
  return element(
    "table",
    { className: "values" },
    element(
      "thead",
      {},
      element("tr", {}, ...titles.map(text => element("th", { text, attributes: { scope: "col" } }))),
    ),
    element("tbody", {}, ...values.map(value => row(value, hasTypes))),
  );
}

function row({ words, type, before, after, isChanged }: ValueItem, hasTypes: boolean): HTMLElement {
  const now = isChanged
    ? element("td", {}, element("strong", { className: "byte-changed", text: after }), t(" changed"))
    : element("td", { text: after });
  return element(
    "tr",
    {},
    element("th", { text: words, attributes: { scope: "row" } }),
    ...(hasTypes ? [element("td", { className: "value-type", text: type })] : []),
    element("td", { text: before }),
    now,
  );
}
