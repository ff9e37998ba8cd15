// A quiet note at the end of the line that the chosen step ran, with the ranges it wrote on hover.

import * as vscode from "vscode";
import { t } from "../common/l10n.ts";
import type { Step } from "../recording/step.ts";
import { noteHover, noteText } from "./line-note-text.ts";
import type { NotedStep } from "./noted-step.ts";
import { lineNoteWanted } from "./settings.ts";
import { isSource } from "./sources.ts";

export class LineNotes implements vscode.Disposable {
  private readonly decoration = vscode.window.createTextEditorDecorationType({
    after: { color: new vscode.ThemeColor("editorCodeLens.foreground"), margin: "0 0 0 2em", fontStyle: "italic" },
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedOpen,
  });
  private readonly noted: NotedStep;
  private readonly disposables: vscode.Disposable[];
  /** Editors that show the note now. */
  private editors: readonly vscode.TextEditor[] = [];
  private drawn: Step | undefined;

  constructor(noted: NotedStep) {
    this.noted = noted;
    this.disposables = [
      this.decoration,
      // In the turn in which the step is told: the note is not to come after VS Code's own mark on the next line.
      noted.onChange.listen(() => {
        if (this.noted.step !== this.drawn) this.draw();
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.workspace.onDidChangeConfiguration(change => {
        if (change.affectsConfiguration("writewatch.lineNote")) this.draw();
      }),
    ];
  }

  /** The note's text as it stands in the editor; undefined where there is none. */
  get text(): string | undefined {
    const { step } = this.noted;
    return step?.from?.source && lineNoteWanted() ? noteText(step) : undefined;
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private draw(): void {
    const step = lineNoteWanted() ? this.noted.step : undefined;
    this.drawn = this.noted.step;
    const source = step?.from?.source;
    const line = (step?.from?.line ?? 0) - 1;
    const editors: vscode.TextEditor[] = [];
    if (step && source !== undefined && line >= 0) {
      for (const editor of vscode.window.visibleTextEditors) {
        if (!isSource(editor.document.uri, source) || line >= editor.document.lineCount) continue;
        const end = editor.document.lineAt(line).range.end;
        editor.setDecorations(this.decoration, [
          {
            range: new vscode.Range(end, end),
            hoverMessage: hover(step, this.noted.recording?.id),
            renderOptions: { after: { contentText: noteText(step) } },
          },
        ]);
        editors.push(editor);
      }
    }
    for (const editor of this.editors) if (!editors.includes(editor)) editor.setDecorations(this.decoration, []);
    this.editors = editors;
  }
}

/** @param recording the id of the step's. */
function hover(step: Step, recording: string | undefined): vscode.MarkdownString {
  const { title, ranges, after } = noteHover(step);
  const markdown = new vscode.MarkdownString();
  // As text: names of files and functions are the program's, and may look like links.
  markdown.appendText(title);
  if (ranges) markdown.appendCodeblock(ranges, "text");
  markdown.appendText(after);
  if (recording === undefined) return markdown;
  const args = encodeURIComponent(JSON.stringify([recording, step.number]));
  markdown.isTrusted = { enabledCommands: ["writewatch.showStep"] };
  markdown.appendMarkdown(t("\n\n[Show in Memory Writes](command:writewatch.showStep?{0})", args));
  return markdown;
}
