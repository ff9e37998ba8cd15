// The tree "Write Watches" in the Run and Debug side bar: watches with a tick, below each the stores that met it.

import * as vscode from "vscode";
import { type Disposable, DisposableList } from "../../common/disposable.ts";
import { t } from "../../common/l10n.ts";
import { hitBytes, placeWords, presentWords, shortPresentWords, threadWords } from "../../session/hit-words.ts";
import type { Hit } from "../../session/watch-hit.ts";
import { targetWords, type WatchEntry } from "../../session/watch-list.ts";
import type { EntryState } from "../../session/watch-sync.ts";
import { watchDescription, watchDetails } from "./words.ts";
import type { WriteWatches } from "./write-watches.ts";

export const TREE_ID = "writewatch.watches";

/** Stores that are listed below a watch. */
const MOST_HITS = 20;

export interface WatchNode {
  readonly entry: WatchEntry;
  /** Absent: the watch itself. */
  readonly hit?: Hit;
}

export class WatchTree implements vscode.TreeDataProvider<WatchNode>, Disposable {
  readonly onDidChangeTreeData: vscode.Event<void>;
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly watches: WriteWatches;
  private readonly disposables = new DisposableList();
  readonly view: vscode.TreeView<WatchNode>;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(watches: WriteWatches, toggle: (entries: ReadonlyMap<string, boolean>) => void) {
    this.watches = watches;
    this.onDidChangeTreeData = this.changes.event;
    this.view = vscode.window.createTreeView(TREE_ID, {
      treeDataProvider: this,
      manageCheckboxStateManually: true,
      canSelectMany: false,
    });
    this.disposables.add(this.view);
    this.disposables.add(this.changes);
    this.disposables.add(
      this.view.onDidChangeCheckboxState(({ items }) => {
        const ticked = (state: vscode.TreeItemCheckboxState): boolean => state === vscode.TreeItemCheckboxState.Checked;
        toggle(new Map(items.map(([{ entry }, state]) => [entry.id, ticked(state)])));
      }),
    );
    this.disposables.add(watches.onChange.listen(() => this.changed()));
    this.disposables.add(watches.onHit.listen(({ hit }) => this.show(hit)));
    this.say();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.disposables.dispose();
  }

  getChildren(node?: WatchNode): WatchNode[] {
    if (!node) return this.watches.entries.map(entry => ({ entry }));
    if (node.hit) return [];
    return this.watches
      .hits(node.entry)
      .slice(0, MOST_HITS)
      .map(hit => ({ entry: node.entry, hit }));
  }

  getParent({ entry, hit }: WatchNode): WatchNode | undefined {
    return hit ? { entry } : undefined;
  }

  getTreeItem(node: WatchNode): vscode.TreeItem {
    return node.hit ? this.hitItem(node.entry, node.hit) : this.watchItem(node.entry);
  }

  /** What a command is about that was called by a key. */
  get selected(): WatchNode | undefined {
    return this.view.selection[0];
  }

  private watchItem(entry: WatchEntry): vscode.TreeItem {
    const state = this.watches.state(entry);
    const label = targetWords(entry.target);
    const hasHits = this.watches.hits(entry).length > 0;
    const { None, Expanded } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(label, hasHits ? Expanded : None);
    const details = watchDetails(entry.enabled ? state : { state: "off", notes: [], hits: 0, ranges: [] });
    // VS Code keeps a node as it was, and one that had nothing below it folded: with its first hit it is another.
    item.id = hasHits ? `${entry.id} hit` : entry.id;
    item.description = watchDescription(entry, state);
    item.tooltip = [label, ...details].join("\n");
    item.iconPath = iconOf(entry, state);
    item.contextValue = entry.log ? "watch logging" : "watch stopping";
    const { Checked, Unchecked } = vscode.TreeItemCheckboxState;
    item.checkboxState = {
      state: entry.enabled ? Checked : Unchecked,
      tooltip: entry.enabled ? t("Stop watching it") : t("Watch it"),
      accessibilityInformation: { label: `${label}, ${entry.enabled ? "enabled" : "disabled"}` },
    };
    item.accessibilityInformation = { label: [label, item.description, ...details].filter(Boolean).join(", ") };
    return item;
  }

  private hitItem(entry: WatchEntry, hit: Hit): vscode.TreeItem {
    const isPresent = this.watches.presentHit?.number === hit.number;
    const item = new vscode.TreeItem(placeWords(hit.place));
    const bytes = hitBytes(hit);
    item.id = `${entry.id}/${hit.number}`;
    item.description = [
      isPresent ? t("stopped here") : t("hit {0}", hit.number),
      threadWords(hit),
      ...(bytes ? [bytes] : []),
    ].join(" · ");
    item.tooltip = [presentWords(hit), ...hit.stack.slice(1).map(frame => t("from {0}", placeWords(frame)))].join("\n");
    item.iconPath = new vscode.ThemeIcon(isPresent ? "debug-stackframe" : "circle-small");
    item.contextValue = "hit";
    item.command = { title: t("Show the Line"), command: "writewatch.watches.showHit", arguments: [{ entry, hit }] };
    item.accessibilityInformation = { label: `${item.label}, ${item.description}` };
    return item;
  }

  /** Many changes at once are one. */
  private changed(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.say();
      this.changes.fire();
    }, 20);
  }

  private say(): void {
    const { presentHit } = this.watches;
    // Undefined would leave the one of before in VS Code 1.99.
    this.view.message = presentHit ? shortPresentWords(presentHit) : "";
  }

  private show(hit: Hit): void {
    const entry = this.watches.entries.find(({ id }) => id === hit.watch.id);
    if (!entry || !hit.stopped || !this.view.visible) return;
    setTimeout(() => {
      // Without the focus: it is at the line, where the program stands.
      Promise.resolve(this.view.reveal({ entry, hit }, { select: true, focus: false })).catch(() => {});
    }, 100);
  }
}

function iconOf({ enabled, log }: WatchEntry, state: EntryState | undefined): vscode.ThemeIcon {
  const base = log ? "debug-breakpoint-log" : "debug-breakpoint-data";
  const color = (id: string): vscode.ThemeColor => new vscode.ThemeColor(id);
  if (!enabled) return new vscode.ThemeIcon(`${base}-disabled`, color("debugIcon.breakpointDisabledForeground"));
  if (state?.state === "refused") return new vscode.ThemeIcon("warning", color("list.warningForeground"));
  if (state?.state === "watched") return new vscode.ThemeIcon(base, color("debugIcon.breakpointForeground"));
  return new vscode.ThemeIcon(`${base}-unverified`, color("debugIcon.breakpointUnverifiedForeground"));
}
