// The value that bytes have by their type, in the words of a C program: 42, -1.5, true, RED, 'a', "text", 0x7ffd1000.
import { hexWords, numberWords } from "../../memory/contents/byte-words.ts";
import { type Element, isText } from "./elements.ts";
import type { TypeTable } from "./type.ts";

/** Characters of a text that are told. */
const MOST_TEXT = 60;
/** Bytes of what has no value of its own that are told. */
const MOST_BYTES = 16;

/** @param bytes all of the element's; little-endian. */
export function valueWords(types: TypeTable, element: Element, bytes: Uint8Array): string {
  if (isText(types, element.type)) return textWords(bytes);
  const type = types[element.type];
  if (element.bits !== undefined && type?.kind !== "unknown") return bitWords(types, element, bytes);
  switch (type?.kind) {
    case "base":
      switch (type.encoding) {
        case "float":
          return floatWords(bytes);
        case "boolean":
          return bytes.every(byte => byte === 0) ? "false" : bytes[0] === 1 ? "true" : `true (${hexWords(bytes)})`;
        case "character":
          return characterWords(bytes);
        case "signed":
        case "unsigned":
          return bytes.length <= 8
            ? integerOf(bytes, type.encoding === "signed").toString()
            : hexWords(bytes, MOST_BYTES);
        default:
          return hexWords(bytes, MOST_BYTES);
      }
    case "pointer":
      return `0x${integerOf(bytes, false).toString(16)}`;
    case "enum": {
      const value = Number(integerOf(bytes, true));
      const unsigned = Number(integerOf(bytes, false));
      const found = type.values.find(each => each.value === value) ?? type.values.find(each => each.value === unsigned);
      return found ? `${found.name} (${found.value})` : String(value);
    }
    default:
      return bytes.length <= 8 && (bytes.length & (bytes.length - 1)) === 0
        ? numberWords(bytes)
        : hexWords(bytes, MOST_BYTES);
  }
}

function bitWords(types: TypeTable, { type, bit = 0, bits = 0 }: Element, bytes: Uint8Array): string {
  const base = types[type];
  const value = (integerOf(bytes, false) >> BigInt(bit)) & ((1n << BigInt(bits)) - 1n);
  if (base?.kind === "base" && base.encoding === "boolean") return value === 0n ? "false" : "true";
  const isSigned = base?.kind === "base" && base.encoding === "signed";
  const number = isSigned ? BigInt.asIntN(bits, value) : value;
  const named = base?.kind === "enum" ? base.values.find(each => BigInt(each.value) === number) : undefined;
  return named ? `${named.name} (${number})` : number.toString();
}

/** Little-endian. */
function integerOf(bytes: Uint8Array, isSigned: boolean): bigint {
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
  return isSigned ? BigInt.asIntN(8 * bytes.length, value) : value;
}

function floatWords(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 4) return numberText(Number(view.getFloat32(0, true).toPrecision(7)));
  if (bytes.length === 8) return numberText(view.getFloat64(0, true));
  // x87's 80 bits in 16 bytes, which nothing here computes with.
  return hexWords(bytes, MOST_BYTES);
}

function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function characterWords(bytes: Uint8Array): string {
  const value = Number(integerOf(bytes, bytes.length === 1));
  return value >= 0x20 && value < 0x7f ? `${value} '${String.fromCharCode(value)}'` : String(value);
}

/** Up to the first zero byte. */
function textWords(bytes: Uint8Array): string {
  const zero = bytes.indexOf(0);
  const text = zero < 0 ? bytes : bytes.subarray(0, zero);
  const words = String.fromCharCode(...text.subarray(0, MOST_TEXT)).replace(
    /[^ -~]|["\\]/g,
    one => ESCAPES[one] ?? `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${words}${text.length > MOST_TEXT ? "…" : ""}"`;
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r" };
