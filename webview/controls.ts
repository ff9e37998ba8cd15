// The controls, from @vscode/webview-ui-toolkit; the one module that knows it, since the toolkit is archived.
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeDropdown, vsCodeOption } from "@vscode/webview-ui-toolkit";

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeDropdown(), vsCodeOption());

export interface ButtonOptions {
  readonly label: string;
  readonly title: string;
  readonly testId?: string;
  readonly appearance?: "primary" | "secondary" | "icon";
  onClick(): void;
}

export interface Button extends HTMLElement {
  disabled: boolean;
}

export function button({ label, title, testId, appearance = "secondary", onClick }: ButtonOptions): Button {
  const element = document.createElement("vscode-button") as Button;
  element.textContent = label;
  element.title = title;
  element.setAttribute("appearance", appearance);
  element.setAttribute("aria-label", title);
  if (testId) element.dataset.testid = testId;
  element.addEventListener("click", onClick);
  return element;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface Dropdown {
  readonly element: HTMLElement;
  set(choices: readonly Choice[], chosen: string | undefined): void;
}

export function dropdown(label: string, onChoose: (value: string) => void): Dropdown {
  const element = document.createElement("vscode-dropdown") as HTMLElement & { value: string };
  element.setAttribute("aria-label", label);
  element.addEventListener("change", () => onChoose(element.value));
  let shown = "";
  return {
    element,
    set(choices, chosen) {
      const signature = JSON.stringify([choices, chosen]);
      if (signature === shown) return;
      shown = signature;
      element.replaceChildren(
        ...choices.map(choice => {
          const option = document.createElement("vscode-option") as HTMLElement & { value: string };
          option.textContent = choice.label;
          option.setAttribute("value", choice.value);
          if (choice.value === chosen) option.setAttribute("selected", "");
          return option;
        }),
      );
      if (chosen !== undefined) element.value = chosen;
    },
  };
}
