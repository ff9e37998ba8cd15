// What can be said of a program before a debugger meets it, whose own words for these cases are harder to act on.
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";

/**
 * Checks that a program can be run.
 * @throws {Error} missing, a directory, not executable, or no ELF file.
 */
export function checkProgram(path: string): void {
  if (!existsSync(path)) throw new Error(`There is no program at ${path}: give --program the path of an executable.`);
  if (statSync(path).isDirectory())
    throw new Error(`${path} is a directory: give --program the path of an executable.`);
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(`${path} is not executable: run 'chmod +x ${path}', or give --program another file.`);
  }
  if (readFileSync(path).subarray(0, 4).toString("latin1") !== "\x7fELF") {
    throw new Error(`${path} is no ELF program (a script, perhaps): give --program the program that runs it.`);
  }
}
