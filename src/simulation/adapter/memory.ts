// Memory as the debug adapter protocol carries it: addresses as text, bytes in base64.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Process } from "../../kernel/simulated/process.ts";
import { addressOf, USER_PAGES_END } from "../../memory/page.ts";

/** What one request may read. */
const MOST_BYTES = 16 * 2 ** 20;

/** @throws {Error} the reference is no address. */
export function readMemory(
  process: Process,
  { memoryReference, offset = 0, count }: DebugProtocol.ReadMemoryArguments,
): NonNullable<DebugProtocol.ReadMemoryResponse["body"]> {
  const address = parseAddress(memoryReference) + offset;
  const wanted = Math.min(Math.max(0, count), MOST_BYTES);
  const shown = `0x${Math.max(0, address).toString(16)}`;
  if (address < 0 || address >= addressOf(USER_PAGES_END)) return { address: shown, unreadableBytes: wanted };
  const bytes = new Uint8Array(wanted);
  const done = Math.max(0, process.peek(address, bytes));
  const unreadable = wanted - done;
  return {
    address: shown,
    data: toBase64(bytes.subarray(0, done)),
    ...(unreadable > 0 ? { unreadableBytes: unreadable } : {}),
  };
}

/**
 * @returns how many bytes were written.
 * @throws {Error} the reference is no address, the data no base64, or nothing could be written.
 */
export function writeMemory(
  process: Process,
  { memoryReference, offset = 0, data, allowPartial }: DebugProtocol.WriteMemoryArguments,
): number {
  const address = parseAddress(memoryReference) + offset;
  const bytes = Uint8Array.from(atob(data), character => character.charCodeAt(0));
  if (address < 0) throw new Error("The address is below 0.");
  const done = Math.max(0, process.poke(address, bytes));
  if (done < bytes.length && !allowPartial) {
    throw new Error(`Only ${done} of ${bytes.length} bytes at 0x${address.toString(16)} could be written.`);
  }
  return done;
}

function parseAddress(reference: string): number {
  const address = /^(0x[0-9a-fA-F]+|\d+)$/.test(reference) ? Number(reference) : Number.NaN;
  if (!Number.isSafeInteger(address)) throw new Error(`"${reference}" is no address.`);
  return address;
}

function toBase64(bytes: Uint8Array): string {
  // As many at a time as a call may have arguments.
  const PIECE = 8192;
  let text = "";
  for (let i = 0; i < bytes.length; i += PIECE) text += String.fromCharCode(...bytes.subarray(i, i + PIECE));
  return btoa(text);
}
