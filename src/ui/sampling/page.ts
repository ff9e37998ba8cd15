// The page of a sampling: what can be chosen, and below it what the extension draws.
import { escaped } from "../../common/escaped.ts";

/** What a person chose; anything else that the page sends is none. */
export interface SamplingChoice {
  /** Milliseconds between two samples. */
  readonly interval: number;
  /** Megabits a second. */
  readonly bandwidth: number;
  /** Milliseconds. */
  readonly downtime: number;
  readonly isRunning: boolean;
}

export const DEFAULT_CHOICE: SamplingChoice = { interval: 200, bandwidth: 1000, downtime: 300, isRunning: true };

/** @returns undefined where it is no choice that can be followed. */
export function parseChoice(message: unknown): SamplingChoice | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const { interval, bandwidth, downtime, isRunning } = message as Partial<Record<string, unknown>>;
  const isWithin = (value: unknown, least: number, most: number): value is number =>
    typeof value === "number" && value >= least && value <= most;
  if (!isWithin(interval, 10, 60_000) || !isWithin(bandwidth, 0.001, 1e9) || !isWithin(downtime, 0, 3_600_000))
    return undefined;
  return typeof isRunning === "boolean" ? { interval, bandwidth, downtime, isRunning } : undefined;
}

const STYLE = `body { color: var(--vscode-foreground); font-family: var(--vscode-font-family); padding: 0 1em; }
h2 { font-size: 1.05em; margin: 1em 0 0.3em; }
form { display: flex; flex-wrap: wrap; gap: 1em; align-items: end; margin: 1em 0; }
input { width: 7em; color: var(--vscode-input-foreground); background: var(--vscode-input-background);
  border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent)); padding: 2px 4px; }
button { color: var(--vscode-button-foreground); background: var(--vscode-button-background); padding: 4px 12px;
  border: 1px solid var(--vscode-contrastBorder, transparent); }
:focus-visible { outline: 1px solid var(--vscode-focusBorder); }
figure { margin: 0; } figcaption { color: var(--vscode-descriptionForeground); }
svg { width: 100%; height: 160px; background: var(--vscode-editorWidget-background); }
rect { fill: var(--vscode-writewatch-written, var(--vscode-charts-orange)); }
table { border-collapse: collapse; } th, td { text-align: left; padding: 2px 1.5em 2px 0; font-variant-numeric: tabular-nums; }`;

const SCRIPT = `const host = acquireVsCodeApi(), form = document.querySelector("form"), button = document.querySelector("button");
let isRunning = true;
const choose = () => {
  if (!form.reportValidity()) return;
  host.postMessage({ isRunning, interval: form.interval.valueAsNumber, bandwidth: form.bandwidth.valueAsNumber,
    downtime: form.downtime.valueAsNumber });
};
form.addEventListener("change", choose);
form.addEventListener("submit", event => {
  event.preventDefault();
  isRunning = !isRunning;
  button.textContent = isRunning ? "Stop sampling" : "Sample again";
  choose();
});
addEventListener("message", ({ data }) => {
  document.getElementById("told").innerHTML = data.html;
  if (data.isOver) button.disabled = true;
});`;

/** @param title what is sampled. @param nonce of the page's own script and style. */
export function samplingPage(title: string, nonce: string): string {
  const { interval, bandwidth, downtime } = DEFAULT_CHOICE;
  const field = (name: string, words: string, value: number, least: number, most: number): string =>
    `<label>${words}<br><input name="${name}" type="number" step="any" required min="${least}" max="${most}" value="${value}"></label>`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<form>
${field("interval", "A sample every (ms)", interval, 10, 60_000)}
${field("bandwidth", "A migration sends (Mbit/s)", bandwidth, 0.001, 1e9)}
${field("downtime", "and may pause for (ms)", downtime, 0, 3_600_000)}
<button type="submit">Stop sampling</button>
</form>
<main id="told"></main>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>`;
}
