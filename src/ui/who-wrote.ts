// "Who wrote this?": from a variable, an expression or an address to the steps that wrote it, each a click from its line.

import * as vscode from "vscode";
import { counted } from "../common/counted.ts";
import { t } from "../common/l10n.ts";
import type { Located } from "../debuggers/locate.ts";
import type { StepList } from "../recording/recording.ts";
import { writerWords } from "../recording/writer-words.ts";
import { byteWritersOf, type Writer } from "../recording/writers.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import { askForRange, type ViewItem } from "./asked-range.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import { plainLabel } from "./plain-label.ts";
import { revealStep } from "./reveal.ts";

/** Nobody reads more, and each takes a row. */
const MOST_WRITERS = 500;

/** @param item of a view; absent: the editor's selection or what the user types. */
export async function whoWrote(
  session: TrackedSession | undefined,
  panel: MemoryWritesPanel,
  item?: ViewItem,
): Promise<void> {
  const recording = panel.recordings.shown ?? session?.recording;
  if (!recording || recording.kind === "scan" || recording.steps.count === 0)
    throw new Error(t("No step is known yet. Stop at a breakpoint, arm, and step: then each change has its step."));
  const found = await askForRange(t("Who Wrote This?"), recording, session, item);
  if (!found) return;
  const { asked, range } = found;
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
    void vscode.window.showInformationMessage(plainLabel(t("WriteWatch: no step changed {0}.", what)));
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(
    writers.map(writer => pickOf(writer, range)),
    {
      title: plainLabel(t("Who wrote {0}", what)),
      placeHolder: t(
        "Newest first{0}. Enter shows the line and the step.",
        hasMore ? t(", the last {0}", MOST_WRITERS) : "",
      ),
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

function formatBytes({ address, size }: Located): string {
  return t("{0} at 0x{1}", counted(size, "byte"), address.toString(16));
}
