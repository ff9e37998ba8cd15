// For tests: what was tried of the table "debugger × language × launched or attached to", a line of JSON each in dist/test/cells.jsonl.
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../dist/test/", import.meta.url));

export interface Cell {
  readonly debugger: string;
  /** And how it was built, where that matters: "Go, optimized". */
  readonly language: string;
  readonly request: "launch" | "attach";
  /** "explained": it can't be armed there, and the product says why. */
  readonly outcome: "works" | "explained";
  /** The product's words where it does not work. */
  readonly words?: string;
}

/** To be called when all that a cell stands for has been seen: armed, stepped, true pages, the output as ever, disarmed. */
export function tellCell(cell: Cell): void {
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, "cells.jsonl"), `${JSON.stringify(cell)}\n`);
}
