// Which memory is chosen to be armed: rules by kind, by a pattern of the mapping's name, by address; and what of a mapping they choose.
import { kindOf, type Mapping, type MappingKind, shortName } from "../memory/mapping.ts";
import { PageSet } from "../memory/page-set.ts";

/** One rule: a kind of mappings, a pattern of their names, or pages wherever they lie. */
export type MemoryRule = MappingKind | NameRule | PagesRule;

export interface NameRule {
  /** Of the whole name or of the file's base name; * stands for any characters, ? for one. */
  readonly name: string;
}

export interface PagesRule {
  /** Pages [start, end). */
  readonly start: number;
  readonly end: number;
  /** As the user wrote it: "0x7f0000000000..0x7f0000010000", "=buffer". */
  readonly words: string;
}

/** What one of `watch` names, but for what one of `leaveOut` names. */
export interface MemoryChoice {
  readonly watch: readonly MemoryRule[];
  readonly leaveOut?: readonly MemoryRule[] | undefined;
}

export const ARMABLE_KINDS = ["heap", "stack", "anonymous", "shared", "file"] as const satisfies readonly MappingKind[];

/** Whether some memory that could be armed is not chosen: then new memory can't be armed before it is looked up. */
export function leavesOut({ watch, leaveOut = [] }: MemoryChoice): boolean {
  return leaveOut.length > 0 || ARMABLE_KINDS.some(kind => !watch.includes(kind));
}

/** The pages of a mapping that are chosen. */
export function chosenIn(mapping: Mapping, { watch, leaveOut = [] }: MemoryChoice): PageSet {
  const chosen = namedBy(mapping, watch);
  return leaveOut.length === 0 || chosen.isEmpty ? chosen : chosen.subtract(namedBy(mapping, leaveOut));
}

/** Why pages [start, end) of a mapping are not chosen, in words. */
export function whyNotChosen(mapping: Mapping, start: number, end: number, { leaveOut = [] }: MemoryChoice): string {
  const rule = leaveOut.find(rule => !namedBy({ ...mapping, start, end }, [rule]).isEmpty);
  if (rule !== undefined) return `left out by the rule !${ruleWords(rule)}`;
  const kind = kindOf(mapping);
  return `not chosen: no rule of writewatch.watch names it, as '${kind}' would, or 'name:${shortName(mapping)}'`;
}

/** The rule as its user writes it. */
export function ruleWords(rule: MemoryRule): string {
  if (typeof rule === "string") return rule;
  return "name" in rule ? `name:${rule.name}` : rule.words;
}

function namedBy(mapping: Mapping, rules: readonly MemoryRule[]): PageSet {
  const { start, end } = mapping;
  const kind = kindOf(mapping);
  if (rules.includes(kind)) return PageSet.of(start, end);
  const parts: [number, number][] = [];
  for (const rule of rules) {
    if (typeof rule === "string") continue;
    if ("name" in rule) {
      if (matches(mapping, rule.name)) return PageSet.of(start, end);
    } else if (rule.start < end && start < rule.end) {
      parts.push([Math.max(start, rule.start), Math.min(end, rule.end)]);
    }
  }
  return parts.length === 0 ? PageSet.EMPTY : PageSet.from(parts);
}

/** Patterns are few and mappings many. */
const compiled = new Map<string, RegExp>();

function matches(mapping: Mapping, pattern: string): boolean {
  let expression = compiled.get(pattern);
  if (!expression) {
    const source = pattern
      .replace(/\*+/g, "*")
      .replace(/[\\^$.+()[\]{}|]/g, "\\$&")
      .replaceAll("*", "[^]*")
      .replaceAll("?", "[^]");
    expression = new RegExp(`^${source}$`);
    if (compiled.size > 100) compiled.clear();
    compiled.set(pattern, expression);
  }
  return expression.test(mapping.name) || expression.test(shortName(mapping));
}
