// Text of others (names of processes, files, sessions) in VS Code's pickers, where "$(name)" would become an icon.

/** The text with nothing in it that becomes an icon: a process may call itself what it likes. */
export function withoutIcons(text: string): string {
  // What a reader sees stays the same: a word joiner has no width.
  return text.replaceAll("$(", "$\u2060(");
}
