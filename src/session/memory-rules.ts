// The rules that choose which memory is armed, as their user writes them: read, checked, and made into pages where they name objects.
import { shortened } from "../common/shortened.ts";
import type { Located } from "../debuggers/locate.ts";
import { PAGE_SIZE, USER_PAGES_END } from "../memory/page.ts";
import { ARMABLE_KINDS, type MemoryChoice, type MemoryRule, type Naming } from "../tracker/choice.ts";

/** Where an object lies is asked of the debugger, when it is armed. */
export interface ObjectRule {
  readonly expression: string;
}

export interface ParsedRule {
  /** As it was written, without blanks around it. */
  readonly text: string;
  /** What it names stays unarmed, but for what a later rule names. */
  readonly leavesOut: boolean;
  readonly what: Naming | ObjectRule;
}

export const RULE_FORMS =
  `Rules are ${ARMABLE_KINDS.join(", ")}, name:PATTERN (name:libfoo.so*), 0xSTART..0xEND, 0xSTART+BYTES ` +
  "and =EXPRESSION (=buffer); one that begins with ! leaves out what it names, and the last one counts";

const MOST_CHARACTERS = 4096;
const END = USER_PAGES_END * PAGE_SIZE;

/** @throws {Error} it is none; names it, and says what one looks like. */
export function parseRule(given: unknown): ParsedRule {
  const refuse = (why: string): never => {
    throw new Error(`The rule ${shortened(given)} ${why}. ${RULE_FORMS}.`);
  };
  if (typeof given !== "string") return refuse("is no text");
  const text = given.trim();
  if (text.length > MOST_CHARACTERS) refuse("is too long");
  if (/[\r\n\0]/.test(text)) refuse("is more than a line");
  const leavesOut = text.startsWith("!");
  const body = leavesOut ? text.slice(1).trim() : text;
  const rule = (what: ParsedRule["what"]): ParsedRule => ({ text, leavesOut, what });
  const kind = ARMABLE_KINDS.find(known => known === body);
  if (kind) return rule(kind);
  if (body.startsWith("name:")) {
    const name = body.slice("name:".length).trim();
    return name === "" ? refuse("names no pattern") : rule({ name });
  }
  if (body.startsWith("=")) {
    const expression = body.slice(1).trim();
    return expression === "" ? refuse("names no expression") : rule({ expression });
  }
  const [, first, end, size] = /^(0x[0-9a-f]+)(?:\s*\.\.\s*(0x[0-9a-f]+)|\s*\+\s*(0x[0-9a-f]+|\d+))$/i.exec(body) ?? [];
  if (first === undefined) return refuse(`names no memory${likely(body)}`);
  const start = Number(first);
  const behind = end === undefined ? start + Number(size) : Number(end);
  if (!(start < behind)) refuse("holds no byte: its end is not behind its start");
  if (behind > END) refuse("reaches beyond a program's addresses");
  return rule({ ...pagesOf(start, behind), words: body });
}

/** @param given a list of rules. @throws {Error} one of them is none, or it is no list. */
export function parseRules(given: unknown): readonly ParsedRule[] {
  if (!Array.isArray(given)) throw new Error(`${shortened(given)} is no list of rules. ${RULE_FORMS}.`);
  return given.map(parseRule);
}

/**
 * What the rules choose, see {@link MemoryChoice}.
 * @param locate where the object lies that an expression names.
 * @throws {Error} a rule's expression names none now, with the rule.
 */
export async function choiceOf(
  rules: readonly ParsedRule[],
  locate: (expression: string) => Promise<Located>,
): Promise<MemoryChoice> {
  const watch: MemoryRule[] = [];
  for (const rule of rules) {
    const naming = await resolved(rule, locate);
    watch.push(rule.leavesOut ? { not: naming } : naming);
  }
  return { watch };
}

/** What `"writewatch"` in a launch configuration may hold; what is absent is as in the settings. */
export interface LaunchOptions {
  readonly watch?: readonly ParsedRule[];
  readonly autoArm?: boolean;
}

/**
 * @param configuration the arguments of the launch or attach request; all but `writewatch` is somebody else's.
 * @throws {Error} one sentence that names what can't be used, and says what can.
 */
export function launchOptions(configuration: object | undefined): LaunchOptions {
  const given: unknown = (configuration as { readonly writewatch?: unknown } | undefined)?.writewatch;
  if (given === undefined) return {};
  const inside = (why: string): Error => new Error(`In the launch configuration, ${why}`);
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw inside(`"writewatch" is ${shortened(given)}, but takes an object with "watch" and "autoArm".`);
  const { watch, autoArm, ...rest } = given as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw inside(`"writewatch" has ${shortened(unknown)}, but knows "watch" and "autoArm".`);
  if (autoArm !== undefined && typeof autoArm !== "boolean")
    throw inside(`"writewatch.autoArm" is ${shortened(autoArm)}, but takes true or false.`);
  let rules: readonly ParsedRule[] | undefined;
  try {
    rules = watch === undefined ? undefined : parseRules(watch);
  } catch (error) {
    throw inside(`"writewatch.watch" can't be used. ${error instanceof Error ? error.message : error}`);
  }
  return { ...(rules ? { watch: rules } : {}), ...(autoArm === undefined ? {} : { autoArm }) };
}

async function resolved({ text, what }: ParsedRule, locate: (expression: string) => Promise<Located>): Promise<Naming> {
  if (typeof what === "string" || !("expression" in what)) return what;
  try {
    const { address, size } = await locate(what.expression);
    return { ...pagesOf(address, address + size), words: text.replace(/^!\s*/, "") };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The rule ${shortened(text)} can't be used here. ${why}`, { cause: error });
  }
}

/** The pages that hold bytes [start, end). */
function pagesOf(start: number, end: number): { readonly start: number; readonly end: number } {
  return { start: Math.floor(start / PAGE_SIZE), end: Math.ceil(end / PAGE_SIZE) };
}

/** What may have been meant, for the end of a sentence; "" where nothing is near. */
function likely(body: string): string {
  const lower = body.toLowerCase();
  const near = ARMABLE_KINDS.find(kind => isNear(lower, kind));
  if (near) return `; '${near}' may be meant`;
  if (/^[a-z_]\w*$/i.test(body)) return `; '=${body}' names the program's object of that name`;
  return /[*/[\].]/.test(body) ? `; 'name:${body}' names mappings` : "";
}

/** Whether one letter more, less or other, or two swapped, or a plural makes the one of the other. */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a === "") return a === `${b}s` || (a.length >= 4 && b.startsWith(a));
  let from = 0;
  while (from < Math.min(a.length, b.length) && a[from] === b[from]) from += 1;
  let to = 0;
  while (to < Math.min(a.length, b.length) - from && a.at(-1 - to) === b.at(-1 - to)) to += 1;
  const [left, right] = [a.slice(from, a.length - to), b.slice(from, b.length - to)];
  const isSwapped = left.length === 2 && left === [...right].reverse().join("");
  return (left.length <= 1 && right.length <= 1) || isSwapped;
}
