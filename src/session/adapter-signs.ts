// Gathers what a debug adapter shows of itself, from the events of its conversation. Pure.
import type { AdapterSigns } from "../debuggers/signs.ts";
import type { SessionEvent } from "./events.ts";

/** The signs after an event. The same object where nothing is added. */
export function noticed(signs: AdapterSigns, event: SessionEvent): AdapterSigns {
  switch (event.kind) {
    case "capable":
      return { ...signs, capabilities: { ...signs.capabilities, ...event.capabilities } };
    case "configured":
      return { ...signs, request: event.request, configuration: event.configuration };
    case "process": {
      const { pid, name } = event;
      return { ...signs, process: { ...(pid === undefined ? {} : { pid }), ...(name === undefined ? {} : { name }) } };
    }
    default:
      return signs;
  }
}
