// The debuggers WriteWatch can run a call through, and which of them an adapter is, by what it has shown of itself.
import { attached } from "./attached/debugger.ts";
import { cdtGdb } from "./cdt-gdb/debugger.ts";
import { codelldb } from "./codelldb/debugger.ts";
import { cppdbg } from "./cppdbg/debugger.ts";
import type { Debugger } from "./debugger.ts";
import { debugpy } from "./debugpy/debugger.ts";
import { delve } from "./delve/debugger.ts";
import { gdbDap } from "./gdb-dap/debugger.ts";
import { jsDebug, jsDebugStarter } from "./js-debug/debugger.ts";
import { lldbDap } from "./lldb-dap/debugger.ts";
import { nativeDebug } from "./native-debug/debugger.ts";
import { expectedBy } from "./safety.ts";
import type { AdapterSigns } from "./signs.ts";
import { simulated } from "./simulated/debugger.ts";
import { unknownAdapter } from "./unknown/debugger.ts";

/** A debugger's folder adds itself here; at most one may answer "yes" to the signs of any adapter. */
export const KNOWN: readonly Debugger[] = [
  lldbDap,
  codelldb,
  gdbDap,
  cdtGdb,
  cppdbg,
  nativeDebug,
  delve,
  debugpy,
  jsDebug,
  jsDebugStarter,
  attached,
  simulated,
];

export type Recognition =
  | { readonly debugger: Debugger; readonly lacks?: undefined }
  | {
      readonly debugger?: undefined;
      /** What is not known, and how it would be, in words. */
      readonly lacks: string;
      /** The conversation has only begun, and will tell. */
      readonly mayCome: boolean;
    };

/**
 * Who speaks, as far as it has shown. To be asked anew whenever there are more signs. An adapter that nobody knows is told too
 * ({@link unknownAdapter}), once it has named its program's process.
 */
export function debuggerFor(signs: AdapterSigns): Recognition {
  const verdicts = KNOWN.map(one => ({ one, verdict: one.recognizes(signs) }));
  const certain = verdicts.find(({ verdict }) => verdict === "yes");
  if (certain?.one.whyNever !== undefined) return { lacks: certain.one.whyNever, mayCome: false };
  if (certain) return { debugger: certain.one };
  const open = verdicts.filter(({ verdict }) => verdict === "open").map(({ one }) => one.name);
  if (open.length > 0) {
    const which = `The debug type '${signs.debugType}' may be ${open.join(" or ")}`;
    return { lacks: `${which}, and the adapter has not shown yet which.`, mayCome: true };
  }
  const pid = signs.process?.pid ?? expectedBy(signs.configuration).pid;
  if (pid !== undefined) return { debugger: unknownAdapter };
  return {
    lacks: `WriteWatch does not know the debugger '${signs.debugType}', and it has not told the number of its program's process. ${REMEDY}`,
    mayCome: false,
  };
}

const REMEDY = `For a native program use one of ${KNOWN.filter(
  ({ quirks }) => quirks.ofThisComputer && !quirks.worksWithin,
)
  .map(({ name }) => name)
  .join(", ")}.`;
