// The licences of what is bundled and packaged, gathered into one file of the package: most of them ask for that.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Metafile } from "esbuild";
import { repository } from "../vscode-host/paths.ts";
import { KOFFI_PACKAGES } from "./koffi.ts";

export const NOTICES_FILE = "dist/ThirdPartyNotices.txt";

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name?: string };
}

const INTRODUCTION = `Third-party software in this package
===================================

WriteWatch itself is under the licence in LICENSE. It holds the following packages, or parts of them, under their own.
`;

/** @throws {Error} a package comes without a licence, or with one whose text nobody has seen yet. */
export function writeNotices(metafiles: readonly Metafile[]): void {
  writeFileSync(join(repository, NOTICES_FILE), noticesOf(bundledPackages(metafiles)));
}

/** The folders of the packages of which anything is in the bundles, and of koffi's. */
export function bundledPackages(metafiles: readonly Metafile[]): string[] {
  const files = metafiles.flatMap(({ outputs }) => Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)));
  const folders = files.flatMap(file => /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []);
  const koffi = KOFFI_PACKAGES.map(name => `node_modules/${name}`);
  return [...new Set([...folders, ...koffi].map(folder => resolve(repository, folder)))];
}

/** @param folders of packages; those that are not installed on this computer are not packaged either. */
export function noticesOf(folders: readonly string[]): string {
  const notices = new Map<string, string>();
  for (const folder of folders) {
    const about = packageIn(folder);
    if (!about) continue;
    const title = `${about.name} ${about.version} (${about.license ?? "no licence named"})`;
    notices.set(title, `${title}\n${"-".repeat(title.length)}\n\n${licenceOf(folder, about)}\n`);
  }
  const sorted = [...notices].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, notice]) => notice);
  return [INTRODUCTION, ...sorted].join("\n\n");
}

function packageIn(folder: string): Package | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function licenceOf(folder: string, { name, license, author }: Package): string {
  const files = readdirSync(folder).filter(file => /^(licen[cs]e|copying)(\.|$)/i.test(file));
  const texts = files.map(file => readFileSync(join(folder, file), "utf8").trim());
  if (texts.some(text => text.length > 0)) return texts.join("\n\n").replaceAll("\r\n", "\n");
  // Some name the licence and bring no text; our own is the same but for whose it is.
  const holder = typeof author === "string" ? author : author?.name;
  if (license !== "MIT" || !holder) {
    throw new Error(
      `The package ${name} (${folder}) is bundled and brings no licence text, only the name ${license}. ` +
        "Find the text and let scripts/build/notices.ts know it, or bundle something else.",
    );
  }
  const mit = readFileSync(join(repository, "LICENSE"), "utf8").trim();
  return mit.replace(/^Copyright.*$/m, `Copyright (c) ${holder}`);
}
