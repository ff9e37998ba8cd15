// The inspector in an editor of its own: one thing of one recording, at the chosen step or frozen.
import { t } from "../../src/common/l10n.ts";
import { element, setText } from "../elements.ts";
import { failures } from "../reduce.ts";
import type { State } from "../state.ts";
import { onThemeChange } from "../theme.ts";
import { ProblemLine, type ViewActions } from "../view.ts";
import { shownItem } from "../wants.ts";
import { wayBetween, whoRan } from "../words.ts";
import { InspectedView } from "./inspected-view.ts";

export class InspectorPage {
  readonly root: HTMLElement;
  private readonly problem: ProblemLine;
  private readonly step = element("h2", { className: "details-title", testId: "inspector-step" });
  private readonly who = element("p", { className: "fact" });
  private readonly thing: InspectedView;

  constructor(actions: ViewActions) {
    this.thing = new InspectedView(actions);
    this.problem = new ProblemLine({
      dismiss: actions.dismiss,
      retry: () => actions.dispatch({ type: "retried" }),
      showLog: () => actions.command("showLog"),
    });
    this.root = element(
      "main",
      { className: "inspector-page", attributes: { "aria-label": t("Memory Inspector") } },
      element("h1", { className: "visually-hidden", text: t("Memory Inspector") }),
      this.problem.root,
      this.step,
      this.who,
      this.thing.root,
    );
  }

  onThemeChange(listener: () => void): void {
    onThemeChange(listener);
  }

  show(state: State): boolean {
    const item = shownItem(state);
    const { shown } = state.slots.details;
    const step = shown?.query.step === state.chosen ? shown?.reply : undefined;
    const gone = state.slots.panel.shown && !item ? t("Its recording is no longer there.") : undefined;
    this.problem.update(gone, failures(state));
    const title = item?.title ?? "";
    if (step) setText(this.step, t("{0}, step {1}: {2}", title, step.number, wayBetween(step)));
    else if (state.chosen === undefined) setText(this.step, t("{0}: no step yet", title));
    setText(this.who, step ? (whoRan(step) ?? "") : "");
    this.thing.update(state);
    return true;
  }
}
