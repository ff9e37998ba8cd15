// Simulated programs in VS Code: their debug adapter and their launch configurations.
import * as vscode from "vscode";
import { SimulatorSession } from "./adapter/session.ts";
import { LANGUAGE, registerEditorServices } from "./editor.ts";

/** The debug type of simulated programs. */
const DEBUG_TYPE = "writewatch-sim";

/** More than one letter, or it would be a drive. */
const URI = /^[a-zA-Z][\w+.-]+:/;

/** Lets the window run and edit simulated programs. */
export function registerSimulator(_context: vscode.ExtensionContext): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.debug.registerDebugAdapterDescriptorFactory(DEBUG_TYPE, {
      createDebugAdapterDescriptor: () =>
        new vscode.DebugAdapterInlineImplementation(new SimulatorSession(readProgram)),
    }),
    vscode.debug.registerDebugConfigurationProvider(DEBUG_TYPE, {
      provideDebugConfigurations: () => [initialConfiguration()],
      resolveDebugConfiguration: (_folder, configuration) => resolved(configuration),
      resolveDebugConfigurationWithSubstitutedVariables: (folder, configuration) => ({
        ...configuration,
        program: whole(configuration.program, folder),
      }),
    }),
    registerEditorServices(),
  );
}

function initialConfiguration(): vscode.DebugConfiguration {
  return {
    type: DEBUG_TYPE,
    request: "launch",
    name: "Simulate the open program",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: VS Code fills it in.
    program: "${file}",
    stopOnEntry: true,
    // It would hide the panel that shows the writes.
    internalConsoleOptions: "neverOpen",
  };
}

/** F5 in a program without any launch configuration runs the program. */
function resolved(configuration: vscode.DebugConfiguration): vscode.DebugConfiguration | undefined {
  const document = vscode.window.activeTextEditor?.document;
  const isEmpty = !configuration.type && !configuration.request && !configuration.name;
  if (isEmpty && document?.languageId !== LANGUAGE) return undefined;
  const complete = isEmpty ? initialConfiguration() : { ...configuration };
  // A file of a browser's window, or one never saved, has no path: its whole URI names it.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: VS Code would fill it in.
  const isOpenFile = complete.program === undefined || complete.program === "${file}";
  if (isOpenFile && document?.languageId === LANGUAGE && document.uri.scheme !== "file") {
    complete.program = document.uri.toString();
  }
  return complete;
}

/** A path within the folder, and any path of a folder that is not on a disk, as something that can be opened. */
function whole(program: unknown, folder: vscode.WorkspaceFolder | undefined): unknown {
  if (typeof program !== "string" || !folder || URI.test(program)) return program;
  const isAbsolute = /^([a-zA-Z]:)?[\\/]/.test(program);
  if (!isAbsolute) {
    const uri = vscode.Uri.joinPath(folder.uri, program);
    return uri.scheme === "file" ? uri.fsPath : uri.toString();
  }
  return folder.uri.scheme === "file" ? program : folder.uri.with({ path: program }).toString();
}

/** The text as the editor has it, saved or not; else the file's. */
async function readProgram(path: string): Promise<string> {
  const uri = URI.test(path) ? vscode.Uri.parse(path) : vscode.Uri.file(path);
  try {
    return (await vscode.workspace.openTextDocument(uri)).getText();
  } catch {
    throw new Error(`${path} can't be read.`);
  }
}
