// The constants of the kernel's headers, by their own names everywhere, and by short words where a call's argument expects them.
import {
  Advice,
  MapFlag,
  OpenFlag,
  PagemapScan,
  Protection,
  RemapFlag,
  Uffd,
  UffdFeature,
  UffdMessage,
} from "../../kernel/abi.ts";
import { Errno } from "../../kernel/errno.ts";
import { Category } from "../../memory/category.ts";
import { PAGE_SIZE } from "../../memory/page.ts";

export type Vocabulary = ReadonlyMap<string, number>;

/** Short words of an argument: `read | write`, `shared`, `dontneed`. */
function shortWords(flags: Readonly<Record<string, number>>): Vocabulary {
  return new Map(Object.entries(flags).map(([name, value]) => [name.toLowerCase(), value]));
}

export const PROTECTION_WORDS = shortWords(Protection);
export const MAP_WORDS = shortWords(MapFlag);
export const REMAP_WORDS = shortWords(RemapFlag);
export const ADVICE_WORDS = shortWords(Advice);
export const OPEN_WORDS = shortWords(OpenFlag);

const PREFIXES: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ["PROT_", Protection],
  ["MAP_", MapFlag],
  ["MREMAP_", RemapFlag],
  ["MADV_", Advice],
  ["O_", OpenFlag],
  ["PAGE_IS_", Category],
  ["UFFD_FEATURE_", UffdFeature],
  ["", Errno],
];

/** What userfaultfd's and PAGEMAP_SCAN's own requests are made of. */
const WATCHING: readonly (readonly [name: string, value: number])[] = [
  ["UFFD_USER_MODE_ONLY", Uffd.USER_MODE_ONLY],
  ["UFFD_API", Uffd.API],
  ["UFFDIO_API", Uffd.API_REQUEST],
  ["UFFDIO_REGISTER", Uffd.REGISTER_REQUEST],
  ["UFFDIO_REGISTER_MODE_WP", Uffd.REGISTER_MODE_WP],
  ["UFFDIO_UNREGISTER", Uffd.UNREGISTER_REQUEST],
  ["UFFDIO_WAKE", Uffd.WAKE_REQUEST],
  ["UFFD_EVENT_PAGEFAULT", UffdMessage.PAGEFAULT],
  ["UFFD_PAGEFAULT_FLAG_WRITE", UffdMessage.FLAG_WRITE],
  ["UFFD_PAGEFAULT_FLAG_WP", UffdMessage.FLAG_WP],
  ["UFFDIO_WRITEPROTECT", Uffd.WRITEPROTECT_REQUEST],
  ["UFFDIO_WRITEPROTECT_MODE_WP", Uffd.WRITEPROTECT_MODE_WP],
  ["PAGEMAP_SCAN", PagemapScan.REQUEST],
  ["PM_SCAN_WP_MATCHING", PagemapScan.WP_MATCHING],
  ["PM_SCAN_CHECK_WPASYNC", PagemapScan.CHECK_WPASYNC],
];

/** Names that every program knows: `page`, and the headers' own. */
export const PREDEFINED: Vocabulary = new Map([
  ["page", PAGE_SIZE],
  ["PAGE_SIZE", PAGE_SIZE],
  ...PREFIXES.flatMap(([prefix, flags]) =>
    Object.entries(flags).map(([name, value]) => [`${prefix}${name}`, value] as const),
  ),
  ...WATCHING,
]);

/** Where a short word belongs, for those who use it elsewhere: "PROT_READ". */
export function headerName(word: string): string | undefined {
  for (const [prefix, flags] of PREFIXES) {
    if (prefix !== "" && word === word.toLowerCase() && word.toUpperCase() in flags) return prefix + word.toUpperCase();
  }
  return undefined;
}
