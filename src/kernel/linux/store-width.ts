// How many bytes an x86-64 instruction stores, read from its code (Intel SDM, volume 2, appendix A): what else changed was another store.

/** Of an instruction that repeats itself (rep movs, rep stos): up to the end of what is there. */
export const UNBOUNDED = Infinity;

/** Bytes of an instruction, at most. */
export const LONGEST_INSTRUCTION = 15;

const REX_W = 8;
const STACK_SLOT = 8;

/** What stands before the opcode. */
interface Prefixes {
  /** 0x66. */
  readonly isShort: boolean;
  /** 0xf2 or 0xf3, the last of them; else 0. */
  readonly repeat: number;
  readonly isWide: boolean;
}

/**
 * Bytes that the instruction stores, of which it is known that it does.
 * @returns undefined where the code is none that is known here.
 */
export function storeWidth(code: Uint8Array): number | undefined {
  let at = 0;
  let isShort = false;
  let repeat = 0;
  for (; LEGACY.has(code[at]); at += 1) {
    if (code[at] === 0x66) isShort = true;
    if (code[at] === 0xf2 || code[at] === 0xf3) repeat = code[at];
  }
  if (code[at] === 0xc5 || code[at] === 0xc4) return vexWidth(code, at);
  // EVEX: the length is in two bits of its third byte.
  if (code[at] === 0x62) return Math.min(64, 16 << ((code[at + 3] >> 5) & 3));
  const rex = code[at] >= 0x40 && code[at] <= 0x4f ? code[at] : 0;
  if (rex !== 0) at += 1;
  const prefixes = { isShort, repeat, isWide: (rex & REX_W) !== 0 };
  if (code[at] === 0x0f) return twoByteWidth(code[at + 1], code[at + 2], prefixes);
  return oneByteWidth(code[at], code[at + 1], prefixes);
}

/** Operand size, segments, address size, lock, repetition. */
const LEGACY = new Set([0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65]);

function operand({ isShort, isWide }: Prefixes): number {
  if (isWide) return 8;
  return isShort ? 2 : 4;
}

function oneByteWidth(opcode: number, modrm: number, prefixes: Prefixes): number | undefined {
  const size = operand(prefixes);
  const kind = (modrm >> 3) & 7;
  // Arithmetic with the memory first: add, or, adc, sbb, and, sub, xor.
  if (opcode < 0x38 && (opcode & 7) < 2) return (opcode & 1) === 0 ? 1 : size;
  if (opcode >= 0x50 && opcode <= 0x57) return STACK_SLOT;
  if (opcode === 0xff) return kind < 2 ? size : STACK_SLOT;
  if (STRINGS.has(opcode)) {
    if (prefixes.repeat !== 0) return UNBOUNDED;
    return (opcode & 1) === 0 ? 1 : size;
  }
  if (BYTES.has(opcode)) return 1;
  if (OPERANDS.has(opcode)) return size;
  if (SLOTS.has(opcode)) return STACK_SLOT;
  return opcode === 0x8c ? 2 : undefined;
}

/** movs, stos. */
const STRINGS = new Set([0xa4, 0xa5, 0xaa, 0xab]);
/** Immediate arithmetic, xchg, mov, shifts, not and neg, inc and dec, of a byte and of an operand. */
const BYTES = new Set([0x80, 0x86, 0x88, 0xa2, 0xc0, 0xc6, 0xd0, 0xd2, 0xf6, 0xfe]);
const OPERANDS = new Set([0x81, 0x83, 0x87, 0x89, 0xa3, 0xc1, 0xc7, 0xd1, 0xd3, 0xf7]);
/** pop to memory; push, pushf and call. */
const SLOTS = new Set([0x8f, 0x68, 0x6a, 0x9c, 0xe8]);

function twoByteWidth(opcode: number, modrm: number, prefixes: Prefixes): number | undefined {
  const { isShort, repeat, isWide } = prefixes;
  const size = operand(prefixes);
  if (opcode === 0x11) return scalarWidth(repeat) ?? 16;
  if (opcode === 0x29 || opcode === 0x2b) return 16;
  if (opcode === 0x7f) return isShort || repeat !== 0 ? 16 : 8;
  if (opcode === 0xe7) return isShort ? 16 : 8;
  if (opcode === 0x13 || opcode === 0x17 || opcode === 0xd6) return 8;
  if (opcode === 0x7e) return isWide ? 8 : 4;
  // setcc, cmpxchg and xadd of a byte.
  if ((opcode >= 0x90 && opcode <= 0x9f) || opcode === 0xb0 || opcode === 0xc0) return 1;
  if (opcode === 0xc7 && ((modrm >> 3) & 7) === 1) return isWide ? 16 : 8;
  return WIDER.has(opcode) ? size : undefined;
}

/** cmpxchg, xadd, movnti, shld, shrd, and a bit set, reset or complemented. */
const WIDER = new Set([0xb1, 0xc1, 0xc3, 0xa4, 0xa5, 0xac, 0xad, 0xba]);

/** movss and movsd. */
function scalarWidth(repeat: number): number | undefined {
  if (repeat === 0xf3) return 4;
  return repeat === 0xf2 ? 8 : undefined;
}

function vexWidth(code: Uint8Array, at: number): number | undefined {
  const isShortForm = code[at] === 0xc5;
  const last = code[at + (isShortForm ? 1 : 2)];
  const opcode = code[at + (isShortForm ? 2 : 3)];
  // Of the long form only the map that the short one has.
  if (!isShortForm && (code[at + 1] & 0x1f) !== 1) return undefined;
  const vector = (last & 4) === 0 ? 16 : 32;
  if (opcode === 0x11) return scalarWidth([0, 0, 0xf3, 0xf2][last & 3]) ?? vector;
  if (opcode === 0x13 || opcode === 0x17 || opcode === 0xd6) return 8;
  if (opcode === 0x7e) return !isShortForm && (last & 0x80) !== 0 ? 8 : 4;
  return [0x29, 0x2b, 0x7f, 0xe7].includes(opcode) ? vector : undefined;
}
