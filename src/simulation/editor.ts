// The editor's services for simulated programs: completion, hovers, and problems while one types.
import * as vscode from "vscode";
import { checkProgram } from "./compile/program.ts";
import { BUILTINS, signatureOf } from "./language/builtins.ts";
import { argumentWords, type Completion, declaredNames, languageCompletions } from "./language/completion.ts";

/** The language that simulated programs are written in. */
export const LANGUAGE = "wsim";

/** A text is checked once nothing has been typed for so long. */
const PAUSE_MILLISECONDS = 200;

export function registerEditorServices(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(LANGUAGE, { provideCompletionItems }, "(", ",", "|"),
    vscode.languages.registerHoverProvider(LANGUAGE, { provideHover }),
    new Problems(),
  );
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
