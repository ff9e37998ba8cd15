// A hit of Stop at Write as a line of JSON: addresses are "0x…" text, bytes hexadecimal text, two digits each.
import type { SourceLocation } from "../recording/step.ts";
import type { Hit } from "../session/watch-hit.ts";
import type { ByteRange } from "../tracker/watches/reports.ts";

export interface HitJson {
  event: "hit";
  hit: number;
  /** Of the first byte written. */
  address: string;
  /** As the debugger numbers threads. */
  thread: number;
  by: Hit["by"];
  /** null where the debugger could not say. */
  place: SourceLocation | null;
  /** From the place outwards. */
  stack: readonly SourceLocation[];
  /** What is watched from the address on, at most 64 bytes, as it was before the write; empty where that could not be read. */
  before: string;
  /** Present where a system call wrote, or began to. */
  systemCall?: { number: number; args: readonly number[]; words: string };
}

export function hitJson(hit: Hit): HitJson {
  const { number, address, thread, by, place, stack, systemCall } = hit;
  return {
    event: "hit",
    hit: number,
    address: text(address),
    thread: thread.id,
    by,
    place: place ?? null,
    stack,
    before: hitBytes(hit),
    ...(systemCall ? { systemCall } : {}),
  };
}

/** What is watched, before anything runs. */
export function watchingJson(what: string, ranges: readonly ByteRange[], notes: readonly string[]): object {
  const told = ranges.map(({ start, end }) => ({ start: text(start), end: text(end) }));
  return { event: "watching", what, ranges: told, notes };
}

/** The bytes of `before` from the written address on, two digits each. */
export function hitBytes({ address, before, beforeAt }: Pick<Hit, "address" | "before" | "beforeAt">): string {
  const from = before.subarray(Math.max(0, address - beforeAt));
  return [...from].map(byte => byte.toString(16).padStart(2, "0")).join("");
}

function text(address: number): string {
  return `0x${address.toString(16)}`;
}
