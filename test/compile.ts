// Compiles a C or C++ program of the tests once, into dist/test/.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../dist/test/", import.meta.url));

/** @param source path of the source. @returns path of the executable. */
export function compiled(source: string, name: string, flags: readonly string[] = ["-g", "-O0", "-pthread"]): string {
  const executable = join(folder, name);
  if (existsSync(executable) && statSync(executable).mtimeMs > statSync(source).mtimeMs) return executable;
  mkdirSync(folder, { recursive: true });
  execFileSync(source.endsWith(".cpp") ? "g++" : "gcc", [...flags, "-o", executable, source], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  return executable;
}

/** The same from a source text. */
export function compiledText(text: string, name: string, flags?: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const source = join(folder, `${name}.c`);
  writeFileSync(source, text);
  return compiled(source, name, flags);
}
