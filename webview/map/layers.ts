// What is painted over what: each layer is a set of pages with a colour, later ones over earlier ones.
import { Category } from "../../src/memory/category.ts";
import { PageSet, RunBuilder } from "../../src/memory/page-set.ts";
import type { SnapshotView } from "../../src/ui/panel-messages.ts";
import type { Theme } from "../theme.ts";
import { Coverage } from "./coverage.ts";

export interface Layer {
  readonly coverage: Coverage;
  readonly color: keyof Theme["colors"];
  /** Opacity of a cell with one page of it, and of a cell full of it; a cell that has any never looks as if it had none. */
  readonly least: number;
  readonly most: number;
  /** Set apart by an outline where colours alone may not do. */
  readonly outlined: boolean;
}

/** A step as the map needs it. */
export interface StepPages {
  readonly number: number;
  readonly written: Coverage;
  readonly debugger: Coverage;
}

/** How many older steps still show. */
const FADING_STEPS = 7;

/** Pages in memory; above them older steps, fading; above them the chosen step's. */
export function stepLayers(resident: Coverage, steps: readonly StepPages[], chosen: number | undefined): Layer[] {
  const layers: Layer[] = [{ coverage: resident, color: "resident", least: 0.5, most: 1, outlined: false }];
  const index = steps.findIndex(({ number }) => number === chosen);
  if (index < 0) return layers;
  for (let i = Math.max(0, index - FADING_STEPS); i < index; i += 1) {
    const freshness = 1 - (index - i) / (FADING_STEPS + 1);
    layers.push({
      coverage: steps[i].written,
      color: "written",
      least: 0.08 + 0.2 * freshness,
      most: 0.12 + 0.33 * freshness,
      outlined: false,
    });
  }
  layers.push({ coverage: steps[index].debugger, color: "debugger", least: 0.6, most: 1, outlined: true });
  layers.push({ coverage: steps[index].written, color: "written", least: 0.65, most: 1, outlined: true });
  return layers;
}

export interface SnapshotClass {
  readonly name: string;
  readonly color: Layer["color"];
  readonly coverage: Coverage;
}

const { WRITTEN, FILE, PRESENT, SWAPPED, PFNZERO, HUGE } = Category;

const CLASSES: readonly { name: string; color: Layer["color"]; holds(categories: number): boolean }[] = [
  { name: "file", color: "file", holds: bits => (bits & PRESENT) !== 0 && (bits & FILE) !== 0 },
  { name: "private", color: "private", holds: bits => (bits & PRESENT) !== 0 && (bits & (FILE | PFNZERO)) === 0 },
  { name: "zero page", color: "zero", holds: bits => (bits & PFNZERO) !== 0 },
  { name: "huge", color: "huge", holds: bits => (bits & PRESENT) !== 0 && (bits & HUGE) !== 0 },
  { name: "swapped", color: "swapped", holds: bits => (bits & SWAPPED) !== 0 },
  { name: "written", color: "written", holds: bits => (bits & WRITTEN) !== 0 },
];

/** The pages of a process scan by what they are; a page may be in several classes. */
export function snapshotClasses({ runs, categories }: SnapshotView): SnapshotClass[] {
  return CLASSES.map(({ name, color, holds }) => {
    const builder = new RunBuilder();
    categories.forEach((bits, i) => {
      if (holds(bits)) builder.add(runs[i * 2], runs[i * 2 + 1]);
    });
    return { name, color, coverage: new Coverage(builder.finish()) };
  });
}

export function snapshotLayers(classes: readonly SnapshotClass[]): Layer[] {
  return classes.map(({ coverage, color }) => ({
    coverage,
    color,
    least: 0.5,
    most: 1,
    outlined: color === "written",
  }));
}

export const NO_PAGES = new Coverage(PageSet.EMPTY);
