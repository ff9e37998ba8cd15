// Simulated programs in VS Code: their debug adapter, their launch configurations, completion, and problems while one types.
import * as vscode from "vscode";
import { SimulatorSession } from "./adapter/session.ts";
import { checkProgram } from "./compile/program.ts";
import { BUILTINS, signatureOf } from "./language/builtins.ts";
import { argumentWords, type Completion, declaredNames, languageCompletions } from "./language/completion.ts";

/** The debug type of simulated programs, and the language they are written in. */
const DEBUG_TYPE = "writewatch-sim";
const LANGUAGE = "wsim";

/** More than one letter, or it would be a drive. */
const URI = /^[a-zA-Z][\w+.-]+:/;

/** So long nobody types before the text is checked. */
const PAUSE_MILLISECONDS = 200;

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
    vscode.languages.registerCompletionItemProvider(LANGUAGE, { provideCompletionItems }, "(", ",", "|"),
    vscode.languages.registerHoverProvider(LANGUAGE, { provideHover }),
    new Problems(),
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

/** Shows what is wrong with the programs that are open. */
class Problems implements vscode.Disposable {
  private readonly shown = vscode.languages.createDiagnosticCollection(LANGUAGE);
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly subscriptions: vscode.Disposable;

  constructor() {
    this.subscriptions = vscode.Disposable.from(
      this.shown,
      vscode.workspace.onDidOpenTextDocument(document => this.check(document)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.checkSoon(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.forget(uri)),
    );
    for (const document of vscode.workspace.textDocuments) this.check(document);
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.subscriptions.dispose();
  }

  private checkSoon(document: vscode.TextDocument): void {
    if (document.languageId !== LANGUAGE) return;
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => this.check(document), PAUSE_MILLISECONDS),
    );
  }

  private check(document: vscode.TextDocument): void {
    if (document.languageId !== LANGUAGE || document.isClosed) return;
    const diagnostics = checkProgram(document.getText()).map(({ message, span: { start, end } }) => {
      const range = new vscode.Range(start.line - 1, start.column - 1, end.line - 1, Math.max(end.column - 1, 0));
      const diagnostic = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Error);
      diagnostic.source = LANGUAGE;
      return diagnostic;
    });
    this.shown.set(document.uri, diagnostics);
  }

  private forget(uri: vscode.Uri): void {
    clearTimeout(this.timers.get(uri.toString()));
    this.timers.delete(uri.toString());
    this.shown.delete(uri);
  }
}

const KINDS: Readonly<Record<Completion["kind"], vscode.CompletionItemKind>> = {
  keyword: vscode.CompletionItemKind.Keyword,
  function: vscode.CompletionItemKind.Function,
  variable: vscode.CompletionItemKind.Variable,
  constant: vscode.CompletionItemKind.Constant,
  unit: vscode.CompletionItemKind.Unit,
};

function provideCompletionItems(document: vscode.TextDocument, position: vscode.Position): vscode.CompletionItem[] {
  const before = document.lineAt(position).text.slice(0, position.character);
  // A comment is prose, and so is a text.
  if (/#|\/\//.test(before) || (before.match(/"/g)?.length ?? 0) % 2 === 1) return [];
  const first = argumentWords(before).map(completion => ({ ...itemOf(completion), sortText: `0${completion.name}` }));
  return [...first, ...declaredNames(document.getText()).map(itemOf), ...languageCompletions().map(itemOf)];
}

function itemOf({ name, kind, detail, doc, snippet }: Completion): vscode.CompletionItem {
  const item = new vscode.CompletionItem({ label: name, ...(detail ? { detail } : {}) }, KINDS[kind]);
  if (doc) item.documentation = doc;
  if (snippet) item.insertText = new vscode.SnippetString(tabStops(snippet));
  // Headers' constants are many: behind the language's own.
  if (kind === "constant") item.sortText = `z${name}`;
  return item;
}

/** `<name>` becomes a place to fill in, `<>` where the cursor ends. */
function tabStops(snippet: string): string {
  let stops = 0;
  return snippet.replace(/<(\w[^<>]*)?>/g, (_, text: string | undefined) => {
    if (text === undefined) return "$0";
    stops += 1;
    return `\${${stops}:${text}}`;
  });
}

function provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
  const range = document.getWordRangeAtPosition(position, /[A-Za-z_]\w*/);
  const name = range && document.getText(range);
  const builtin = name && BUILTINS.get(name);
  if (builtin)
    return new vscode.Hover([new vscode.MarkdownString().appendCodeblock(signatureOf(builtin), LANGUAGE), builtin.doc]);
  const doc = languageCompletions().find(completion => completion.name === name)?.doc;
  return doc ? new vscode.Hover(doc) : undefined;
}
