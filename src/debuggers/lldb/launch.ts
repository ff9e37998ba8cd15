// What lldb is told when it launches a program, by whichever adapter.

export function quoteLldb(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
