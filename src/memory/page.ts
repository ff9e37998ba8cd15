// Pages and addresses: a page number fits a JavaScript number exactly, an address is text or bigint only at the edges.

/** Bytes in a page. Linux on x86-64 knows no other base page size. */
export const PAGE_SIZE = 4096;

/** One past the last page of the user half of a 47-bit address space, where the kernel's own TASK_SIZE stops. */
export const USER_PAGES_END = 0x7ffffffff000 / PAGE_SIZE;

/** The address of a page's first byte, exact up to 2^53. */
export function addressOf(page: number): number {
  return page * PAGE_SIZE;
}

/** The page that holds an address (bytes). */
export function pageOf(address: number | bigint): number {
  return typeof address === "bigint" ? Number(address >> 12n) : Math.floor(address / PAGE_SIZE);
}

/** A page's address as "0x…", the form of /proc/PID/maps with a prefix. */
export function formatAddress(page: number): string {
  return `0x${addressOf(page).toString(16)}`;
}

/** A number of pages as memory in the largest unit that keeps it short: "12 KiB", "1.5 GiB". */
export function formatSize(pages: number): string {
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = pages * (PAGE_SIZE / 1024);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = value >= 100 || Number.isInteger(value) ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}
