// A range of memory that the user means: a variable of a view, an expression in the editor, or what is typed.

import * as vscode from "vscode";
import { t } from "../common/l10n.ts";
import type { Located } from "../debuggers/locate.ts";
import { rangeNamed } from "../recording/named-range.ts";
import type { Recording } from "../recording/recording.ts";
import { parseRange } from "../recording/writer-words.ts";
import type { TrackedSession } from "../session/tracked-session.ts";

const PROMPT = t("A variable or an expression of the stopped program, or an address: 0x7ffd1000, 0x7ffd1000+64");

/** What VS Code gives a command in the Variables and Watch views. */
export interface ViewItem {
  readonly variable?: { readonly evaluateName?: unknown; readonly name?: unknown };
  readonly expression?: unknown;
}

/**
 * @param title of the field that asks, where no item tells. @param item of a view; absent: the editor's selection or what the
 *   user types.
 * @returns undefined where the user gave it up. @throws {Error} it names nothing in memory, with what to do.
 */
export async function askForRange(
  title: string,
  recording: Recording,
  session: TrackedSession | undefined,
  item?: ViewItem,
): Promise<{ readonly asked: string; readonly range: Located } | undefined> {
  const asked = await expressionAsked(title, item);
  if (asked === undefined) return undefined;
  return { asked, range: parseRange(asked) ?? (await locate(recording, session, asked)) };
}

/**
 * The expression of a view's item, or what the user types: the editor's selection, or the word at its cursor, stands there already.
 * @param title of the field. @returns undefined where the user left it.
 */
export async function expressionAsked(title: string, item?: ViewItem, prompt = PROMPT): Promise<string | undefined> {
  return expressionOf(item) ?? (await ask(title, prompt));
}

function expressionOf(item: ViewItem | undefined): string | undefined {
  const { variable, expression } = item ?? {};
  const named = variable?.evaluateName ?? variable?.name ?? expression;
  if (typeof named === "string" && named !== "") return named;
  return undefined;
}

function ask(title: string, prompt: string): Thenable<string | undefined> {
  const editor = vscode.window.activeTextEditor;
  const word = editor?.selection.isEmpty
    ? editor.document.getWordRangeAtPosition(editor.selection.active)
    : editor?.selection;
  const value = editor && word?.isSingleLine ? editor.document.getText(word) : "";
  return vscode.window.showInputBox({
    title,
    prompt,
    value,
    ignoreFocusOut: true,
    valueSelection: [0, value.length],
  });
}

/** A session's debugger knows expressions; of a recording without one, the names that it has are looked through. */
async function locate(recording: Recording, session: TrackedSession | undefined, expression: string): Promise<Located> {
  if (session?.recording !== recording) return rangeNamed(recording.steps, expression);
  return session.locate(expression, frameIn(session));
}

/** The frame of the session's program that the window shows; undefined where it shows none of it. */
export function frameIn({ id }: TrackedSession): number | undefined {
  const frame = vscode.debug.activeStackItem;
  return frame instanceof vscode.DebugStackFrame && frame.session.id === id ? frame.frameId : undefined;
}
