// Activation in a browser: simulated programs alone, on a kernel in this very thread.
import { t } from "./common/l10n.ts";
import "./ui/language.ts";
import type * as vscode from "vscode";
import { whatIsMissing } from "./agent/tracking.ts";
import { unsupported } from "./agent/unsupported.ts";
import { connect, type WriteWatchApi } from "./connect.ts";
import { openLog } from "./ui/log.ts";

const WHY = t(
  "A browser can't reach a kernel: open the folder in VS Code on Linux for that, on the desktop or over a remote connection.",
);

export function activate(context: vscode.ExtensionContext): WriteWatchApi {
  const agent = unsupported(WHY);
  return connect(context, openLog(), {
    list: () => [],
    listsProcesses: false,
    agent: () => agent,
    missing: async () => whatIsMissing(await agent.capabilities()),
  });
}
