// "Who wrote this?": from a variable, an expression or an address to the steps that wrote it, each a click from its line.
import * as vscode from "vscode";
import { counted } from "../common/counted.ts";
import type { Located } from "../debuggers/locate.ts";
import { rangeNamed } from "../recording/named-range.ts";
import type { Recording, StepList } from "../recording/recording.ts";
import { parseRange, writerWords } from "../recording/writer-words.ts";
import { byteWritersOf, type Writer } from "../recording/writers.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import { plainLabel } from "./plain-label.ts";
import { revealStep } from "./reveal.ts";

const PROMPT = "A variable or an expression of the stopped program, or an address: 0x7ffd1000, 0x7ffd1000+64";

/** Nobody reads more, and each takes a row. */
const MOST_WRITERS = 500;

/** What VS Code gives a command in the Variables and Watch views. */
export interface ViewItem {
  readonly variable?: { readonly evaluateName?: unknown; readonly name?: unknown };
  readonly expression?: unknown;
}

/** @param item of a view; absent: the editor's selection or what the user types. */
export async function whoWrote(
  session: TrackedSession | undefined,
  panel: MemoryWritesPanel,
  item?: ViewItem,
): Promise<void> {
  const recording = panel.recordings.shown ?? session?.recording;
  if (!recording || recording.kind === "scan" || recording.steps.count === 0)
    throw new Error("No step is known yet. Stop at a breakpoint, arm, and step: then each change has its step.");
  const asked = await expressionAsked("Who Wrote This?", item);
  if (asked === undefined) return;
  const range = parseRange(asked) ?? (await locate(recording, session, asked));
  const writer = await chooseWriter(recording.steps, asked, range);
  if (!writer) return;
  await panel.showStep(recording.id, writer.step.number);
  await revealStep(writer.step);
}

/** Lists the steps that wrote the range, for one to be picked. @param asked what was asked for, as it is to be told. */
export async function chooseWriter(steps: StepList, asked: string, range: Located): Promise<Writer | undefined> {
  const { writers, hasMore } = byteWritersOf(steps, range.address, range.address + range.size, MOST_WRITERS);
  const what = `${asked} (${formatBytes(range)})`;
  if (writers.length === 0) {
    void vscode.window.showInformationMessage(plainLabel(`WriteWatch: no step changed ${what}.`));
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(
    writers.map(writer => pickOf(writer, range)),
    {
      title: plainLabel(`Who wrote ${what}`),
      placeHolder: `Newest first${hasMore ? `, the last ${MOST_WRITERS}` : ""}. Enter shows the line and the step.`,
      // Closing menus and stops of the debugger take the focus, and nobody has decided anything by that.
      ignoreFocusOut: true,
      matchOnDescription: true,
      matchOnDetail: true,
    },
  );
  return picked?.writer;
}

interface WriterPick extends vscode.QuickPickItem {
  readonly writer: Writer;
}

function pickOf(writer: Writer, range: Located): WriterPick {
  const { label, description, detail } = writerWords(writer, range);
  return {
    label: plainLabel(label),
    description: plainLabel(description),
    detail: plainLabel(detail),
    writer,
  };
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

function formatBytes({ address, size }: Located): string {
  return `${counted(size, "byte")} at 0x${address.toString(16)}`;
}
