// "Inspect Memory": from a variable, an expression or an address to the inspector, in the panel or in an editor of its own.
import { t } from "../../common/l10n.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { Recording } from "../../recording/recording.ts";
import type { TrackedSession } from "../../session/tracked-session.ts";
import { askForRange, type ViewItem } from "../asked-range.ts";
import { memoryPath } from "../memory-at.ts";
import { openMemory } from "../memory-files.ts";
import type { MemoryWritesPanel } from "../panel.ts";

/** Bytes that show from an address without a length. */
const FEW = 64;
/** An address alone. */
const ADDRESS = /^\s*0x[0-9a-f]+\s*$/i;

/** @param item of a view; absent: the editor's selection or what the user types. */
export async function inspectMemory(
  session: TrackedSession | undefined,
  panel: MemoryWritesPanel,
  isBeside: boolean,
  item?: ViewItem,
): Promise<void> {
  const recording = recordingOf(session, panel);
  const found = await askForRange(t("Inspect Memory"), recording, session, item);
  if (!found) return;
  const { asked, range } = found;
  const size = ADDRESS.test(asked) ? FEW : range.size;
  await panel.inspect(recording, { start: range.address, end: range.address + size, words: asked }, isBeside);
}

/** The same range, as it was after the newest step, in the hex editor. */
export async function openInHexEditor(
  session: TrackedSession | undefined,
  panel: MemoryWritesPanel,
  item?: ViewItem,
): Promise<void> {
  const recording = recordingOf(session, panel);
  const found = await askForRange(t("Open Memory in Hex Editor"), recording, session, item);
  if (!found) return;
  const { asked, range } = found;
  const size = ADDRESS.test(asked) ? PAGE_SIZE : range.size;
  const step = recording.steps.last?.number;
  const where = { recording: recording.id, start: range.address, end: range.address + size };
  await openMemory(memoryPath(step === undefined ? where : { ...where, step }, asked));
}

function recordingOf(session: TrackedSession | undefined, panel: MemoryWritesPanel): Recording {
  const recording = panel.recordings.shown ?? session?.recording;
  if (!recording || recording.kind === "scan" || !recording.layout)
    throw new Error(t("No memory is known yet. Stop at a breakpoint and arm, or open a recording."));
  return recording;
}
