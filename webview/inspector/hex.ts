// A line of bytes as text: hexadecimal with brackets around what changed, so that it can be told without colour, and characters.
import { NOT_KEPT, NOT_KNOWN } from "../../src/ui/protocol.ts";

/** Text that is changed bytes, or is not. */
export interface Piece {
  readonly text: string;
  readonly isChanged: boolean;
}

/** " 00 00[2a 00]00 ": two digits a byte; "··" is the same before and after and was not kept, "??" is not known. */
export function hexPieces(bytes: ArrayLike<number>, changed: number): Piece[] {
  return pieces(bytes, changed, digits, (before, after) => (before === after ? " " : after ? "[" : "]"));
}

/** A character a byte, "." for one that can't be printed. */
export function textPieces(bytes: ArrayLike<number>, changed: number): Piece[] {
  return pieces(bytes, changed, character, () => "");
}

/** @param between what stands where a byte ends and the next begins, by whether they changed. */
function pieces(
  bytes: ArrayLike<number>,
  changed: number,
  word: (byte: number) => string,
  between: (before: boolean, after: boolean) => string,
): Piece[] {
  const found: { text: string; isChanged: boolean }[] = [];
  let before = false;
  for (let i = 0; i <= bytes.length; i += 1) {
    const after = i < bytes.length && (changed & (1 << i)) !== 0;
    const sign = between(before, after);
    const text = i < bytes.length ? word(bytes[i]) : "";
    const last = found.at(-1);
    if (last && before === after) last.text += sign + text;
    else {
      // A bracket belongs to what it encloses.
      if (last && before) last.text += sign;
      found.push({ text: before ? text : sign + text, isChanged: after });
    }
    before = after;
  }
  return found.filter(({ text }) => text !== "");
}

function digits(byte: number): string {
  if (byte === NOT_KEPT) return "··";
  return byte === NOT_KNOWN ? "??" : byte.toString(16).padStart(2, "0");
}

function character(byte: number): string {
  if (byte === NOT_KEPT) return "·";
  if (byte === NOT_KNOWN) return "?";
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
}
