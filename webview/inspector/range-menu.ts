// What any range of pages offers in a menu: to inspect it, and to ask who wrote it.
import { t } from "../../src/common/l10n.ts";
import { addressOf } from "../../src/memory/page.ts";
import type { MenuItem } from "../menu.ts";
import type { Event } from "../state.ts";

export interface RangeActions {
  dispatch(event: Event): void;
  /** Asks which steps wrote bytes [start, end). */
  whoWrote(start: number, end: number): void;
}

/** @param range pages; parts of one where the map shows bytes. */
export function rangeMenu(range: { readonly start: number; readonly end: number }, actions: RangeActions): MenuItem[] {
  const [start, end] = [addressOf(range.start), addressOf(range.end)];
  return [
    { label: t("Inspect"), testId: "menu-inspect", run: () => actions.dispatch({ type: "picked", start, end }) },
    { label: t("Who wrote this?"), testId: "menu-who-wrote", run: () => actions.whoWrote(start, end) },
  ];
}
