// Processes without a debugger in VS Code: their debug adapter, their launch configurations, and how one is picked.
import * as vscode from "vscode";
import type { ProcessHolder } from "../agent/holding.ts";
import type { TrackingAgent } from "../agent/tracking.ts";
import { ATTACHED } from "../debuggers/attached/debugger.ts";
import type { AdapterCommand } from "../debuggers/launcher.ts";
import { AttachSession } from "./session.ts";

/** What VS Code replaces by the answer of {@link AttachSurroundings.pick}. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: VS Code fills it in.
const PICKED = "${command:pickProcess}";

export interface AttachSurroundings {
  agent(): TrackingAgent;
  /** Starts a debugger that is installed here. @throws {Error} there is none, with the command that installs one. */
  debuggerCommand?(): AdapterCommand;
}

/** Lets the window attach to processes, and launch programs with whichever debugger is installed. */
export function registerAttaching(surroundings: AttachSurroundings): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.debug.registerDebugAdapterDescriptorFactory(ATTACHED, {
      createDebugAdapterDescriptor: ({ configuration }) =>
        configuration.request === "launch" ? launched(surroundings) : attaching(surroundings),
    }),
    vscode.debug.registerDebugConfigurationProvider(ATTACHED, {
      provideDebugConfigurations: () => [attachConfiguration()],
      resolveDebugConfiguration: (_folder, configuration) => resolved(configuration),
    }),
  );
}

/** @param pid absent: it is asked for. */
export function attachConfiguration(pid: number | string = PICKED, name = "a process"): vscode.DebugConfiguration {
  return {
    type: ATTACHED,
    request: "attach",
    name: `Watch ${name}`,
    pid,
    // It would hide the panel that shows the writes.
    internalConsoleOptions: "neverOpen",
  };
}

function attaching({ agent }: AttachSurroundings): vscode.DebugAdapterDescriptor {
  const openHolder = (): ProcessHolder => {
    if (!vscode.workspace.isTrusted)
      throw new Error(
        "Nothing is attached to in a folder that is not trusted: trust it first (Workspaces: Manage Workspace Trust).",
      );
    const holder = agent().holder?.();
    if (!holder) throw new Error("Processes can't be held here: open the folder in VS Code on Linux for that.");
    return holder;
  };
  return new vscode.DebugAdapterInlineImplementation(new AttachSession(openHolder));
}

function launched({ debuggerCommand }: AttachSurroundings): vscode.DebugAdapterDescriptor {
  if (!debuggerCommand)
    throw new Error("No program can be started here: open the folder in VS Code on Linux for that.");
  const { command, args, env } = debuggerCommand();
  const variables = Object.entries(env ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new vscode.DebugAdapterExecutable(command, [...args], { env: Object.fromEntries(variables) });
}

/** F5 without any launch configuration attaches; one without a process asks for it. */
function resolved(configuration: vscode.DebugConfiguration): vscode.DebugConfiguration {
  if (!configuration.type && !configuration.request && !configuration.name) return attachConfiguration();
  if (configuration.request === "attach") return { pid: PICKED, ...configuration };
  // gdb's adapter calls it otherwise.
  const { stopOnEntry = true } = configuration;
  return { stopOnEntry, stopAtBeginningOfMainSubprogram: stopOnEntry, ...configuration };
}
