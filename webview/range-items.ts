// What the menus of the map, the inspector and the steps offer for bytes of a program that is being debugged.
import { t } from "../src/common/l10n.ts";
import type { RangeAction } from "../src/ui/protocol.ts";
import type { MenuItem } from "./menu.ts";

export function rangeItems(act: (action: RangeAction) => void): MenuItem[] {
  const item = (label: string, action: RangeAction): MenuItem => ({
    label,
    testId: `menu-${action}`,
    run: () => act(action),
  });
  return [
    item(t("Stop at Write…"), "stopAtWrite"),
    item(t("Arm this memory"), "armThis"),
    item(t("Leave this memory unarmed"), "leaveOutThis"),
  ];
}
