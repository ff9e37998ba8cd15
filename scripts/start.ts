// npm start: a C program to step through and WriteWatch beside it, in a window or, with --headless, as lines of text.
import { parseArgs } from "node:util";
import { openBrowserHost } from "./start/browser.ts";
import { openDesktop } from "./start/desktop.ts";
import { traceSample } from "./start/headless.ts";
import { runMain } from "./vscode-host/run-main.ts";

const STEPS = 40;

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      desktop: { type: "boolean", default: false },
      browser: { type: "boolean", default: false },
      headless: { type: "boolean", default: false },
      port: { type: "string", default: "0" },
      steps: { type: "string", default: String(STEPS) },
    },
  });
  if (values.headless) return traceSample(values.steps);
  if (values.desktop) return openDesktop();
  return openBrowserHost(Number(values.port));
});
