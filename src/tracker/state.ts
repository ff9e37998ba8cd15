// All that a tracker knows between two calls, as one value: a call that fails half-way leaves what was true before.

import type { DeviceMemory } from "../kernel/kernel.ts";
import type { Mapping } from "../memory/mapping.ts";
import { PageSet } from "../memory/page-set.ts";
import { type Account, accountOf } from "./account.ts";
import { type Foreign, NO_FOREIGN } from "./foreign.ts";
import { EMPTY_LAYOUT, type Layout } from "./reports.ts";

export interface State {
  readonly account: Account;
  /** Pages armed at a scan, before their mappings were looked up; the next settlement enters them into the account. */
  readonly atOnce: PageSet;
  /** All armed pages: those of the account and those armed at once. */
  readonly armed: PageSet;
  readonly foreign: Foreign;
  /** Private pages that were populated outside the armed mappings already: they are no news. */
  readonly outside: PageSet;
  /** Pages that were populated already where arming was refused: should it succeed later, they are no writes. */
  readonly refusedPages: PageSet;
  /** Pages of the process's own in {@link Account.forgetful} memory: one that is missing later was given back. */
  readonly kept: PageSet;
  /** Written pages that a scan had re-armed when it failed: the next one tells them. */
  readonly untold: PageSet;
  /** Of the last scan; may be a view of memory that the next scan reuses. */
  readonly lastWritten: PageSet;
  /** Registered once, and no longer, since the last settlement. */
  readonly lost: PageSet;
  /** The list of mappings at the last settlement. */
  readonly settledMappings: readonly Mapping[];
  readonly devices: DeviceMemory | undefined;
  readonly layout: Layout;
}

export const NOTHING_ARMED: State = {
  account: accountOf([], []),
  atOnce: PageSet.EMPTY,
  armed: PageSet.EMPTY,
  foreign: NO_FOREIGN,
  outside: PageSet.EMPTY,
  refusedPages: PageSet.EMPTY,
  kept: PageSet.EMPTY,
  untold: PageSet.EMPTY,
  lastWritten: PageSet.EMPTY,
  lost: PageSet.EMPTY,
  settledMappings: [],
  devices: undefined,
  layout: EMPTY_LAYOUT,
};
