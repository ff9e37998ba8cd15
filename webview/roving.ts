// One tab stop a toolbar: the arrow keys move among its buttons.
import { type Button, focusable } from "./controls.ts";

/** Keeps the focus of a toolbar on one of its buttons at a time (ARIA's toolbar pattern). Call the result after buttons came, went or were disabled. */
export function roving(toolbar: HTMLElement, buttons: () => readonly Button[]): () => void {
  let current: Button | undefined;
  const usable = (): Button[] => buttons().filter(each => !each.disabled && !each.hidden && each.isConnected);
  const update = (): void => {
    const all = usable();
    if (!current || !all.includes(current)) {
      // A button that can't be pressed any more must not take the focus with it.
      const hadFocus = current !== undefined && document.activeElement === current;
      current = all[0];
      if (hadFocus && current) focusable(current).focus();
    }
    for (const each of buttons()) {
      const index = each === current ? 0 : -1;
      const inner = focusable(each);
      if (inner.tabIndex !== index) inner.tabIndex = index;
    }
  };
  toolbar.addEventListener("focusin", ({ target }) => {
    const found = buttons().find(each => each === target);
    if (!found) return;
    current = found;
    update();
  });
  toolbar.addEventListener("keydown", event => {
    const all = usable();
    const index = all.indexOf(event.target as Button);
    const steps: Record<string, number> = {
      ArrowLeft: index - 1,
      ArrowRight: index + 1,
      Home: 0,
      End: all.length - 1,
    };
    const to = steps[event.key];
    if (index < 0 || to === undefined) return;
    event.preventDefault();
    current = all[(to + all.length) % all.length];
    update();
    focusable(current).focus();
  });
  return update;
}
