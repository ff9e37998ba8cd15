// The context keys that say when a command makes sense: those of the shown session's status, and nothing else.
import type { SessionStatus } from "../session/status.ts";

/** Behind "writewatch.". */
export type ContextKeys = Readonly<
  Record<"hasSession" | "everArm" | "armed" | "canArm" | "canDisarm" | "canScan" | "hasSteps", boolean>
>;

/** @param status of the shown session; undefined where there is none. */
export function contextKeys(status: SessionStatus | undefined): ContextKeys {
  return {
    hasSession: status !== undefined && status.program !== "ended",
    everArm: status?.can.everArm ?? false,
    armed: status?.memory === "armed",
    canArm: status?.can.arm ?? false,
    canDisarm: status?.can.disarm ?? false,
    canScan: status?.can.scan ?? false,
    hasSteps: status?.can.reset ?? false,
  };
}
