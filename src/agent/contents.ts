// What a debug session asks of an agent about the bytes of pages, in whichever process that one works.
import type { Captured } from "../tracker/contents/contents.ts";

/** Newest copies of pages, one after another, as of a capture. */
export interface NewestPages {
  readonly bytes: Uint8Array;
  /** 1 for each page that is known, else 0, and its bytes mean nothing. */
  readonly known: Uint8Array;
  readonly version: number;
}

/** One tracker's copies of pages; see {@link Contents} for what each call does. Scans wait for none of them longer than a millisecond. */
export interface ContentsHandle {
  /**
   * Which bytes have changed, of all pages that scans and settlements reported since the last capture.
   * @param signal the program is let go: what is not read yet never will be for this stop.
   * @throws {Cancelled} and the next capture tells it all, after an {@link uncapture}.
   */
  capture(signal?: AbortSignal): Promise<Captured>;
  /**
   * Takes a capture back, whether it was answered or cancelled: the program was let go before it was over.
   * @param version of the last capture that was in time, 0 where none was: one that was cancelled may never have begun.
   */
  uncapture(version: number): Promise<void>;
  /** Copies some more pages before they are written. @returns whether there is more to do. */
  copyAhead(stood: boolean): Promise<boolean>;
  /** @param pages page numbers. */
  newest(pages: Float64Array): Promise<NewestPages>;
}
