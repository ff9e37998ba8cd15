// The steps that wrote what is inspected, the newest first: Enter shows one's source line, its bytes and its pages.

import { counted } from "../../src/common/counted.ts";
import { t } from "../../src/common/l10n.ts";
import type { InspectReply, WriterItem } from "../../src/ui/protocol.ts";
import { element, setText } from "../elements.ts";
import { Listbox } from "../listbox.ts";
import type { Event } from "../state.ts";

export class WritersView {
  readonly root = element("div", { className: "writers-part" });
  private readonly title = element("h4", { className: "writers-title" });
  private readonly list: Listbox;
  private items: readonly WriterItem[] = [];
  private signature = "";

  constructor({ dispatch, copy }: { dispatch(event: Event): void; copy(text: string): void }) {
    const go = (index: number): void => {
      const item = this.items[index];
      if (item) dispatch({ type: "chose", step: item.step, reveal: true });
    };
    this.list = new Listbox({
      className: "changes writers",
      testId: "writers",
      label: t("Steps that wrote it, newest first; Enter shows one's line and pages"),
      clicked: go,
      entered: go,
      menu: index => [
        { label: t("Go to the step"), testId: "menu-go", run: () => go(index) },
        { label: t("Copy"), run: () => copy(wordsOf(this.items[index])) },
      ],
    });
    this.root.append(this.title, this.list.root);
  }

  update(reply: InspectReply | null, isLive: boolean): void {
    this.items = reply?.writers ?? [];
    this.root.hidden = !reply;
    const more = reply?.hasMoreWriters ? t(", the newest") : "";
    const none = isLive ? t("No step that is remembered wrote it.") : t("No step of the recording wrote it.");
    const some = t("Written by {0}{1}", counted(this.items.length, "step"), more);
    setText(this.title, this.items.length === 0 ? none : some);
    this.list.root.hidden = this.items.length === 0;
    const signature = JSON.stringify(this.items);
    if (signature === this.signature) return;
    this.signature = signature;
    const { items } = this;
    this.list.show(items.length, index => row(items[index], `writer-${index}`));
  }
}

function wordsOf({ label, description, detail }: WriterItem): string {
  return `${label} (${description}): ${detail}`;
}

function row(item: WriterItem, id: string): HTMLElement {
  const made = element(
    "div",
    { className: "change", attributes: { role: "option", id, "aria-selected": "false" } },
    element("span", { className: "change-words", text: item.label }),
    element("span", { className: "writer-who", text: item.description }),
    element("span", { className: "visually-hidden", text: ": " }),
    element("span", { className: "change-what", text: item.detail }),
  );
  made.title = wordsOf(item);
  return made;
}
