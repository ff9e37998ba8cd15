// What a debugger shows of a stopped program: a frame's names, the globals, and the machine.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { findMapping, type Mapping, shortName } from "../../memory/mapping.ts";
import { addressOf, formatAddress, formatSize, PAGE_SIZE, pageOf } from "../../memory/page.ts";
import { hexadecimal, type Integer, readInteger } from "../language/integer.ts";
import type { CompiledProgram, Local, Place as MemoryPlace } from "../run/code.ts";
import type { Execution } from "../run/execution.ts";
import type { Frame } from "../run/thread.ts";
import type { Place } from "./evaluate.ts";

/** What can be opened in the variables' view. */
export type Container =
  | { readonly kind: "locals" | "globals" | "machine"; readonly place: Place }
  | { readonly kind: "mappings" };

export class Variables {
  private readonly program: CompiledProgram;
  private readonly execution: Execution;
  private containers: Container[] = [];
  private mappings: readonly Mapping[] | undefined;

  constructor(execution: Execution) {
    this.execution = execution;
    this.program = execution.program;
  }

  /** References are good until the program runs on. */
  forget(): void {
    this.containers = [];
    this.mappings = undefined;
  }

  /** Something was written: what is shown is to be read anew. */
  changed(): void {
    this.mappings = undefined;
  }

  scopes(place: Place): DebugProtocol.Scope[] {
    const scope = (name: string, kind: "locals" | "globals" | "machine", presentationHint?: string) => ({
      name,
      variablesReference: this.reference({ kind, place }),
      expensive: false,
      ...(presentationHint ? { presentationHint } : {}),
    });
    return [
      scope("Locals", "locals", "locals"),
      scope("Globals", "globals", "globals"),
      scope("Machine", "machine", "registers"),
    ];
  }

  container(reference: number): Container | undefined {
    return this.containers[reference - 1];
  }

  variables({
    variablesReference,
    start = 0,
    count,
    format,
  }: DebugProtocol.VariablesArguments): DebugProtocol.Variable[] {
    const container = this.container(variablesReference);
    if (!container) return [];
    const all = this.contents(container, format?.hex === true);
    return count ? all.slice(start, start + count) : all;
  }

  /** A value as it is shown: an address in hexadecimal, any other number as it is. */
  shown(value: Integer, hex = false): { value: string; memoryReference?: string } {
    const isAddress =
      typeof value === "number" && value >= PAGE_SIZE && findMapping(this.currentMappings(), pageOf(value)) >= 0;
    return {
      value: hex || isAddress ? hexadecimal(value) : String(value),
      ...(isAddress ? { memoryReference: hexadecimal(value) } : {}),
    };
  }

  private reference(container: Container): number {
    this.containers.push(container);
    return this.containers.length;
  }

  private contents(container: Container, hex: boolean): DebugProtocol.Variable[] {
    switch (container.kind) {
      case "locals":
        return this.locals(container.place, hex);
      case "globals":
        return [...this.program.globals.values()].map(({ name, offset, ...place }) =>
          this.inMemory(name, container.place.thread.data + offset, place, hex),
        );
      case "machine":
        return this.machine(container.place);
      case "mappings":
        return this.currentMappings().map(mappingVariable);
    }
  }

  private locals({ frame, pc }: Place, hex: boolean): DebugProtocol.Variable[] {
    // An inner name hides an outer one.
    const visible = new Map<string, Local>();
    for (const local of frame.function.locals) if (pc >= local.from && pc < local.to) visible.set(local.name, local);
    return [...visible.values()].map(local => this.local(local, frame, hex));
  }

  private local(local: Local, { registers, base }: Frame, hex: boolean): DebugProtocol.Variable {
    switch (local.kind) {
      case "constant":
        return this.simple(local.name, local.value, hex, "const");
      case "register":
        return this.simple(local.name, registers[local.index] ?? 0, hex, "let, in a register");
      case "memory":
        return this.inMemory(local.name, base - local.offset, local, hex);
    }
  }

  private simple(name: string, value: Integer, hex: boolean, type: string): DebugProtocol.Variable {
    return { name, type, evaluateName: name, variablesReference: 0, ...this.shown(value, hex) };
  }

  private inMemory(name: string, address: number, { width, size }: MemoryPlace, hex: boolean): DebugProtocol.Variable {
    const memoryReference = hexadecimal(address);
    const common = { name, evaluateName: name, variablesReference: 0, memoryReference };
    if (width === 0) {
      const pages = size / PAGE_SIZE;
      const shown = Number.isInteger(pages) && pages > 0 ? formatSize(pages) : `${size} bytes`;
      return { ...common, type: `array of ${size} bytes`, value: `${memoryReference} (${shown})` };
    }
    const bytes = new Uint8Array(8);
    const { kernel } = this.execution.main;
    const done = kernel.peek(address, bytes.subarray(0, width));
    if (done < width) return { ...common, value: "not readable" };
    const { value } = this.shown(readInteger(new DataView(bytes.buffer), width), hex);
    return { ...common, type: `u${8 * width} at ${memoryReference}`, value };
  }

  private machine({ thread, frame, pc }: Place): DebugProtocol.Variable[] {
    const { execution } = this;
    const address = (name: string, value: number): DebugProtocol.Variable => ({
      name,
      value: hexadecimal(value),
      memoryReference: hexadecimal(value),
      variablesReference: 0,
    });
    const plain = (name: string, value: string): DebugProtocol.Variable => ({ name, value, variablesReference: 0 });
    const mappings = this.currentMappings();
    const fault = thread.fault?.address;
    return [
      address("pc", thread.process.codeAddress(pc)),
      address("sp", frame.top),
      address("fp", frame.base),
      ...(fault === undefined ? [] : [plain("fault address", hexadecimal(fault))]),
      plain("statements", String(execution.statements)),
      plain("random", execution.random.state),
      plain("process", String(execution.main.pid)),
      plain("kernel", execution.machine.profile.name),
      {
        name: "mappings",
        value: String(mappings.length),
        variablesReference: this.reference({ kind: "mappings" }),
        indexedVariables: mappings.length,
      },
    ];
  }

  private currentMappings(): readonly Mapping[] {
    this.mappings ??= this.execution.main.kernel.mappings();
    return this.mappings;
  }
}

function mappingVariable(mapping: Mapping): DebugProtocol.Variable {
  const { start, end, permissions } = mapping;
  return {
    name: `${formatAddress(start)}-${formatAddress(end)}`,
    value: `${permissions} ${formatSize(end - start)} ${shortName(mapping)}`,
    memoryReference: hexadecimal(addressOf(start)),
    variablesReference: 0,
  };
}
