// What a debug adapter has shown of itself so far: several go by one debug type, and one goes by several.

/** An object out of somebody else's message: nothing of it is taken on trust. */
export type Fields = Readonly<Record<string, unknown>>;

/** A pure value, richer with each message of a conversation (src/session/adapter-signs.ts). */
export interface AdapterSigns {
  /** The launch configuration's `type`. */
  readonly debugType: string;
  /** The answer to DAP's `initialize`, with what `capabilities` events have added. */
  readonly capabilities?: Fields;
  /** Which request went to the adapter, and its arguments: the launch configuration. */
  readonly request?: "launch" | "attach";
  readonly configuration?: Fields;
  /** DAP's `process` event. */
  readonly process?: { readonly pid?: number; readonly name?: string };
}

/**
 * Whether signs are a debugger's. "open": nothing contradicts, and what decides has not been said: a conversation that has just begun
 * tells the debug type alone.
 */
export type Verdict = "yes" | "no" | "open";

export function offers({ capabilities }: AdapterSigns, capability: string): boolean {
  return capabilities?.[capability] === true;
}

/** Whether the launch configuration holds one of these. */
export function isToldAny({ configuration }: AdapterSigns, ...names: readonly string[]): boolean {
  return names.some(name => configuration?.[name] !== undefined);
}

/** Labels of the exceptions that the adapter can stop at, which people read, and no two adapters write alike. */
export function exceptionLabels({ capabilities }: AdapterSigns): readonly string[] {
  const filters = capabilities?.exceptionBreakpointFilters;
  if (!Array.isArray(filters)) return [];
  return filters
    .map(filter => (filter as { label?: unknown } | null)?.label)
    .filter(label => typeof label === "string");
}
