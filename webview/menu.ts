// A small context menu of the page's own: VS Code's would know nothing of steps and ranges.
import { t } from "../src/common/l10n.ts";
import { element } from "./elements.ts";

export interface MenuItem {
  readonly label: string;
  readonly testId?: string;
  run(): void;
}

let close: (() => void) | undefined;

/** Opens a menu at a point of the window, in place of any that is open; the focus goes back to where it was. */
export function openMenu(x: number, y: number, items: readonly MenuItem[]): void {
  close?.();
  if (items.length === 0) return;
  const before = document.activeElement;
  const root = element("div", {
    className: "menu",
    testId: "menu",
    attributes: { role: "menu", "aria-label": t("Actions") },
  });
  const end = (): void => {
    if (close !== end) return;
    close = undefined;
    document.removeEventListener("pointerdown", onPress, true);
    window.removeEventListener("blur", end);
    root.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  };
  const onPress = ({ target }: PointerEvent): void => {
    if (!(target instanceof Node) || !root.contains(target)) end();
  };
  for (const { label, testId, run } of items) {
    const item = element("div", { text: label, attributes: { role: "menuitem", tabindex: "-1" } });
    if (testId) item.dataset.testid = testId;
    item.addEventListener("click", () => {
      end();
      run();
    });
    root.append(item);
  }
  root.addEventListener("keydown", event => onKey(event, root, end));
  root.addEventListener("contextmenu", event => event.preventDefault());
  (document.querySelector("main") ?? document.body).append(root);
  const { offsetWidth, offsetHeight } = root;
  root.style.left = `${Math.max(0, Math.min(x, innerWidth - offsetWidth - 2))}px`;
  root.style.top = `${Math.max(0, Math.min(y, innerHeight - offsetHeight - 2))}px`;
  document.addEventListener("pointerdown", onPress, true);
  window.addEventListener("blur", end);
  close = end;
  (root.firstElementChild as HTMLElement | null)?.focus();
}

function onKey(event: KeyboardEvent, root: HTMLElement, end: () => void): void {
  const items = [...root.children] as HTMLElement[];
  const index = items.indexOf(document.activeElement as HTMLElement);
  const moves: Record<string, () => void> = {
    ArrowDown: () => items[(index + 1) % items.length].focus(),
    ArrowUp: () => items[(index - 1 + items.length) % items.length].focus(),
    Home: () => items[0].focus(),
    End: () => items[items.length - 1].focus(),
    Enter: () => items[index]?.click(),
    " ": () => items[index]?.click(),
    Escape: end,
    Tab: end,
  };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  event.stopPropagation();
  move();
}
