// Memory for a scan's regions that WebAssembly reads too: there a region becomes a bit in a quarter of the time that it takes here.
import { BITMAP_WORDS } from "./page-set-chunks.ts";
import { PAGES_WASM } from "./wasm/pages.wasm.ts";

/**
 * Sets the bits of byte ranges that all end within one chunk in its bitmap.
 * @param from, end the ranges, as indices into the words of their memory.
 * @param data holds the bitmap from `at` on.
 * @returns how many runs the bitmap has now.
 */
export type BitmapFiller = (from: number, end: number, data: Uint32Array, at: number) => number;

export interface RegionMemory {
  readonly buffer: ArrayBuffer;
  /** Where in the buffer the regions begin. */
  readonly offset: number;
  readonly fill?: BitmapFiller;
}

/** The function of pages.wat; places are in bytes of its memory. */
type FillBitmap = (at: number, end: number, bitmap: number) => number;

/** So much of WebAssembly as is used here: neither Node's types nor the language's have it. */
interface Assembly {
  readonly Memory: new (pages: {
    readonly initial: number;
    readonly maximum: number;
  }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<{ fillBitmap: FillBitmap }> };
}

const WASM_PAGE = 1 << 16;
/** The bitmap comes first in the memory. */
const REGIONS_AT = BITMAP_WORDS * 4;

/** Compiled once. */
let module: object | undefined;

/** Room for `bytes` of regions, which stays where it is. Where WebAssembly is not to be had it is plain memory, without a filler. */
export function regionMemory(bytes: number): RegionMemory {
  const pages = Math.ceil((REGIONS_AT + bytes) / WASM_PAGE);
  try {
    const { Memory, Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Assembly }).WebAssembly;
    module ??= new Module(Uint8Array.from(atob(PAGES_WASM), character => character.charCodeAt(0)));
    const memory = new Memory({ initial: pages, maximum: pages });
    const { fillBitmap } = new Instance(module, { js: { memory } }).exports;
    // A function is compiled when it is first called; nobody waits now.
    fillBitmap(0, 0, 0);
    const bitmap = new Uint32Array(memory.buffer, 0, BITMAP_WORDS);
    const fill: BitmapFiller = (from, end, data, at) => {
      bitmap.set(data.subarray(at, at + BITMAP_WORDS));
      const runs = fillBitmap(REGIONS_AT + from * 4, REGIONS_AT + end * 4, 0);
      data.set(bitmap, at);
      return runs;
    };
    return { buffer: memory.buffer, offset: REGIONS_AT, fill };
  } catch {
    return { buffer: new ArrayBuffer(bytes), offset: 0 };
  }
}
