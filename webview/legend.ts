// What the colours mean.
import { element } from "./elements.ts";
import { css, type Theme } from "./theme.ts";

export interface LegendEntry {
  readonly name: string;
  readonly color: keyof Theme["colors"];
}

export const STEP_LEGEND: readonly LegendEntry[] = [
  { name: "written by this step", color: "written" },
  { name: "by the debugger", color: "debugger" },
  { name: "in memory", color: "resident" },
  { name: "unpopulated", color: "hole" },
];

export function legend(entries: readonly LegendEntry[], theme: Theme): HTMLElement {
  const root = element("div", { className: "legend", attributes: { "aria-hidden": "true" } });
  for (const { name, color } of entries) {
    const swatch = element("span", { className: "swatch" });
    swatch.style.backgroundColor = css(theme.colors[color]);
    root.append(element("span", { className: "legend-entry" }, swatch, name));
  }
  return root;
}
