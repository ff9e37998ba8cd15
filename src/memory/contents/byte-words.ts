// Bytes in words, the one way in which names, lists and the command line tell them.

const DIGITS = new TextEncoder().encode("0123456789abcdef");
const decoder = new TextDecoder();

/** Two digits a byte. Megabytes come in one step: a text made piece by piece would cost seconds of collecting its pieces. */
export function hex(bytes: Uint8Array): string {
  const digits = new Uint8Array(bytes.length * 2);
  for (let i = 0; i < bytes.length; i += 1) {
    digits[i * 2] = DIGITS[bytes[i] >>> 4];
    digits[i * 2 + 1] = DIGITS[bytes[i] & 15];
  }
  return decoder.decode(digits);
}

/** "2a0001", in the order of memory; of more than `most` bytes the first ones, and how many there are. */
export function hexWords(bytes: Uint8Array, most = Infinity): string {
  return bytes.length > most ? `${hex(bytes.subarray(0, most))}… (${bytes.length} bytes)` : hex(bytes);
}

/** "00 → 79"; text as text, and where there was nothing before, that text alone. @param most bytes of each that are told. */
export function changeWords(before: Uint8Array, after: Uint8Array, most = Infinity): string {
  const text = textOf(after);
  if (text === undefined) return `${hexWords(before, most)} → ${hexWords(after, most)}`;
  return before.every(byte => byte === 0) ? text : `${textOf(before) ?? hexWords(before, most)} → ${text}`;
}

/** Fewer printable bytes are as likely a number. */
const SHORTEST_TEXT = 3;
const LONGEST_TEXT = 60;

function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length < SHORTEST_TEXT || !bytes.every(byte => byte >= 0x20 && byte < 0x7f)) return undefined;
  const text = JSON.stringify(String.fromCharCode(...bytes.subarray(0, LONGEST_TEXT)));
  return bytes.length > LONGEST_TEXT ? `${text}… (${bytes.length} bytes)` : text;
}

/** What looks like an address, or like no whole number that a person would write, is told in hexadecimal. */
const LARGEST_DECIMAL = 10n ** 9n;

/** Little-endian, with a sign: for bytes whose type is not known. */
export function numberWords(bytes: Uint8Array): string {
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
  const signed = BigInt.asIntN(8 * bytes.length, value);
  const size = signed < 0n ? -signed : signed;
  return size <= LARGEST_DECIMAL || bytes.length <= 2 ? signed.toString() : `0x${value.toString(16)}`;
}
