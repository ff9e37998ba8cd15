// The language's numbers: exact integers of 64 bits, signed or unsigned as it comes; what does not fit is an error, never wrapped.

/** From -2^63 to 2^64-1. Always a number where it is a safe integer, so that equal values are `===`, and fast. */
export type Integer = number | bigint;

const MIN = -(2n ** 63n);
const MAX = 2n ** 64n - 1n;
const HIGH = 2 ** 32;

/** An operation without a result: the message says why. */
export class ArithmeticProblem extends Error {
  readonly isDivision: boolean;

  constructor(message: string, isDivision = false) {
    super(message);
    this.name = "ArithmeticProblem";
    this.isDivision = isDivision;
  }
}

/** @throws {ArithmeticProblem} it does not fit 64 bits. */
export function integer(value: bigint): Integer {
  if (value < MIN || value > MAX) throw new ArithmeticProblem(`${value} does not fit 64 bits`);
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/** As an unsigned 64-bit register carries it. */
export function toRegister(value: Integer): bigint {
  return BigInt.asUintN(64, BigInt(value));
}

/** "0x1f", "-0x1". */
export function hexadecimal(value: Integer): string {
  return value < 0 ? `-0x${(-BigInt(value)).toString(16)}` : `0x${value.toString(16)}`;
}

export function add(a: Integer, b: Integer): Integer {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return integer(BigInt(a) + BigInt(b));
}

export function subtract(a: Integer, b: Integer): Integer {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return integer(BigInt(a) - BigInt(b));
}

export function multiply(a: Integer, b: Integer): Integer {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    // Without the zero's sign.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return integer(BigInt(a) * BigInt(b));
}

/** Towards zero, as in C. */
export function divide(a: Integer, b: Integer): Integer {
  if (b === 0) throw new ArithmeticProblem("division by zero", true);
  // The dividend less its rest divides without rounding.
  if (typeof a === "number" && typeof b === "number") return (a - (a % b)) / b + 0;
  return integer(BigInt(a) / BigInt(b));
}

/** The rest has the dividend's sign, as in C. */
export function remainder(a: Integer, b: Integer): Integer {
  if (b === 0) throw new ArithmeticProblem("division by zero", true);
  if (typeof a === "number" && typeof b === "number") return (a % b) + 0;
  return integer(BigInt(a) % BigInt(b));
}

export function shiftLeft(a: Integer, b: Integer): Integer {
  const places = shiftPlaces(b);
  if (typeof a === "number") {
    const shifted = a * 2 ** places;
    if (Number.isSafeInteger(shifted)) return shifted;
  }
  return integer(BigInt(a) << BigInt(places));
}

/** Keeps the sign. */
export function shiftRight(a: Integer, b: Integer): Integer {
  const places = shiftPlaces(b);
  if (typeof a === "number") return Math.floor(a / 2 ** places);
  return integer(a >> BigInt(places));
}

function shiftPlaces(places: Integer): number {
  if (typeof places !== "number" || places < 0 || places > 63) {
    throw new ArithmeticProblem(`a shift by ${places} places; 0 to 63 are possible`);
  }
  return places;
}

export function and(a: Integer, b: Integer): Integer {
  if (isShort(a) && isShort(b)) return a & b;
  if (typeof a === "number" && typeof b === "number" && a >= 0 && b >= 0) {
    return (Math.floor(a / HIGH) & Math.floor(b / HIGH)) * HIGH + ((a & b) >>> 0);
  }
  return integer(BigInt(a) & BigInt(b));
}

export function or(a: Integer, b: Integer): Integer {
  if (isShort(a) && isShort(b)) return a | b;
  return integer(BigInt(a) | BigInt(b));
}

export function exclusiveOr(a: Integer, b: Integer): Integer {
  if (isShort(a) && isShort(b)) return a ^ b;
  return integer(BigInt(a) ^ BigInt(b));
}

export function complement(a: Integer): Integer {
  return subtract(-1, a);
}

/** Whether JavaScript's own 32-bit operators are exact on it. */
function isShort(value: Integer): value is number {
  return typeof value === "number" && (value | 0) === value;
}

/** Reads a little-endian unsigned integer of 1, 2, 4 or 8 bytes. */
export function readInteger(view: DataView, width: number): Integer {
  switch (width) {
    case 1:
      return view.getUint8(0);
    case 2:
      return view.getUint16(0, true);
    case 4:
      return view.getUint32(0, true);
    default: {
      const high = view.getUint32(4, true);
      // 2^21 * 2^32 is 2^53.
      return high < 2 ** 21 ? high * HIGH + view.getUint32(0, true) : view.getBigUint64(0, true);
    }
  }
}

/** Writes the value's lowest bytes, little-endian, as a store of that width does. */
export function writeInteger(view: DataView, width: number, value: Integer): void {
  if (typeof value === "bigint") {
    view.setBigUint64(0, BigInt.asUintN(64, value), true);
    return;
  }
  // ToUint32 is exact for any safe integer, and modulo 2^32 for negative ones.
  if (width === 1) view.setUint8(0, value);
  else view.setUint32(0, value, true);
  if (width === 8) view.setUint32(4, Math.floor(value / HIGH), true);
}
