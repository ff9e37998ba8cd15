// Any recording as a file, at once.
import type { Recording } from "../recording.ts";
import { withoutTold } from "./copies.ts";
import type { CopiesRecord, Head } from "./records.ts";
import { RecordingWriter } from "./writer.ts";

/**
 * @param copies pages as they were after steps, so that each can be told as it was after any; absent: none are kept.
 * @returns the whole file.
 */
export async function recordingBytes(
  recording: Recording,
  head: Head,
  copies: readonly CopiesRecord[] = [],
): Promise<Uint8Array> {
  const { pid, arming, layout, steps, resident, everWritten } = recording;
  const writer = new RecordingWriter(head);
  if (arming && pid !== undefined) writer.armed(pid, arming);
  if (steps.forgotten > 0) writer.forgotten(steps.forgotten, everWritten);
  for (const step of steps) writer.step(step);
  if (layout) writer.setLayout(layout);
  if (!resident.isEmpty) writer.resident(resident);
  for (const some of copies) {
    const step = steps.byNumber(some.after);
    writer.copies(step ? withoutTold(some, step) : some);
  }
  writer.end();
  return writer.take();
}
