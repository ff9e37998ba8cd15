// A window as pictures are taken of it: nothing in it that is not the product's, or that tells of this computer.
import * as vscode from "vscode";

/** Between two steps: all of a step is known before the next one, as for a person who reads. */
export const REST_MS = 600;

/** How often the panel is made higher, a step of VS Code's each time. */
const HIGHER = 2;

export async function forPictures(settings: vscode.WorkspaceConfiguration): Promise<void> {
  const set = (name: string, value: unknown): Thenable<void> =>
    settings.update(name, value, vscode.ConfigurationTarget.Global);
  await set("editor.minimap.enabled", false);
  await set("editor.stickyScroll.enabled", false);
  await set("breadcrumbs.enabled", false);
  // The pointer stays where it clicked last.
  await set("workbench.hover.delay", 600_000);
}

export async function enlargePanel(): Promise<void> {
  await vscode.commands.executeCommand("writewatch.panel.focus");
  for (let i = 0; i < HIGHER; i += 1) await vscode.commands.executeCommand("workbench.action.increaseViewSize");
}
