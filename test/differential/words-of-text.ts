// Arguments as text and back: addresses by their page from the middle of the arena, flags by name.
import { Advice, MapFlag, Protection, RemapFlag, UffdFeature } from "../../src/kernel/abi.ts";
import { MIDDLE, PAGE, SCRATCH, SCRATCH_BYTES } from "./layout.ts";
import { DESCRIPTOR_KINDS, type DescriptorKind, descriptor, descriptorParts, type ParameterKind } from "./operation.ts";

type Names = readonly (readonly [string, bigint])[];

const named = (constants: Readonly<Record<string, number>>): Names =>
  Object.entries(constants).map(([name, value]) => [name.toLowerCase(), BigInt(value)]);

export const CATEGORY_NAMES = "wpallowed written file present swapped pfnzero huge soft_dirty guard".split(" ");

/** Bits by name; combinations (SHARED_VALIDATE) before their parts. */
const BITS: Partial<Record<ParameterKind, Names>> = {
  protection: named(Protection).filter(([, value]) => value !== 0n),
  mapFlags: [...named(MapFlag)].sort((a, b) => (a[0] === "shared_validate" ? -1 : b[0] === "shared_validate" ? 1 : 0)),
  remapFlags: named(RemapFlag),
  categories: CATEGORY_NAMES.map((name, bit) => [name, 1n << BigInt(bit)]),
  features: named(UffdFeature),
  scanFlags: [
    ["wp_matching", 1n],
    ["check_wpasync", 2n],
  ],
};

const ADVICE: Names = named(Advice);
const FAR = 1n << 20n;

/** An argument as a scenario shows it. */
export function formatWord(kind: ParameterKind, word: bigint): string {
  const bits = BITS[kind];
  if (bits) return formatBits(bits, word);
  switch (kind) {
    case "address":
      return formatAddress(word);
    case "length":
      return word !== 0n && word % PAGE === 0n && word / PAGE < FAR ? `${word / PAGE}p` : formatNumber(word);
    case "advice":
      return ADVICE.find(([, value]) => value === word)?.[0] ?? formatNumber(word);
    case "descriptor": {
      const { kind: of, slot } = descriptorParts(word);
      return of === "none" ? of : `${of}:${slot}`;
    }
    case "hex":
      return `0x${word.toString(16)}`;
    default:
      return formatNumber(word);
  }
}

/** @throws where the text says nothing this kind of argument knows. */
export function parseWord(kind: ParameterKind, text: string): bigint {
  const number = /^-?(0x[0-9a-f]+|\d+)$/.exec(text);
  if (number) return BigInt.asUintN(64, text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text));
  const bits = BITS[kind];
  if (bits) return text === "none" ? 0n : text.split("|").reduce((sum, part) => sum | parseBit(bits, part), 0n);
  const place = /^(@|scratch)(-?\d+)?(?:\+(\d+))?$/.exec(text);
  if (kind === "address" && place) {
    const base = place[1] === "@" ? MIDDLE : SCRATCH;
    return base + BigInt(place[2] ?? 0) * PAGE + BigInt(place[3] ?? 0);
  }
  const pages = /^(\d+)p$/.exec(text);
  if (kind === "length" && pages) return BigInt(pages[1] ?? 0) * PAGE;
  const slot = /^([a-z]+)(?::(\d+))?$/.exec(text);
  if (kind === "descriptor" && slot && DESCRIPTOR_KINDS.includes(slot[1] as DescriptorKind)) {
    return descriptor(slot[1] as DescriptorKind, Number(slot[2] ?? 0));
  }
  const advice = ADVICE.find(([name]) => name === text);
  if (kind === "advice" && advice) return advice[1];
  throw new Error(`'${text}' is no ${kind}`);
}

/** An address by its page: "@3+16" lies 16 bytes into the fourth page after the middle, "scratch+24" in the scratch memory. */
export function formatAddress(address: bigint): string {
  if (address >= SCRATCH && address < SCRATCH + BigInt(SCRATCH_BYTES)) return `scratch${withOffset(address - SCRATCH)}`;
  const page = (address - MIDDLE) >> 12n;
  const isNear = page > -FAR && page < FAR;
  return isNear ? `@${page}${withOffset(address - MIDDLE - page * PAGE)}` : formatNumber(address);
}

function withOffset(offset: bigint): string {
  return offset === 0n ? "" : `+${offset}`;
}

function formatNumber(word: bigint): string {
  if (word >= 1n << 63n) return `-0x${(-BigInt.asIntN(64, word)).toString(16)}`;
  return word < 10_000n ? String(word) : `0x${word.toString(16)}`;
}

function formatBits(names: Names, word: bigint): string {
  const parts: string[] = [];
  let rest = word;
  for (const [name, value] of names) {
    if ((rest & value) !== value) continue;
    parts.push(name);
    rest &= ~value;
  }
  if (rest !== 0n) parts.push(`0x${rest.toString(16)}`);
  return parts.join("|") || "none";
}

function parseBit(names: Names, text: string): bigint {
  const found = names.find(([name]) => name === text);
  if (found) return found[1];
  if (/^0x[0-9a-f]+$/.test(text)) return BigInt(text);
  throw new Error(`'${text}' is none of ${names.map(([name]) => name).join(", ")}`);
}
