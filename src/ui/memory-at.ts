// The bytes of a range as they were after a step, whole or not at all.
import { t } from "../common/l10n.ts";
import { addressOf, formatAddress, PAGE_SIZE, pageOf, USER_PAGES_END } from "../memory/page.ts";
import { pageView } from "../recording/contents/page-view.ts";
import type { Recording } from "../recording/recording.ts";

export interface MemoryRange {
  /** The recording's id. */
  readonly recording: string;
  /** Absent: as it is now. */
  readonly step?: number;
  /** Addresses [start, end). */
  readonly start: number;
  readonly end: number;
}

/** The largest file: 16 MiB. */
const MOST_BYTES = 1 << 24;
/** Pages of one request. */
const PIECE = 256;

/** "/live-…/step-3/0x4000-0x5000/counters.bin" */
export function memoryPath({ recording, step, start, end }: MemoryRange, words = "memory"): string {
  const name = words.replace(/[^\w.-]+/g, "_").slice(0, 60) || "memory";
  const range = `0x${start.toString(16)}-0x${end.toString(16)}`;
  return `/${recording}/${step === undefined ? "now" : `step-${step}`}/${range}/${name}.bin`;
}

/** @returns undefined where it is no such path. */
export function parseMemoryPath(path: string): MemoryRange | undefined {
  const found = /^\/([\w.-]{1,200})\/(?:step-(\d{1,12})|now)\/0x([0-9a-f]{1,13})-0x([0-9a-f]{1,13})(?:\/[^/]*)?$/.exec(
    path,
  );
  if (!found) return undefined;
  const [start, end] = [Number.parseInt(found[3], 16), Number.parseInt(found[4], 16)];
  if (!(start < end && end - start <= MOST_BYTES && end <= addressOf(USER_PAGES_END))) return undefined;
  return { recording: found[1], ...(found[2] === undefined ? {} : { step: Number(found[2]) }), start, end };
}

/** @throws {Error} some byte is not known, and which and why. */
export async function bytesAt(recording: Recording, range: Omit<MemoryRange, "recording">): Promise<Uint8Array> {
  const { steps, memory } = recording;
  const { start, end } = range;
  const step = range.step === undefined ? undefined : steps.byNumber(range.step);
  if (range.step !== undefined && !step) throw new Error(t("Step {0} is not kept any more.", range.step));
  const bytes = new Uint8Array(end - start);
  for (let first = pageOf(start); addressOf(first) < end; first += PIECE) {
    const last = Math.min(first + PIECE, pageOf(end - 1) + 1);
    const pages = Array.from({ length: last - first }, (_, i) => first + i);
    const newest = await memory?.newest(pages);
    for (const [i, page] of pages.entries()) {
      const source = { newest: newest?.pages[i], present: newest?.present[i], since: newest?.since };
      const { after, notes } = pageView(steps, step, page, source);
      const [from, to] = [Math.max(start, addressOf(page)), Math.min(end, addressOf(page) + PAGE_SIZE)];
      for (let at = from; at < to; at += 1) {
        const byte = after[at - addressOf(page)];
        if (byte < 0)
          throw new Error(
            t("The bytes of page {0} are not all known. {1}", formatAddress(page), notes.join(" ")).trim(),
          );
        bytes[at - start] = byte;
      }
    }
  }
  return bytes;
}
