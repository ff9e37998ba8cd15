// What lldb is told when it launches a program, by whichever adapter.

export function quoteLldb(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/**
 * Run before the program's first instruction, where no signal can be pending: the program would inherit from lldb that
 * SIGPIPE is ignored, and gets its default back.
 */
export const AT_FIRST_INSTRUCTION = [
  "expression -l c -- long r; long action[4]; action[0] = action[1] = action[2] = action[3] = 0;",
  'register long size __asm__("r10") = 8;',
  '__asm__ volatile("syscall" : "=a"(r) : "0"(13L), "D"(13L), "S"(action), "d"(0L), "r"(size) : "rcx", "r11", "memory"); r',
].join(" ");
