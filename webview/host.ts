// The extension on the other side of the page: typed messages, and what the page keeps while it is hidden.
import type { ToHost, ToPage } from "../src/ui/panel-messages.ts";

/** What survives hiding the view. */
export interface KeptState {
  readonly zoom: number;
  readonly scroll: number;
  readonly writtenOnly: boolean;
}

interface VsCodeApi {
  postMessage(message: ToHost): void;
  getState(): KeptState | undefined;
  setState(state: KeptState): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export const host: VsCodeApi = acquireVsCodeApi();

export function onMessage(listener: (message: ToPage) => void): void {
  window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => listener(data));
}
