// "Who wrote this?" in a report: the steps that wrote a range, in a dialog; each a click from its place in the list.

import { counted } from "../common/counted.ts";
import { t } from "../common/l10n.ts";
import type { StepList } from "../recording/recording.ts";
import { type ByteRange, writerWords } from "../recording/writer-words.ts";
import { byteWritersOf } from "../recording/writers.ts";

/** Nobody reads more. */
const MOST_WRITERS = 200;

/** @param chosen is called with the number of the step that was picked. */
export function showWriters(steps: StepList, range: ByteRange, chosen: (step: number) => void): void {
  const { writers, hasMore } = byteWritersOf(steps, range.address, range.address + range.size, MOST_WRITERS);
  const dialog = document.createElement("dialog");
  dialog.className = "writers";
  const what = t("{0} at 0x{1}", counted(range.size, "byte"), range.address.toString(16));
  const more = hasMore ? t(", the last {0}", MOST_WRITERS) : "";
  dialog.append(
    made("h2", writers.length === 0 ? t("No step changed {0}", what) : t("Who wrote {0}: newest first{1}", what, more)),
  );
  for (const writer of writers) {
    const { label, description, detail } = writerWords(writer, range);
    const button = made("button", `${label} · ${description}`);
    const line = made("span", detail);
    line.className = "detail";
    button.append(line);
    button.addEventListener("click", () => {
      dialog.close();
      chosen(writer.step.number);
    });
    dialog.append(button);
  }
  const close = made("button", t("Close"));
  close.addEventListener("click", () => dialog.close());
  dialog.append(close);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function made(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
