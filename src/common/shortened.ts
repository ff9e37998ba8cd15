// A value as a message shows it: the way its file has it, as far as there is room.

const MOST_CHARACTERS = 60;

export function shortened(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
}
