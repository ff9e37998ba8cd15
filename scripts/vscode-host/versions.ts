// The two VS Codes the project is tested on: the oldest that package.json's engines claims, and the current one.

export interface HostVersion {
  readonly vscode: string;
  readonly codeServer: string;
  /** SHA-512 of the published package; its npm-shrinkwrap.json pins everything below it. */
  readonly integrity: string;
  /** Native modules the server cannot run without. All are N-API: built by one Node, loaded by any later one. */
  readonly rebuild: readonly string[];
}

export const current: HostVersion = {
  vscode: "1.139",
  codeServer: "4.139.1",
  integrity: "sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==",
  rebuild: ["@vscode/native-watchdog", "@vscode/spdlog", "node-pty", "@parcel/watcher"],
};

export const oldest: HostVersion = {
  vscode: "1.99",
  codeServer: "4.99.3",
  integrity: "sha512-r34sxen58Y1Qaa0iAAoG5lu5lD7D2Y3BcQM7Ynhm89UCQWOxx6ifxGbFrJFc9YpibDRU2FTOkqMENdIJTPhpTw==",
  rebuild: ["native-watchdog", "@vscode/spdlog", "node-pty"],
};

const all = [current, oldest];

export function hostVersion(vscode: string): HostVersion {
  const found = all.find(version => version.vscode === vscode);
  if (found) return found;
  throw new Error(`No VS Code ${vscode} here. Choose one of: ${all.map(version => version.vscode).join(", ")}.`);
}
