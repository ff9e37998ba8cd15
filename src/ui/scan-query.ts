// Asks what a scan is to look for: a question made ready, or categories of one's own, and in which memory.

import * as vscode from "vscode";
import { t } from "../common/l10n.ts";
import { Category, type CategoryName } from "../memory/category.ts";
import {
  CATEGORY_WORDS,
  type CategoryChoice,
  type PageQuery,
  PRESETS,
  queryOf,
  queryWords,
  USUAL,
} from "../memory/page-query.ts";
import { parseRules, RULE_FORMS } from "../session/memory-rules.ts";
import type { MemoryChoice, MemoryRule } from "../tracker/choice.ts";

export interface ScanQuestion {
  /** "swapped out", or the categories in words; undefined for every page. */
  readonly words: string | undefined;
  readonly query: PageQuery;
  readonly where?: MemoryChoice;
}

const NAMES = Object.keys(Category) as CategoryName[];

/** @returns undefined where the user thought better of it. @throws {Error} what was chosen contradicts itself. */
export async function askForQuestion(title: string): Promise<ScanQuestion | undefined> {
  const ready = PRESETS.map(preset => ({
    label: capital(preset.words),
    description: preset.about,
    preset,
    mode: "ready" as const,
  }));
  const picked = await vscode.window.showQuickPick(
    [
      ...ready,
      { label: "", kind: vscode.QuickPickItemKind.Separator, mode: "ready" as const },
      {
        label: t("$(filter) Choose Categories…"),
        description: t("What all, and what any of the pages must be"),
        mode: "own" as const,
      },
      {
        label: t("$(list-selection) In Part of Its Memory…"),
        description: t("Mappings or addresses, then what to look for there"),
        mode: "part" as const,
      },
    ],
    { title, placeHolder: t("Which pages to look for"), matchOnDescription: true, ignoreFocusOut: true },
  );
  if (!picked) return undefined;
  if (picked.mode === "own") return askForCategories(title);
  if (picked.mode === "part") {
    const where = await askWhere(title);
    const question = where && (await askForQuestion(title));
    return question && { ...question, where };
  }
  if (!("preset" in picked)) return undefined;
  const { preset } = picked;
  return { words: preset === PRESETS[0] ? undefined : preset.words, query: preset.query };
}

async function askForCategories(title: string): Promise<ScanQuestion | undefined> {
  const required = await pickConditions(
    title,
    t("1 of 3: all of this must be true of a page (nothing chosen: any page)"),
  );
  if (!required) return undefined;
  const anyOf = await pickConditions(
    title,
    t("2 of 3: and at least one of these (nothing chosen: no further condition)"),
  );
  if (!anyOf) return undefined;
  const reported = await vscode.window.showQuickPick(
    NAMES.map(category => ({
      label: capital(CATEGORY_WORDS[category].is),
      description: category,
      category,
      picked: (USUAL & Category[category]) !== 0,
    })),
    {
      title,
      placeHolder: t("3 of 3: by what to tell apart the pages that are found"),
      canPickMany: true,
      ignoreFocusOut: true,
    },
  );
  if (!reported) return undefined;
  const query = queryOf(
    required,
    anyOf,
    reported.map(({ category }) => category),
  );
  return { words: queryWords(query), query };
}

async function pickConditions(title: string, placeHolder: string): Promise<readonly CategoryChoice[] | undefined> {
  const items = NAMES.flatMap(category =>
    [true, false].map(is => ({
      label: capital(CATEGORY_WORDS[category][is ? "is" : "isNot"]),
      description: `${is ? "" : "not "}${category}`,
      category,
      is,
    })),
  );
  return vscode.window.showQuickPick(items, {
    title,
    placeHolder,
    canPickMany: true,
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
}

/** By the rules that choose what is armed; expressions are a debugger's to know. */
async function askWhere(title: string): Promise<MemoryChoice | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt: t(
      "In which memory, parted by commas: heap, stack, anonymous, shared, file, name:libc.so*, 0x7f0000000000+65536; ! leaves out",
    ),
    placeHolder: t("heap, name:libfoo.so*"),
    ignoreFocusOut: true,
    validateInput: value => {
      try {
        choiceIn(value);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  });
  return text === undefined ? undefined : choiceIn(text);
}

function choiceIn(text: string): MemoryChoice {
  const rules = parseRules(text.split(",").filter(part => part.trim() !== ""));
  if (rules.length === 0) throw new Error(t("Nothing is named. {0}.", RULE_FORMS));
  const watch = rules.map(({ what, leavesOut }): MemoryRule => {
    if (typeof what === "object" && "expression" in what) {
      throw new Error(t("A scan takes no expression: give the addresses of ={0}.", what.expression));
    }
    return leavesOut ? { not: what } : what;
  });
  return { watch };
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
