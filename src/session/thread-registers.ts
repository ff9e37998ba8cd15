// The registers of a stopped program's threads, as its debugger shows them in a frame's scope of registers (DAP's scopes and variables).
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import { USER_REGISTERS } from "../debuggers/registers.ts";

/** A program may have thousands of threads, and each takes the debugger milliseconds. */
const MOST_THREADS = 512;
/** Groups of registers are in groups at most once. */
const DEEPEST = 2;
/** As the processor has them in every 64-bit program on Linux; and "in no system call". */
const DEFAULTS: Readonly<Record<string, bigint>> = { cs: 0x33n, ss: 0x2bn, orig_rax: -1n, eflags: 0x202n };
const FLAGS: Readonly<Record<string, number>> = {
  ...{ CF: 0, PF: 2, AF: 4, ZF: 6, SF: 7, TF: 8, IF: 9, DF: 10, OF: 11 },
};

/**
 * @param first DAP's number of the thread to begin with.
 * @returns a struct user_regs_struct for each thread whose registers the debugger shows; none where it shows none.
 * @throws {DapError} it can't tell its threads.
 */
export async function threadRegisters(port: AdapterPort, first: number | undefined): Promise<Uint8Array[]> {
  const { threads = [] } = (await port.request("threads")) as Partial<DebugProtocol.ThreadsResponse["body"]>;
  const ordered = [...threads].sort((a, b) => Number(b.id === first) - Number(a.id === first));
  const found: Uint8Array[] = [];
  for (const { id } of ordered.slice(0, MOST_THREADS)) {
    // One that can't be shown is left out: the others are none the worse for it.
    const values = await registersOf(port, id).catch(() => undefined);
    const bytes = values && encoded(values);
    if (bytes) found.push(bytes);
  }
  return found;
}

async function registersOf(port: AdapterPort, threadId: number): Promise<ReadonlyMap<string, bigint>> {
  const values = new Map<string, bigint>();
  const stack = (await port.request("stackTrace", {
    threadId,
    startFrame: 0,
    levels: 1,
  })) as Partial<DebugProtocol.StackTraceResponse["body"]>;
  const frameId = stack.stackFrames?.[0]?.id;
  if (frameId === undefined) return values;
  const { scopes = [] } = (await port.request("scopes", { frameId })) as Partial<DebugProtocol.ScopesResponse["body"]>;
  const scope = scopes.find(({ name, presentationHint }) => presentationHint === "registers" || /register/i.test(name));
  if (scope) await collect(port, scope.variablesReference, values, DEEPEST);
  return values;
}

async function collect(port: AdapterPort, reference: number, into: Map<string, bigint>, deep: number): Promise<void> {
  const body = (await port.request("variables", {
    variablesReference: reference,
  })) as Partial<DebugProtocol.VariablesResponse["body"]>;
  const groups: number[] = [];
  for (const { name, value, variablesReference } of body.variables ?? []) {
    // lldb calls eflags rflags.
    const register = name.replace(/^\$/, "").replace("rflags", "eflags");
    const number = USER_REGISTERS.includes(register) ? numberIn(value) : undefined;
    if (number !== undefined) into.set(register, number);
    else if (variablesReference > 0 && /general/i.test(name)) groups.push(variablesReference);
  }
  if (deep > 0) for (const group of groups) await collect(port, group, into, deep - 1);
}

/** @returns what "0x7fff… symbol", "-11" or "[ ZF PF ]" says; undefined for what says no number. */
function numberIn(text: string): bigint | undefined {
  const flags = /^\[((?: [A-Z]{2})*) \]$/.exec(text.trim());
  if (flags) {
    const bits = flags[1].split(" ").map(flag => FLAGS[flag]);
    return bits.reduce((all, bit) => (bit === undefined ? all : all | (1n << BigInt(bit))), 2n);
  }
  const number = /(?:^|\s)(-?)(0x[0-9a-f]+|\d+)\b/i.exec(text);
  return number ? (number[1] === "-" ? -1n : 1n) * BigInt(number[2]) : undefined;
}

function encoded(values: ReadonlyMap<string, bigint>): Uint8Array | undefined {
  if (!values.has("rip") || !values.has("rsp")) return undefined;
  const words = BigUint64Array.from(USER_REGISTERS, name =>
    BigInt.asUintN(64, values.get(name) ?? DEFAULTS[name] ?? 0n),
  );
  return new Uint8Array(words.buffer);
}
