// Colours of the current theme as numbers a canvas can mix; read anew when the theme changes.

/** Red, green, blue: 0 to 255. */
export type Rgb = readonly [number, number, number];

export interface Theme {
  /** Of everything that is grey on the map, which is this in parts: what lies behind the page is not known to it. */
  readonly ink: Rgb;
  readonly highContrast: boolean;
  readonly foreground: string;
  readonly dimmed: string;
  readonly border: string;
  readonly focus: string;
  readonly font: string;
  /** For addresses. */
  readonly mono: string;
  readonly colors: {
    readonly written: Rgb;
    readonly debugger: Rgb;
    /** The kernel's own pages. */
    readonly kernel: Rgb;
    /** Written by the step before the chosen one; steps before that fade from it. */
    readonly older: Rgb;
    readonly file: Rgb;
    readonly private: Rgb;
    readonly zero: Rgb;
    readonly huge: Rgb;
    readonly swapped: Rgb;
    /** Of the timeline's bars, and of classes on the map: as many as are told apart. */
    readonly parts: readonly Rgb[];
    /** Written by what a brush is compared with, and by both. */
    readonly there: Rgb;
    readonly both: Rgb;
  };
}

export function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const variable = (name: string, otherwise: string): string =>
    style.getPropertyValue(`--vscode-${name}`).trim() || otherwise;
  const foreground = variable("foreground", "#888888");
  const background = toRgb(variable("panel-background", variable("editor-background", "#000000")), [0, 0, 0]);
  const ink = toRgb(foreground, background);
  const highContrast = /vscode-high-contrast/.test(document.body.className);
  const chart = (name: string, otherwise: string): Rgb => toRgb(variable(`charts-${name}`, otherwise), background);
  return {
    ink,
    highContrast,
    foreground,
    dimmed: variable("descriptionForeground", foreground),
    border: variable("contrastBorder", variable("panel-border", foreground)),
    focus: variable("focusBorder", foreground),
    font: `11px ${variable("font-family", "sans-serif")}`,
    mono: `10px ${variable("editor-font-family", "monospace")}`,
    colors: {
      written: toRgb(variable("writewatch-written", "#f0883e"), background),
      debugger: toRgb(variable("writewatch-debugger", "#b180d7"), background),
      kernel: chart("green", "#89d185"),
      older: chart("blue", "#3794ff"),
      file: chart("blue", "#3794ff"),
      private: chart("green", "#89d185"),
      zero: ink,
      huge: chart("yellow", "#cca700"),
      swapped: chart("red", "#f14c4c"),
      parts: [
        chart("blue", "#3794ff"),
        chart("green", "#89d185"),
        chart("purple", "#b180d7"),
        chart("yellow", "#cca700"),
        chart("red", "#f14c4c"),
        ink,
        ink,
        ink,
      ],
      there: chart("blue", "#3794ff"),
      both: chart("green", "#89d185"),
    },
  };
}

/** Calls back after each change of theme. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-id"] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
}

export function css([r, g, b]: Rgb): string {
  return `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`;
}

const probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

/** The browser itself reads the colour: a theme may write it in any of CSS's ways. */
function toRgb(color: string, background: Rgb): Rgb {
  if (!probe) return background;
  probe.fillStyle = css(background);
  probe.fillRect(0, 0, 1, 1);
  probe.fillStyle = color;
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
  return [r, g, b];
}
