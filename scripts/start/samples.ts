// The two programs that `npm start` can begin with.
import { sampleFolder, simulatedFolder } from "../vscode-host/paths.ts";

export interface Sample {
  /** Opens as the workspace. */
  readonly folder: string;
  /** Opens in the editor. */
  readonly file: string;
}

export const sample: Sample = { folder: sampleFolder, file: "main.c" };

export const simulatedSample: Sample = { folder: simulatedFolder, file: "first-steps.wsim" };

/** Tells examples/debuggers to open the program where it begins, with a breakpoint and WriteWatch's panel. */
export function firstLook({ file }: Sample): Record<string, string> {
  return { WRITEWATCH_FIRST_LOOK: file };
}
