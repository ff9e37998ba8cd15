// Has a page inspect what a name stands for, where no debugger is there to ask.
import { rangeNamed } from "../../recording/named-range.ts";
import type { Recording } from "../../recording/recording.ts";
import type { PanelService } from "../panel-service.ts";

/** @returns what went wrong, in a sentence; undefined where nothing did. */
export function pickNamed(service: PanelService, { id, steps }: Recording, expression: string): string | undefined {
  try {
    const { address, size } = rangeNamed(steps, expression);
    service.pick(id, { start: address, end: address + size, words: expression });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
