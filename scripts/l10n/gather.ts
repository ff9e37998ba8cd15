// Which sentences the sources have translated: the literals that `t` and `counted` are given.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../vscode-host/paths.ts";

/** VS Code takes the English texts for its keys; languages stand beside it, as bundle.l10n.LANGUAGE.json. */
export const TARGET = join(repository, "l10n", "bundle.l10n.json");

const STRING = String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`;
const SENTENCE = new RegExp(String.raw`(?<![\w.$])t\(\s*(${STRING})?`, "g");
const COUNTED = /(?<![\w.$])counted\(/g;

/**
 * All sentences, in the order of the alphabet.
 * @throws {Error} `t` or `counted` is given something else than a literal: no translator would ever see it.
 */
export function gather(): Set<string> {
  const found: string[] = [];
  for (const file of globSync(["src/**/*.ts", "webview/**/*.ts"], { cwd: repository })) {
    if (file.endsWith("common/l10n.ts") || file.endsWith("common/counted.ts")) continue;
    const source = withoutComments(readFileSync(join(repository, file), "utf8"));
    // Others have functions of this name that are none of ours.
    const speaks = /import \{[^}]*\bt\b[^}]*\} from "[^"]*\/l10n\.ts"/.test(source);
    for (const { index, 1: literal } of speaks ? source.matchAll(SENTENCE) : []) {
      if (literal === undefined) throw new Error(`${place(file, source, index)}: t() takes a literal.`);
      found.push(textOf(literal));
    }
    for (const { index } of source.matchAll(COUNTED)) {
      const word = lastArgument(source, index);
      if (word === undefined) throw new Error(`${place(file, source, index)}: counted() takes a literal word.`);
      found.push(`{0} ${word}`, `{0} ${word}s`);
    }
  }
  return new Set(found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** The bundle's text, as it is kept. */
export function bundleText(sentences: Iterable<string>): string {
  return `${JSON.stringify(Object.fromEntries([...sentences].map(each => [each, each])), undefined, 2)}\n`;
}

/** Of one in single quotes, too, which the formatter makes of those with double quotes within. */
function textOf(literal: string): string {
  if (literal.startsWith('"')) return JSON.parse(literal);
  const text = literal.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"');
  return JSON.parse(`"${text}"`);
}

/** The literal right before the parenthesis that closes a call. */
function lastArgument(source: string, call: number): string | undefined {
  let depth = 0;
  for (let at = source.indexOf("(", call); at < source.length; at += 1) {
    if (source[at] === "(") depth += 1;
    if (source[at] !== ")") continue;
    depth -= 1;
    if (depth > 0) continue;
    const [, word] = /"([^"]*)",?\s*$/.exec(source.slice(call, at)) ?? [];
    return word;
  }
  return undefined;
}

function withoutComments(source: string): string {
  const blank = (text: string): string => text.replace(/[^\n]/g, " ");
  return source.replace(/^\s*\/\/.*$|\/\*\*[\s\S]*?\*\//gm, blank);
}

function place(file: string, source: string, index: number): string {
  return `${file}:${source.slice(0, index).split("\n").length}`;
}
