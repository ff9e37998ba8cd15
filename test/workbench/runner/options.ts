// The command line of the workbench suite.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { current, type HostVersion, hostVersion, oldest } from "../../../scripts/vscode-host/versions.ts";

export interface RunnerOptions {
  readonly hosts: readonly HostVersion[];
  /** The package to test; built when not given. */
  readonly vsix: string | undefined;
  /** Tests the working tree (dist/ as it is) instead of a package: quicker, proves less. */
  readonly development: boolean;
  readonly grep: string | undefined;
  /** Where WriteWatch runs, one after the other: in a web worker, or beside the server. */
  readonly worker: readonly boolean[];
}

export const usage = `node test/workbench/run.ts [--vscode 1.139|1.99]… [--vsix PATH | --development] [--grep TEXT] [--worker]`;

export function parseOptions(args: readonly string[]): RunnerOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      vscode: { type: "string", multiple: true },
      vsix: { type: "string" },
      development: { type: "boolean", default: false },
      grep: { type: "string" },
      worker: { type: "boolean" },
    },
  });
  if (values.vsix && values.development) throw new Error(`--vsix and --development exclude each other.\n${usage}`);
  return {
    hosts: values.vscode?.map(hostVersion) ?? [current, oldest],
    vsix: values.vsix ? resolve(values.vsix) : undefined,
    development: values.development,
    grep: values.grep,
    // A run for some tests is for those as they are, unless it says more.
    worker: values.worker ? [true] : values.grep ? [false] : [false, true],
  };
}
