// The timeline's bars in words: for its tooltip, its table and screen readers.
import { counted } from "../../src/common/counted.ts";
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
  const number = (step: number): string => step.toLocaleString("en");
  const names = threads.filter((_, i) => ran[bar] & (1 << i)).map(({ id, name }) => name ?? `thread ${id}`);
  const isMore = (ran[bar] & (1 << threads.length)) !== 0;
  const whole = counted(total, measure === "pages" ? "page" : "changed byte");
  return {
    steps: isOne ? `Step ${number(firsts[bar])}` : `Steps ${number(firsts[bar])} to ${number(lasts[bar])}`,
    whole:
      unknown[bar] === 1 ? `${whole}; ${isOne ? "the bytes are" : "of some steps the bytes are"} not known` : whole,
    parts: parts.map(({ name, value }) => `${value.toLocaleString("en")} ${name}`).join(", "),
    threads: [...names, ...(isMore ? ["others"] : [])].join(", "),
  };
}

/** One fact a line. */
export function barLines(reply: TimelineReply, bar: number, measure: "pages" | "bytes"): string {
  const { steps, whole, parts, threads } = barWords(reply, bar, measure);
  return [`${steps}: ${whole}`, parts, threads && `ran: ${threads}`].filter(Boolean).join("\n");
}
