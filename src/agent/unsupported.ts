// An agent for computers whose kernel can't be asked: it says why, to every question.
import type { CapabilityReport } from "../kernel/capabilities.ts";
import { LocalAgent } from "./local.ts";

const NAMES: Readonly<Record<string, string>> = { darwin: "macOS", win32: "Windows", linux: "Linux" };

/** @param why a sentence on what is missing. */
export function unsupported(why: string): LocalAgent {
  const report: CapabilityReport = {
    pagemapScan: false,
    categories: 0,
    userfaultfd: false,
    features: 0,
    problems: [why],
  };
  const refuse = (): never => {
    throw new Error(why);
  };
  return new LocalAgent(refuse, () => report);
}

/**
 * Whether the system is one whose kernel interface we know.
 * @returns a sentence on why it is none; undefined where it is one.
 */
export function otherSystem(platform: string, architecture: string): string | undefined {
  if (platform === "linux" && architecture === "x64") return undefined;
  return `Linux on x86-64 is needed, whose kernel tells written pages (PAGEMAP_SCAN); this is ${NAMES[platform] ?? platform} on ${architecture}.`;
}
