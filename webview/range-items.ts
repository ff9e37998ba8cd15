// What the menus of the map, the inspector and the steps offer for bytes of a program that is being debugged.
import type { RangeAction } from "../src/ui/protocol.ts";
import type { MenuItem } from "./menu.ts";

export function rangeItems(act: (action: RangeAction) => void): MenuItem[] {
  const item = (label: string, action: RangeAction): MenuItem => ({
    label,
    testId: `menu-${action}`,
    run: () => act(action),
  });
  return [
    item("Stop at Write…", "stopAtWrite"),
    item("Arm this memory", "armThis"),
    item("Leave this memory unarmed", "leaveOutThis"),
  ];
}
