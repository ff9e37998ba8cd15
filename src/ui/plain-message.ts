// Messages for VS Code's notifications, which draw "[words](command:…)" as a link: a file may be named so.

/** The message with nothing in it that becomes a link. */
export function plainMessage(text: string): string {
  // A word joiner has no width: what a reader sees stays the same.
  return text.replaceAll("](", "]\u2060(");
}
