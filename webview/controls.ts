// The controls, from @vscode/webview-ui-toolkit; the one module that knows it, since the toolkit is archived.
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeDropdown(), vsCodeOption(), vsCodeTextField());

export interface ButtonOptions {
  /** What stands on it; a sign such as "‹" needs a name, too. */
  readonly label: string;
  /** What it is called, where the label is no word. */
  readonly name?: string;
  /** What it does, as its tooltip. */
  readonly title: string;
  readonly testId?: string;
  readonly appearance?: "primary" | "secondary" | "icon";
  onClick(): void;
}

export interface Button extends HTMLElement {
  disabled: boolean;
  /** Of the button within: "true", "false"; null for one that can't be pressed down. */
  ariaPressed: string | null;
  /** Of the button within: "menu". */
  ariaHasPopup: string | null;
}

export function button({ label, name, title, testId, appearance = "secondary", onClick }: ButtonOptions): Button {
  const made = document.createElement("vscode-button") as Button;
  made.textContent = label;
  made.title = title;
  // Without a label of its own the toolkit calls each icon "Icon Button".
  if (name ?? appearance === "icon") made.setAttribute("aria-label", name ?? label);
  made.setAttribute("appearance", appearance);
  if (testId) made.dataset.testid = testId;
  made.addEventListener("click", onClick);
  return made;
}

/** A button that stays pressed. */
export function toggle(
  options: Omit<ButtonOptions, "appearance" | "onClick">,
  onToggle: (on: boolean) => void,
): Button {
  const made = button({
    ...options,
    appearance: "icon",
    onClick: () => onToggle(made.ariaPressed !== "true"),
  });
  setPressed(made, false);
  return made;
}

/** The toolkit hands the property on to the button within; the attribute it would drop. */
export function setPressed(target: Button, pressed: boolean): void {
  target.ariaPressed = String(pressed);
  target.classList.toggle("pressed", pressed);
}

/** The element within that takes the focus. */
export function focusable(target: HTMLElement): HTMLElement {
  return target.shadowRoot?.querySelector<HTMLElement>("button, input") ?? target;
}

export interface FieldOptions {
  readonly name: string;
  readonly placeholder: string;
  readonly title: string;
  readonly testId?: string;
  /** Each change of the text. */
  onInput?(text: string): void;
  /** The Enter key. */
  onEnter?(text: string): void;
}

export interface Field extends HTMLElement {
  value: string;
}

export function field({ name, placeholder, title, testId, onInput, onEnter }: FieldOptions): Field {
  const made = document.createElement("vscode-text-field") as Field;
  made.setAttribute("placeholder", placeholder);
  made.title = title;
  if (testId) made.dataset.testid = testId;
  made.addEventListener("input", () => onInput?.(made.value));
  made.addEventListener("keydown", event => {
    if (event.key === "Enter") onEnter?.(made.value);
    if (event.key === "Escape" && made.value !== "") {
      made.value = "";
      onInput?.("");
    }
  });
  // The toolkit names it by its text, as a label that the style keeps for screen readers; without one it is a "Text field".
  made.textContent = name;
  return made;
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
      element.title = choices.find(({ value }) => value === chosen)?.label ?? "";
    },
  };
}
