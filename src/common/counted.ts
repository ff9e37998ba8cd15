// Numbers of things in words.

const format = new Intl.NumberFormat("en");

/** "1,234". The same as toLocaleString("en"), which takes so long that a list's frame is felt. */
export function grouped(count: number): string {
  return count >= 0 && count < 1000 && Number.isInteger(count) ? String(count) : format.format(count);
}

/** "1 page", "2 pages". */
export function counted(count: number, word: string): string {
  return `${grouped(count)} ${count === 1 ? word : `${word}s`}`;
}
