// The row above the steps: search, only steps that wrote, and whether the newest is followed.

import { grouped } from "../../src/common/counted.ts";
import { t } from "../../src/common/l10n.ts";
import { field, setPressed, toggle } from "../controls.ts";
import { element, setText } from "../elements.ts";
import { roving } from "../roving.ts";
import type { Event, State } from "../state.ts";

export class StepsToolbar {
  readonly root = element("div", { className: "toolbar steps-toolbar" });
  private readonly count = element("span", { className: "count dimmed", testId: "step-count" });
  private readonly writing;
  private readonly follow;
  private readonly search;
  private readonly updateRoving: () => void;

  constructor(dispatch: (event: Event) => void) {
    this.search = field({
      name: t("Search steps"),
      placeholder: t("Search steps"),
      title: t("Only steps whose place, function, thread or summary holds this text"),
      testId: "search-steps",
      onInput: text => dispatch({ type: "listFiltered", text }),
    });
    this.writing = toggle(
      { label: t("Writing only"), title: t("Leaves out steps that wrote nothing"), testId: "writing-only" },
      writingOnly => dispatch({ type: "listFiltered", writingOnly }),
    );
    this.follow = toggle(
      { label: t("Follow"), title: t("The newest step becomes the chosen one"), testId: "follow" },
      following => dispatch({ type: "followed", following }),
    );
    const buttons = element(
      "div",
      { className: "buttons", attributes: { role: "toolbar", "aria-label": t("Steps") } },
      this.writing,
      this.follow,
    );
    this.root.append(this.search, buttons, this.count);
    this.updateRoving = roving(buttons, () => [this.writing, this.follow]);
  }

  update({ list, following, slots }: State): void {
    setPressed(this.writing, list.writingOnly);
    setPressed(this.follow, following);
    if (this.search.value !== list.text) this.search.value = list.text;
    const reply = slots.steps.shown?.reply;
    const isFiltered = reply !== undefined && reply.total !== reply.kept;
    const [total, kept] = [reply?.total ?? 0, reply?.kept ?? 0].map(grouped);
    setText(this.count, isFiltered ? t("{0} of {1}", total, kept) : kept);
    this.updateRoving();
  }
}
