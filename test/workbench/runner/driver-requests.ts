// What a test inside the extension host may ask of the browser around it, and what comes back.

export type DriverRequest =
  /** A picture of the whole window, or of the first element that matches in it. */
  | { readonly do: "screenshot"; readonly path: string; readonly selector?: string }
  /** Runs an expression in the workbench page. */
  | { readonly do: "evaluateInPage"; readonly script: string }
  /** Runs an expression in the page of the webview that holds `within` (default: the newest webview). */
  | { readonly do: "evaluateInWebview"; readonly script: string; readonly within?: string }
  | { readonly do: "clickInPage"; readonly selector: string }
  | { readonly do: "clickInWebview"; readonly selector: string; readonly within?: string }
  /** Waits until the expression is true there, checked on every animation frame. */
  | { readonly do: "waitInPage"; readonly script: string; readonly timeoutMs?: number }
  | { readonly do: "waitInWebview"; readonly script: string; readonly within?: string; readonly timeoutMs?: number }
  /** One key or chord, as Playwright names them: "F10", "Control+Shift+P". */
  | { readonly do: "press"; readonly keys: string }
  | { readonly do: "type"; readonly text: string }
  | { readonly do: "resizeWindow"; readonly width: number; readonly height: number }
  /** Opens a file in a tab of its own, waits until the expression is true there, and takes a picture, light and dark. */
  | { readonly do: "openFile"; readonly path: string; readonly script: string; readonly picture?: string }
  | { readonly do: "report"; readonly line: string }
  | { readonly do: "result"; readonly passed: number; readonly failed: number; readonly skipped: number };

/** What happened in a file that was opened. */
export interface OpenedFile {
  /** What the page complained of: errors, violations of its policy. */
  readonly complaints: readonly string[];
  /** Addresses that it asked for, beside itself. */
  readonly requests: readonly string[];
}

export type DriverAnswer = { readonly value: unknown } | { readonly error: string };

/** Environment of the extension host: where the bridge listens. */
export const DRIVER_ADDRESS = "WRITEWATCH_TEST_DRIVER";
