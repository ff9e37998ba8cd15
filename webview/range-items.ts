// What the menus of the map, the inspector and the steps offer for bytes of the program.
import type { RangeAction } from "../src/ui/protocol.ts";
import type { MenuItem } from "./menu.ts";

/** @param start of bytes [start, end), addresses. */
export function rangeItems(
  start: number,
  end: number,
  act: (action: RangeAction, start: number, end: number) => void,
): MenuItem[] {
  const item = (label: string, action: RangeAction): MenuItem => ({
    label,
    testId: `menu-${action}`,
    run: () => act(action, start, end),
  });
  return [
    item("Stop at Write…", "stopAtWrite"),
    item("Arm this memory", "armThis"),
    item("Leave this memory unarmed", "leaveOutThis"),
  ];
}
