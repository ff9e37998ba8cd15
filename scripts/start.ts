// npm start: a program to step through and WriteWatch beside it, in a window or, with --headless, as lines of text.
// The program is a C program where the kernel tells what it writes, else a simulated one.
import { parseArgs } from "node:util";
import { openBrowserHost } from "./start/browser.ts";
import { openDesktop } from "./start/desktop.ts";
import { traceSample, traceSimulated } from "./start/headless.ts";
import { whatIsMissingHere } from "./start/missing.ts";
import { sample, simulatedSample } from "./start/samples.ts";
import { runMain } from "./vscode-host/run-main.ts";

const STEPS = 40;

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      desktop: { type: "boolean", default: false },
      browser: { type: "boolean", default: false },
      headless: { type: "boolean", default: false },
      simulate: { type: "boolean", default: false },
      port: { type: "string", default: "0" },
      steps: { type: "string", default: String(STEPS) },
    },
  });
  const missing = await whatIsMissingHere();
  if (missing !== undefined) process.stderr.write(`${missing}\nA simulated program instead.\n`);
  const simulate = values.simulate || missing !== undefined;
  if (values.headless) return simulate ? traceSimulated(values.steps) : traceSample(values.steps);
  const program = simulate ? simulatedSample : sample;
  if (values.desktop) return openDesktop(program);
  return openBrowserHost(program, Number(values.port));
});
