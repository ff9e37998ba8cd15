// What "Choose Memory" offers: the rules, and the program's mappings with what of them is armed and what is not and why. Pure.

import { counted } from "../../common/counted.ts";
import { t } from "../../common/l10n.ts";
import { kindOf, type Mapping, shortName } from "../../memory/mapping.ts";
import { addressOf, formatSize } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import { type ParsedRule, parseRule } from "../../session/memory-rules.ts";
import { ARMABLE_KINDS, chosenIn, type MemoryRule } from "../../tracker/choice.ts";
import type { Layout } from "../../tracker/reports.ts";

export interface ChoiceItem {
  readonly label: string;
  readonly description: string;
  /** Why something of it is not armed, where that is so. */
  readonly detail?: string;
  readonly picked: boolean;
  /** The rule that says what the tick says: it is there while ticked, but for mappings, where it makes the difference. */
  readonly rule: string;
  readonly about: "kind" | "rule" | "mapping";
  /** Those that it stands for. */
  readonly mappings?: readonly Mapping[];
}

/** Nobody looks through more. */
const MOST_MAPPINGS = 300;

/**
 * @param rules those that hold now.
 * @param layout of the program where it is armed: else nothing is known of its mappings.
 * @returns kinds, then other rules, then mappings by name; `more` mappings are not listed.
 */
export function choiceItems(
  rules: readonly ParsedRule[],
  layout: Layout | undefined,
): { readonly items: readonly ChoiceItem[]; readonly more: number } {
  // Rules that begin with one that leaves out begin with all memory.
  const isRest = rules[0]?.leavesOut === true;
  const texts = new Set(rules.map(({ text }) => text));
  const groups = layout ? groupsOf(layout) : [];
  const kinds = ARMABLE_KINDS.map((kind): ChoiceItem => {
    const ofKind = groups.filter(group => group.kind === kind);
    const description = layout ? stateOf(ofKind) : "";
    return { label: kind, description, picked: isRest || texts.has(kind), rule: kind, about: "kind" };
  });
  const others = [...texts]
    .filter(text => !ARMABLE_KINDS.some(kind => kind === text))
    .map(
      (text): ChoiceItem => ({ label: text, description: ruleWords(text), picked: true, rule: text, about: "rule" }),
    );
  const mappings = groups.slice(0, MOST_MAPPINGS).map((group): ChoiceItem => {
    const { label, rule, armed, reason, mappings } = group;
    const detail = reason === undefined ? {} : { detail: reason };
    return { label, description: stateOf([group]), ...detail, picked: armed > 0, rule, about: "mapping", mappings };
  });
  return { items: [...kinds, ...others, ...mappings], more: Math.max(0, groups.length - MOST_MAPPINGS) };
}

/**
 * The rules after some ticks were set and others taken away.
 * @param items as they were offered. @param picked those with a tick now.
 */
export function rulesAfter(items: readonly ChoiceItem[], picked: readonly ChoiceItem[]): string[] {
  const isPicked = new Set(picked.map(({ rule, about }) => `${about} ${rule}`));
  const has = ({ rule, about }: ChoiceItem): boolean => isPicked.has(`${about} ${rule}`);
  let rules = items.filter(item => item.about !== "mapping" && has(item)).map(({ rule }) => rule);
  // With no kind that is chosen before, a rule that leaves out would choose all the rest.
  while (rules[0]?.startsWith("!")) rules = rules.slice(1);
  for (const item of items) {
    if (item.about !== "mapping" || item.picked === has(item)) continue;
    const [same, contrary] = has(item) ? [item.rule, `!${item.rule}`] : [`!${item.rule}`, item.rule];
    rules = rules.filter(rule => rule !== contrary);
    if (!isSaid(rules, item.mappings ?? [], has(item))) rules = [...rules.filter(rule => rule !== same), same];
  }
  return rules;
}

/** Whether the rules choose all of the mappings, or nothing of them, already; what objects' rules choose nobody knows here. */
function isSaid(rules: readonly string[], mappings: readonly Mapping[], isChosen: boolean): boolean {
  const watch = rules.map(parseRule).map(({ what, leavesOut }): MemoryRule | undefined => {
    if (typeof what === "object" && "expression" in what) return undefined;
    return leavesOut ? { not: what } : what;
  });
  if (!watch.every(rule => rule !== undefined)) return false;
  return mappings.every(mapping => {
    const chosen = chosenIn(mapping, { watch });
    return isChosen ? chosen.pageCount === mapping.end - mapping.start : chosen.isEmpty;
  });
}

/** What of the armed program is left out by choice or by necessity, in words; "" where nothing is. */
export function leftOutWords({ notArmed }: Pick<Layout, "notArmed">): string {
  const isChoice = (reason: string): boolean => /^(not chosen|left out)/.test(reason);
  const chosen = notArmed.filter(({ reason }) => isChoice(reason));
  const refused = notArmed.length - chosen.length;
  const pages = chosen.reduce((sum, { start, end }) => sum + end - start, 0);
  return [
    ...(chosen.length > 0
      ? [t("{0} ({1}) left out by the rules", counted(chosen.length, "mapping"), formatSize(pages))]
      : []),
    ...(refused > 0 ? [t("{0} can't be armed", refused)] : []),
  ].join(", ");
}

interface Group {
  readonly label: string;
  readonly kind: string;
  readonly rule: string;
  readonly mappings: readonly Mapping[];
  readonly pages: number;
  readonly armed: number;
  readonly reason?: string;
}

/** Mappings that are armed or could be, those of one name as one; nameless ones by their address. */
function groupsOf({ mappings, armed, notArmed }: Layout): Group[] {
  const armedPages = PageSet.from(armed.map(({ start, end }) => [start, end]));
  const groups = new Map<string, Group>();
  for (const mapping of mappings) {
    const { start, end } = mapping;
    const armedHere = armedPages.countIn(start, end);
    const refusal = notArmed.find(part => part.start < end && start < part.end);
    if ((armedHere === 0 && !refusal) || kindOf(mapping) === "kernel") continue;
    const rule = ruleFor(mapping);
    const known = groups.get(rule);
    const reason = known?.reason ?? refusal?.reason;
    groups.set(rule, {
      label: mapping.name === "" ? `${shortName(mapping)} ${rule}` : shortName(mapping),
      kind: kindOf(mapping),
      rule,
      mappings: [...(known?.mappings ?? []), mapping],
      pages: (known?.pages ?? 0) + end - start,
      armed: (known?.armed ?? 0) + armedHere,
      ...(reason === undefined ? {} : { reason }),
    });
  }
  return [...groups.values()];
}

function ruleFor({ name, start, end }: Mapping): string {
  const hex = (page: number): string => `0x${addressOf(page).toString(16)}`;
  return name === "" ? `${hex(start)}..${hex(end)}` : `name:${name}`;
}

function stateOf(groups: readonly Group[]): string {
  const sum = (of: (group: Group) => number): number => groups.reduce((all, group) => all + of(group), 0);
  const [mappings, pages, armed] = [
    sum(group => group.mappings.length),
    sum(group => group.pages),
    sum(group => group.armed),
  ];
  if (mappings === 0) return t("none in this program");
  const how = armed === pages ? t("armed") : armed === 0 ? t("not armed") : t("{0} of it armed", formatSize(armed));
  return `${counted(mappings, "mapping")}, ${formatSize(pages)}: ${how}`;
}

function ruleWords(text: string): string {
  return text.startsWith("!") ? t("left out") : t("chosen");
}
