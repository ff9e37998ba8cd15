// Other people's words in VS Code's labels, where "$(shield)" would be drawn as an icon.

/** As VS Code itself tells an icon's name, a modifier included. */
const ICON = /(\\)?\$\([a-z0-9-]+(?:~[a-z0-9-]+)?\)/gi;

/**
 * The text for a label in which icons are drawn, so that none is drawn of it: a process is called what it likes.
 * Line breaks and control characters are shown as spaces, and what turns the direction of writing is left out.
 */
export function plainLabel(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant.
      .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ")
      .replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g, "")
      // A backslash before it, which VS Code takes away again.
      .replace(ICON, (icon, escaped) => (escaped ? icon : `\\${icon}`))
  );
}
