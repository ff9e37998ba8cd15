// Memory that the loops of pages.wat work on.
import { PAGES_WASM } from "./pages.wasm.ts";

/** The functions of pages.wat, which says what they do; places are in bytes of their memory. */
interface Loops {
  fillBitmap(at: number, end: number, bitmap: number): number;
  differences(a: number, b: number, spans: number): number;
}

/** Memory that stays where it is, and the loops over it. */
export interface LoopMemory extends Loops {
  readonly buffer: ArrayBuffer;
}

/** So much of WebAssembly as is used here: neither Node's types nor the language's have it. */
interface Assembly {
  readonly Memory: new (pages: {
    readonly initial: number;
    readonly maximum: number;
  }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Loops };
}

const WASM_PAGE = 1 << 16;

/** Compiled once. */
let module: object | undefined;

/** At least so many bytes; undefined where there is no WebAssembly, or no room for its memory. */
export function loopMemory(bytes: number): LoopMemory | undefined {
  const pages = Math.ceil(bytes / WASM_PAGE);
  try {
    const { Memory, Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Assembly }).WebAssembly;
    module ??= new Module(Uint8Array.from(atob(PAGES_WASM), character => character.charCodeAt(0)));
    const memory = new Memory({ initial: pages, maximum: pages });
    const { fillBitmap, differences } = new Instance(module, { js: { memory } }).exports;
    // A function is compiled when it is first called; nobody waits now.
    fillBitmap(0, 0, 0);
    differences(0, 0, 0);
    return { buffer: memory.buffer, fillBitmap, differences };
  } catch {
    return undefined;
  }
}
