// "Choose Memory": what is armed and what is not and why, to be ticked; kept for the session, and in the settings where that is asked for.

import * as vscode from "vscode";
import { t } from "../../common/l10n.ts";
import { signalOf } from "../../common/rpc.ts";
import { type ParsedRule, parseRule, parseRules } from "../../session/memory-rules.ts";
import type { TrackedSession } from "../../session/tracked-session.ts";
import { plainLabel } from "../plain-label.ts";
import { plainMessage } from "../plain-message.ts";
import { type ChoiceItem, choiceItems, leftOutWords, rulesAfter } from "./choice-items.ts";

interface MemoryPick extends vscode.QuickPickItem {
  readonly item?: ChoiceItem;
}

const TITLE = t("Choose Memory to Arm");

/** @param session undefined where there is none: the settings are chosen then. */
export async function chooseMemory(session: TrackedSession | undefined): Promise<void> {
  const live = session && session.status.program !== "ended" ? session : undefined;
  const answer = await offer(live);
  if (!answer) return;
  const { what, rules } = answer;
  if (what === "settings") await vscode.commands.executeCommand("workbench.action.openSettings", "writewatch.watch");
  else if (what === "undo") await undoChoice(live);
  else if (what === "apply") await apply(live, rules);
  else {
    const rule = await askRule();
    if (rule) await apply(live, [...rules, rule]);
  }
}

/** Adds one rule, or takes one away that says the contrary: "Arm This", "Leave This Out". */
export async function addRule(session: TrackedSession | undefined, text: string): Promise<void> {
  const { text: rule } = parseRule(text);
  const contrary = rule.startsWith("!") ? rule.slice(1) : `!${rule}`;
  const now = currentRules(session).map(parsed => parsed.text);
  if (now.at(-1) === rule) {
    void vscode.window.showInformationMessage(t("WriteWatch: the rule {0} is there already.", plainMessage(rule)));
    return;
  }
  await apply(session, [...now.filter(other => other !== contrary && other !== rule), rule]);
}

export async function undoChoice(session: TrackedSession | undefined): Promise<void> {
  if (!session) throw new Error(t("There is no debug session in which memory was chosen."));
  await session.undoChoice();
  say(session, t("The rules are as before"));
}

interface Answer {
  readonly what: "apply" | "add" | "undo" | "settings";
  /** As ticked when it was given. */
  readonly rules: readonly string[];
}

/** @returns undefined where the user left it. */
function offer(session: TrackedSession | undefined): Promise<Answer | undefined> {
  const layout = session?.isArmed ? session.recording.layout : undefined;
  const offered = choiceItems(currentRules(session), layout);
  const pick = vscode.window.createQuickPick<MemoryPick>();
  const buttons = {
    add: { iconPath: new vscode.ThemeIcon("add"), tooltip: t("Add a Rule…") },
    undo: { iconPath: new vscode.ThemeIcon("discard"), tooltip: t("Undo the Last Choice") },
    settings: { iconPath: new vscode.ThemeIcon("gear"), tooltip: t("Open Settings") },
  };
  pick.title = TITLE;
  pick.placeholder = layout
    ? t("Ticked is armed. Space ticks, Enter applies; + adds a rule by name, address or expression")
    : t("Ticked is armed at the next arming. Space ticks, Enter applies; + adds a rule by name, address or expression");
  pick.canSelectMany = true;
  pick.ignoreFocusOut = true;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.buttons = [buttons.add, ...(session?.canUndoChoice ? [buttons.undo] : []), buttons.settings];
  pick.items = picksOf(offered.items, offered.more);
  pick.selectedItems = pick.items.filter(({ item }) => item?.picked);
  return new Promise(resolve => {
    let answer: Answer | undefined;
    const finish = (what: Answer["what"]): void => {
      const picked = pick.selectedItems.flatMap(({ item }) => item ?? []);
      answer = { what, rules: rulesAfter(offered.items, picked) };
      pick.hide();
    };
    pick.onDidAccept(() => finish("apply"));
    pick.onDidTriggerButton(button => {
      if (button === buttons.settings) finish("settings");
      else finish(button === buttons.undo ? "undo" : "add");
    });
    pick.onDidHide(() => {
      pick.dispose();
      resolve(answer);
    });
    pick.show();
  });
}

/** @returns a rule that can be read; undefined where nothing was typed. */
function askRule(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: t("Add a Rule"),
    prompt: t("name:libfoo.so*   0x7f0000000000..0x7f0000010000   =buffer   heap   and ! before it to leave out"),
    ignoreFocusOut: true,
    validateInput: text => {
      try {
        if (text.trim() !== "") parseRule(text);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  });
}

function picksOf(items: readonly ChoiceItem[], more: number): MemoryPick[] {
  const separator = (label: string): MemoryPick => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const of = (about: ChoiceItem["about"], title: string): MemoryPick[] => {
    const chosen = items.filter(item => item.about === about);
    return chosen.length === 0 ? [] : [separator(title), ...chosen.map(pickOf)];
  };
  const title = more > 0 ? t("Mappings ({0} more are not listed: use a rule)", more) : t("Mappings");
  return [...of("kind", t("Kinds")), ...of("rule", t("Rules")), ...of("mapping", title)];
}

function pickOf(item: ChoiceItem): MemoryPick {
  const { label, description, detail, picked } = item;
  return {
    label: plainLabel(label),
    description: plainLabel(description),
    ...(detail === undefined ? {} : { detail: plainLabel(detail) }),
    picked,
    item,
  };
}

function currentRules(session: TrackedSession | undefined): readonly ParsedRule[] {
  return session
    ? session.rules
    : parseRules(vscode.workspace.getConfiguration("writewatch").get<unknown>("watch") ?? []);
}

async function apply(session: TrackedSession | undefined, rules: readonly string[]): Promise<void> {
  parseRules(rules);
  if (!session) {
    await keep(rules);
    void vscode.window.showInformationMessage(
      t("WriteWatch: kept in the setting writewatch.watch, for the next arming."),
    );
    return;
  }
  const options = { location: vscode.ProgressLocation.Window, title: t("WriteWatch: choosing memory…") };
  await vscode.window.withProgress(options, (_progress, token) => session.chooseMemory(rules, signalOf(token)));
  say(session, t("Memory chosen for this session"));
}

/** Says what came of it, with what may follow. Does not wait for the user. */
function say(session: TrackedSession, what: string): void {
  const { layout } = session.recording;
  const left = session.isArmed && layout ? leftOutWords(layout) : "";
  const when = session.isArmed ? "" : t(", from the next arming on");
  const [undo, settings, copy] = [t("Undo"), t("Keep in Settings"), t("Copy for launch.json")];
  const actions = [...(session.canUndoChoice ? [undo] : []), settings, copy];
  const message = t("WriteWatch: {0}{1}{2}.", what, when, left ? `; ${left}` : "");
  void vscode.window.showInformationMessage(message, ...actions).then(async action => {
    const rules = session.rules.map(({ text }) => text);
    if (action === undo) await vscode.commands.executeCommand("writewatch.undoChoice");
    else if (action === settings) await keep(rules);
    else if (action === copy) await vscode.env.clipboard.writeText(`"writewatch": ${JSON.stringify({ watch: rules })}`);
  });
}

/** In the workspace's settings where there is one, else in the user's. */
async function keep(rules: readonly string[]): Promise<void> {
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration("writewatch").update("watch", rules, target);
}
