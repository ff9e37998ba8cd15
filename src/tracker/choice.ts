// Which memory is chosen to be armed: rules by kind, by a pattern of the mapping's name, by address; and what of a mapping they choose.
import { kindOf, type Mapping, type MappingKind, shortName } from "../memory/mapping.ts";
import { PageSet } from "../memory/page-set.ts";

/** One rule: a kind of mappings, a pattern of their names, or pages wherever they lie; or what one of these names is left out. */
export type MemoryRule = Naming | NotRule;

export type Naming = MappingKind | NameRule | PagesRule;

export interface NotRule {
  readonly not: Naming;
}

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

/** In the order of the list: the last rule that names a page decides. A list that begins with one that leaves out begins with all. */
export interface MemoryChoice {
  readonly watch: readonly MemoryRule[];
}

export const ARMABLE_KINDS = ["heap", "stack", "anonymous", "shared", "file"] as const satisfies readonly MappingKind[];

/** Whether some memory that could be armed is not chosen: then new memory can't be armed before it is looked up. */
export function leavesOut({ watch }: MemoryChoice): boolean {
  return watch.some(isNot) || ARMABLE_KINDS.some(kind => !watch.includes(kind));
}

/** The pages of a mapping that are chosen. */
export function chosenIn(mapping: Mapping, { watch }: MemoryChoice): PageSet {
  const { start, end } = mapping;
  const whole = PageSet.of(start, end);
  let chosen = watch.length > 0 && isNot(watch[0]) ? whole : PageSet.EMPTY;
  for (const rule of watch) {
    const named = namedBy(mapping, isNot(rule) ? rule.not : rule);
    if (!named) continue;
    const pages = PageSet.of(named.start, named.end);
    if (isNot(rule)) chosen = chosen.subtract(pages);
    else chosen = named.start === start && named.end === end ? whole : chosen.union(pages);
  }
  return chosen;
}

/** Why pages [start, end) of a mapping are not chosen, in words. */
export function whyNotChosen(mapping: Mapping, start: number, end: number, { watch }: MemoryChoice): string {
  const rule = watch.findLast(rule => isNot(rule) && namedBy({ ...mapping, start, end }, rule.not));
  if (rule !== undefined) return `left out by the rule ${ruleWords(rule)}`;
  const kind = kindOf(mapping);
  return `not chosen: no rule of writewatch.watch names it, as '${kind}' would, or 'name:${shortName(mapping)}'`;
}

/** The rule as its user writes it. */
export function ruleWords(rule: MemoryRule): string {
  if (typeof rule === "string") return rule;
  if (isNot(rule)) return `!${ruleWords(rule.not)}`;
  return "name" in rule ? `name:${rule.name}` : rule.words;
}

function isNot(rule: MemoryRule): rule is NotRule {
  return typeof rule === "object" && "not" in rule;
}

/** The pages of the mapping that the rule names; undefined: none. */
function namedBy(mapping: Mapping, rule: Naming): { readonly start: number; readonly end: number } | undefined {
  const { start, end } = mapping;
  if (typeof rule === "string") return rule === kindOf(mapping) ? mapping : undefined;
  if ("name" in rule) return matches(mapping, rule.name) ? mapping : undefined;
  if (rule.start >= end || start >= rule.end) return undefined;
  return { start: Math.max(start, rule.start), end: Math.min(end, rule.end) };
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
