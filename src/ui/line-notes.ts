// A quiet note at the end of the line that ran, with the ranges it wrote on hover.
import * as vscode from "vscode";
import { shortName } from "../memory/mapping.ts";
import { formatAddress } from "../memory/page.ts";
import { splitByMapping } from "../memory/split.ts";
import type { Step } from "../recording/step.ts";
import { sentence } from "../recording/summary.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import { lineNoteWanted } from "./settings.ts";

/** Ranges a hover lists; a step may have written a million. */
const MOST_RANGES = 24;

export class LineNotes implements vscode.Disposable {
  private readonly decoration = vscode.window.createTextEditorDecorationType({
    after: { color: new vscode.ThemeColor("editorCodeLens.foreground"), margin: "0 0 0 2em", fontStyle: "italic" },
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedOpen,
  });
  private readonly disposables: vscode.Disposable[];
  private note: { readonly step: Step; readonly source: string } | undefined;

  constructor(sessions: DebugSessions) {
    this.disposables = [
      this.decoration,
      sessions.onStep.listen(({ step }) => {
        const source = step.from?.source;
        this.note = source ? { step, source } : undefined;
        this.draw();
      }),
      sessions.onChange.listen(session => {
        if (
          session === sessions.shown &&
          (session.status.program === "ended" || session.recording.steps.last === undefined)
        )
          this.clear();
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.workspace.onDidChangeConfiguration(change => {
        if (change.affectsConfiguration("writewatch.lineNote")) this.draw();
      }),
    ];
  }

  /** The note's text as it stands in the editor; undefined where there is none. */
  get text(): string | undefined {
    return this.note && lineNoteWanted() ? noteOf(this.note.step) : undefined;
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private clear(): void {
    this.note = undefined;
    this.draw();
  }

  private draw(): void {
    const { note } = this;
    for (const editor of vscode.window.visibleTextEditors) {
      const line = (note?.step.from?.line ?? 0) - 1;
      const here = note && lineNoteWanted() && editor.document.uri.fsPath === note.source;
      if (!here || line < 0 || line >= editor.document.lineCount) {
        editor.setDecorations(this.decoration, []);
        continue;
      }
      const end = editor.document.lineAt(line).range.end;
      editor.setDecorations(this.decoration, [
        {
          range: new vscode.Range(end, end),
          hoverMessage: hover(note.step),
          renderOptions: { after: { contentText: noteOf(note.step) } },
        },
      ]);
    }
  }
}

function noteOf(step: Step): string {
  const back = step.discarded.pageCount;
  return back === 0 ? sentence(step) : `${sentence(step)}; gave back ${back.toLocaleString("en")}`;
}

function hover(step: Step): vscode.MarkdownString {
  const text = new vscode.MarkdownString(`**Step ${step.number}** ${sentence(step)}\n\n`);
  const lines: string[] = [];
  let left = 0;
  for (const { start, end, mapping } of splitByMapping(step.written, step.layout.mappings)) {
    if (lines.length >= MOST_RANGES) {
      left += 1;
      continue;
    }
    const notes = step.notes.filter(note => note.start < end && start < note.end).map(({ note }) => note);
    const why = notes.length > 0 ? `  (${[...new Set(notes)].join(", ")})` : "";
    lines.push(
      `${formatAddress(start)}-${formatAddress(end)}  ${end - start}  ${mapping ? shortName(mapping) : "unmapped"}${why}`,
    );
  }
  if (left > 0) lines.push(`… and ${left.toLocaleString("en")} more ranges`);
  text.appendCodeblock(lines.join("\n"), "text");
  if (!step.debugger.isEmpty) text.appendMarkdown(`\nBefore it, the debugger wrote ${step.debugger.pageCount} pages.`);
  return text;
}
