// The timeline's bars in words: for its tooltip, its table and screen readers.

import { counted, grouped } from "../../src/common/counted.ts";
import { t } from "../../src/common/l10n.ts";
import type { TimelineReply } from "../../src/ui/protocol.ts";

export interface BarWords {
  /** "Step 3", "Steps 1 to 10". */
  readonly steps: string;
  /** "12 pages", "12 bytes; of some steps not known". */
  readonly whole: string;
  /** "8 [heap], 4 [stack]". */
  readonly parts: string;
  readonly threads: string;
}

export function barWords(reply: TimelineReply, bar: number, measure: "pages" | "bytes"): BarWords {
  const { firsts, lasts, groups, values, unknown, threads, ran } = reply;
  const parts = groups
    .map((name, i) => ({ name, value: values[bar * groups.length + i] }))
    .filter(({ value }) => value > 0);
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  const isOne = firsts[bar] === lasts[bar];
  const number = (step: number): string => grouped(step);
  const names = threads.filter((_, i) => ran[bar] & (1 << i)).map(({ id, name }) => name ?? t("thread {0}", id));
  const isMore = (ran[bar] & (1 << threads.length)) !== 0;
  const whole = measure === "pages" ? counted(total, "page") : counted(total, "changed byte");
  return {
    steps: isOne ? t("Step {0}", number(firsts[bar])) : t("Steps {0} to {1}", number(firsts[bar]), number(lasts[bar])),
    whole:
      unknown[bar] === 1
        ? isOne
          ? t("{0}; the bytes are not known", whole)
          : t("{0}; of some steps the bytes are not known", whole)
        : whole,
    parts: parts.map(({ name, value }) => `${grouped(value)} ${name}`).join(", "),
    threads: [...names, ...(isMore ? ["others"] : [])].join(", "),
  };
}

/** One fact a line. */
export function barLines(reply: TimelineReply, bar: number, measure: "pages" | "bytes"): string {
  const { steps, whole, parts, threads } = barWords(reply, bar, measure);
  return [`${steps}: ${whole}`, parts, threads && t("ran: {0}", threads)].filter(Boolean).join("\n");
}
