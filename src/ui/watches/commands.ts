// The commands of Stop at Write: what is watched is named, changed and taken away, by menus, keys and the palette.

import * as vscode from "vscode";
import { t } from "../../common/l10n.ts";
import { signalOf } from "../../common/rpc.ts";
import { presentWords } from "../../session/hit-words.ts";
import type { TrackedSession } from "../../session/tracked-session.ts";
import { conditionWords, HOW_TO_WRITE, parseCondition } from "../../session/watch-condition.ts";
import { HOW_TO_NAME, parseTarget, targetText, targetWords, type WatchEntry } from "../../session/watch-list.ts";
import { expressionAsked, frameIn, type ViewItem } from "../asked-range.ts";
import { plainLabel } from "../plain-label.ts";
import { plainMessage } from "../plain-message.ts";
import { revealPlace } from "../reveal.ts";
import { TREE_ID, type WatchNode, type WatchTree } from "./tree.ts";
import type { WriteWatches } from "./write-watches.ts";

type Commands = Record<string, (...args: never[]) => unknown>;

/** Names without "writewatch.". A command of the tree is about the node it is given, else about the selected one. */
export function watchCommands(watches: WriteWatches, tree: WatchTree): Commands {
  const of = (work: (entry: WatchEntry) => unknown) => (node?: WatchNode) => {
    const id = (node?.entry ?? tree.selected?.entry)?.id;
    const entry = watches.entries.find(known => known.id === id);
    return entry ? work(entry) : say(t("Choose a watch in the list Write Watches first."));
  };
  const change = (entry: WatchEntry): Promise<void> =>
    set(
      watches,
      watches.entries.map(known => (known.id === entry.id ? entry : known)),
    );
  const enableAll = (enabled: boolean): Promise<void> =>
    set(
      watches,
      watches.entries.map(entry => ({ ...entry, enabled })),
    );
  return {
    stopAtWrite: (item?: ViewItem) => stopAtWrite(watches, item),
    "watches.edit": of(entry => edit(watches, entry)),
    "watches.editCondition": of(async entry => {
      const condition = await askCondition(entry);
      if (condition === undefined) return;
      const { condition: _before, ...rest } = entry;
      const parsed = parseCondition(condition);
      await change(parsed ? { ...rest, condition: parsed } : rest);
    }),
    "watches.log": of(entry => change({ ...entry, log: true })),
    "watches.stop": of(({ log: _log, ...entry }) => change(entry)),
    "watches.toggle": of(entry => change({ ...entry, enabled: !entry.enabled })),
    "watches.remove": of(({ id }) =>
      set(
        watches,
        watches.entries.filter(known => known.id !== id),
      ),
    ),
    "watches.removeAll": () => set(watches, []),
    "watches.enableAll": () => enableAll(true),
    "watches.disableAll": () => enableAll(false),
    "watches.show": () => vscode.commands.executeCommand(`${TREE_ID}.focus`),
    "watches.showHit": async (node?: WatchNode) => {
      const hit = node?.hit ?? tree.selected?.hit ?? watches.presentHit;
      if (!hit) return say(t("No watch has been hit yet."));
      if (!hit.place?.source) return say(presentWords(hit));
      await revealPlace(hit.place);
    },
    "watches.whoWrote": of(entry => {
      const [range] = watches.state(entry)?.ranges ?? [];
      const found = range && `0x${range.start.toString(16)}+${range.end - range.start}`;
      return vscode.commands.executeCommand("writewatch.whoWrote", { expression: found ?? targetText(entry.target) });
    }),
  };
}

/** Ticks that were set and taken in the tree. */
export async function toggleWatches(watches: WriteWatches, enabled: ReadonlyMap<string, boolean>): Promise<void> {
  await set(
    watches,
    watches.entries.map(entry => ({ ...entry, enabled: enabled.get(entry.id) ?? entry.enabled })),
  );
}

async function stopAtWrite(watches: WriteWatches, item?: ViewItem): Promise<void> {
  const asked = await expressionAsked(t("Stop at Write"), item, HOW_TO_NAME);
  if (asked === undefined) return;
  const target = parseTarget(asked);
  const known = watches.entries.find(entry => targetText(entry.target) === targetText(target));
  const entry: WatchEntry = { ...(known ?? { id: crypto.randomUUID() }), target, enabled: true };
  const { live } = watches;
  const frameId = live && frameIn(live);
  // An expression with a typo is no watch: it is refused here, while its user looks.
  if (live?.status.program === "stopped" && "expression" in target) await live.locate(target.expression, frameId);
  const others = watches.entries.filter(({ id }) => id !== entry.id);
  await set(watches, [...others, entry], frameId);
  tell(watches, entry, live);
}

/** With a sign that it is under way: the first time a call runs in the program, and gigabytes may change hands. */
function set(watches: WriteWatches, entries: readonly WatchEntry[], frameId?: number): Promise<void> {
  const options = { location: vscode.ProgressLocation.Window, title: t("WriteWatch: setting watches…") };
  return Promise.resolve(
    vscode.window.withProgress(options, (_progress, token) => watches.set(entries, frameId, signalOf(token))),
  );
}

/** How a new watch stands, before it matters. */
function tell(watches: WriteWatches, entry: WatchEntry, session: TrackedSession | undefined): void {
  const what = targetWords(entry.target);
  const state = watches.state(entry);
  if (!session || !state) {
    say(t("{0} is watched from the first stop of the next debug session on.", what));
    return;
  }
  const notes = state.notes.join(" ");
  switch (state.state) {
    case "watched":
      if (notes) say(t("Watching {0}. {1}", what, notes));
      else
        vscode.window.setStatusBarMessage(plainLabel(t("WriteWatch: stops before the next write to {0}", what)), 5000);
      return;
    case "refused":
      void vscode.window.showWarningMessage(
        t("WriteWatch: {0}", plainMessage(t("{0} can't be watched. {1}", what, notes))),
      );
      return;
    default:
      say(t("{0} is watched from the program's next stop on. {1}", what, notes).trim());
  }
}

/** @returns undefined where the user left it. */
function edit(watches: WriteWatches, entry: WatchEntry): Promise<void> {
  const validateInput = (text: string): string | undefined => problemOf(() => parseTarget(text));
  const input = { title: t("Edit the Watch"), prompt: HOW_TO_NAME, value: targetText(entry.target), validateInput };
  return Promise.resolve(vscode.window.showInputBox({ ...input, ignoreFocusOut: true })).then(async text => {
    if (text === undefined) return;
    const changed = { ...entry, target: parseTarget(text) };
    const entries = watches.entries.map(known => (known.id === entry.id ? changed : known));
    const { live } = watches;
    await set(watches, entries, live && frameIn(live));
    tell(watches, changed, live);
  });
}

function askCondition({ target, condition }: WatchEntry): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: t("Stop at a write to {0} only if", targetWords(target)),
    prompt: t("{0} Empty: at every write.", HOW_TO_WRITE),
    value: condition ? conditionWords(condition) : "",
    ignoreFocusOut: true,
    validateInput: text => problemOf(() => parseCondition(text)),
  });
}

function problemOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function say(message: string): void {
  void vscode.window.showInformationMessage(t("WriteWatch: {0}", plainMessage(message)));
}
