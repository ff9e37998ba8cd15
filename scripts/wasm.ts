// Makes src/memory/wasm/pages.wasm.ts of the WebAssembly text beside it: the bytes are kept, since sources run here as they are.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import wabt from "wabt";

const folder = new URL("../src/memory/wasm/", import.meta.url);
const path = (file: string): string => fileURLToPath(new URL(file, folder));
export const BYTES_FILE = path("pages.wasm.ts");

/** What stands in {@link BYTES_FILE} when it is up to date. @throws {Error} the text is none of WebAssembly, and where. */
export async function bytesFile(): Promise<string> {
  const assembler = await wabt();
  const module = assembler.parseWat("pages.wat", readFileSync(path("pages.wat"), "utf8"));
  try {
    module.validate();
    const base64 = Buffer.from(module.toBinary({}).buffer).toString("base64");
    const lines = base64.match(/.{1,100}/g) ?? [];
    return [
      "// What pages.wat beside it compiles to; made by node scripts/wasm.ts.",
      "export const PAGES_WASM =",
      `${lines.map(line => `  "${line}"`).join(" +\n")};`,
      "",
    ].join("\n");
  } finally {
    module.destroy();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(BYTES_FILE, await bytesFile());
