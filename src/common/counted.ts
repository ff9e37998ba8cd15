// Numbers of things in words.

/** "1 page", "2 pages". */
export function counted(count: number, word: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? word : `${word}s`}`;
}
