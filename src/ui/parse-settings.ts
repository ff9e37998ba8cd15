// The settings, whatever settings.json holds: each value is checked, and one that can't be used gives way to the default, with words for it.
import { t } from "../common/l10n.ts";
import { shortened } from "../common/shortened.ts";
import { RULE_FORMS } from "../session/memory-rules.ts";
import { ARMABLE_KINDS } from "../tracker/choice.ts";
import type { MissWay } from "../tracker/watches/reports.ts";

export interface Settings {
  /** Arm at the first stop of each session. */
  readonly autoArm: boolean;
  /** Which memory to arm, as rules; empty: none. A rule that is none is refused when something is to be armed by it. */
  readonly watch: readonly string[];
  /** MiB of memory without pages above which a mapping is armed by its populated pages only. */
  readonly sparseThreshold: number;
  /** How writes are seen: as is best here, or by soft-dirty bits. */
  readonly backend: "automatic" | "soft-dirty";
  /** MiB for copies of pages, so that steps tell bytes; 0: they tell pages only. */
  readonly "contents.budget": number;
  /** What becomes of stores beside what is watched, in the same page. */
  readonly "stopAtWrite.misses": MissWay;
  /** Show beside the line that ran how much it wrote. */
  readonly lineNote: boolean;
}

export type SettingName = keyof Settings;

/** The whole of a process's address space, 128 TiB. */
const MOST_MEBIBYTES = 2 ** 27;

/** More than 64 GiB nobody has to spare for copies. */
const MOST_CONTENTS = 65_536;

export const DEFAULT_SETTINGS: Settings = {
  autoArm: false,
  watch: ARMABLE_KINDS,
  sparseThreshold: 1024,
  backend: "automatic",
  "contents.budget": 256,
  "stopAtWrite.misses": "auto",
  lineNote: true,
};

export const SETTING_NAMES = Object.keys(DEFAULT_SETTINGS) as readonly SettingName[];

/** What can be used of a value; `problem` says what it takes, and what was done with the value. */
interface Parsed<T> {
  readonly value: T;
  readonly problem?: string;
}

type Parsers = { readonly [K in SettingName]: (raw: unknown, otherwise: Settings[K]) => Parsed<Settings[K]> };

const PARSERS: Parsers = {
  autoArm: yesOrNo,
  lineNote: yesOrNo,
  sparseThreshold: (raw, otherwise) =>
    typeof raw === "number" && raw >= 1 && raw <= MOST_MEBIBYTES
      ? { value: raw }
      : { value: otherwise, problem: t("takes a number of MiB from 1 to {0}: {1} is used", MOST_MEBIBYTES, otherwise) },
  backend: (raw, otherwise) =>
    raw === "automatic" || raw === "soft-dirty"
      ? { value: raw }
      : { value: otherwise, problem: t('takes "automatic" or "soft-dirty": "{0}" is used', otherwise) },
  "contents.budget": (raw, otherwise) =>
    typeof raw === "number" && raw >= 0 && raw <= MOST_CONTENTS
      ? { value: raw }
      : {
          value: otherwise,
          problem: t("takes a number of MiB from 0 (off) to {0}: {1} is used", MOST_CONTENTS, otherwise),
        },
  "stopAtWrite.misses": (raw, otherwise) =>
    raw === "auto" || raw === "step" || raw === "pass"
      ? { value: raw }
      : { value: otherwise, problem: t('takes "auto", "step" or "pass": "{0}" is used', otherwise) },
  watch: (raw, otherwise) => {
    if (!Array.isArray(raw))
      return { value: otherwise, problem: t("takes a list of rules: all memory is watched. {0}", RULE_FORMS) };
    return { value: [...new Set(raw.map(rule => (typeof rule === "string" ? rule.trim() : JSON.stringify(rule))))] };
  },
};

/**
 * Never throws, and every setting is usable.
 * @param raw a value for each setting as settings.json has it; one that is missing stands for the default.
 * @returns one sentence for each value that can't be used as it is.
 */
export function parseSettings(raw: unknown): { readonly settings: Settings; readonly problems: readonly string[] } {
  const values: Readonly<Record<string, unknown>> = isRecord(raw) ? raw : {};
  const problems: string[] = [];
  const parse = <K extends SettingName>(name: K): Settings[K] => {
    const given = Object.hasOwn(values, name) ? values[name] : undefined;
    if (given === undefined) return DEFAULT_SETTINGS[name];
    const { value, problem } = PARSERS[name](given, DEFAULT_SETTINGS[name]);
    if (problem) problems.push(t("The setting writewatch.{0} is {1}, but {2}.", name, shortened(given), problem));
    return value;
  };
  const settings: Settings = {
    autoArm: parse("autoArm"),
    watch: parse("watch"),
    sparseThreshold: parse("sparseThreshold"),
    backend: parse("backend"),
    "contents.budget": parse("contents.budget"),
    "stopAtWrite.misses": parse("stopAtWrite.misses"),
    lineNote: parse("lineNote"),
  };
  return { settings, problems };
}

/** Tells each problem once, and again only after it was gone: settings are read at every use. */
export class ProblemNews {
  private known: ReadonlySet<string> = new Set();

  /** @returns those of the problems that were not there the last time. */
  of(problems: readonly string[]): string[] {
    const news = problems.filter(problem => !this.known.has(problem));
    this.known = new Set(problems);
    return news;
  }
}

function yesOrNo(raw: unknown, otherwise: boolean): Parsed<boolean> {
  return typeof raw === "boolean"
    ? { value: raw }
    : { value: otherwise, problem: t("takes true or false: {0} is used", otherwise) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
