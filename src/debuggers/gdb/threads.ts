// Scripts for gdb's Python that are about one thread, whichever gdb has selected.

/** Runs a script with the thread selected that has that number to the system, and selects what was selected again. */
export function inThread(systemThread: number, script: string): string {
  const lines = script.split("\n").map(line => `    ${line}`);
  return `
writewatch_chosen = gdb.selected_thread()
writewatch_own = [t for t in gdb.selected_inferior().threads() if ${systemThread} in t.ptid[:2] and t.ptid[1] in (0, ${systemThread})]
if not writewatch_own:
    raise gdb.error("gdb knows no thread ${systemThread}")
writewatch_own[0].switch()
try:
${lines.join("\n")}
finally:
    if writewatch_chosen is not None:
        writewatch_chosen.switch()
`.trim();
}
