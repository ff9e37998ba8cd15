// For measurements: serves a page from within a worker, over recordings that are given.
import { NO_LOG } from "../../../src/common/log.ts";
import { connectOver } from "../../../src/common/post-message.ts";
import type { Recording } from "../../../src/recording/recording.ts";
import { PanelService } from "../../../src/ui/panel-service.ts";
import { Recordings } from "../../../src/ui/recordings.ts";
import { FakeSessions } from "../../unit/ui/page.ts";

/** A worker's own global object, which the types of a page do not know. */
interface WorkerScope {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** What the worker says once it can be asked; the page's questions have deadlines. */
export const READY = "ready";

export function serveRecording(recording: Recording): void {
  const scope = globalThis as unknown as WorkerScope;
  const recordings = new Recordings(new FakeSessions());
  recordings.open(recording);
  const ignore = (): void => {};
  const actions = {
    ...{
      execute: ignore,
      save: ignore,
      choose: ignore,
      whoWrote: ignore,
      inspect: ignore,
      openRange: ignore,
      copy: ignore,
    },
    ...{ dismissProblem: ignore, painted: ignore },
  };
  const port = {
    post: (message: unknown) => scope.postMessage(message),
    listen: (listener: (message: unknown) => void) => {
      scope.addEventListener("message", ({ data }) => listener(data));
      return { dispose: ignore };
    },
  };
  new PanelService(connectOver(port, NO_LOG), { recordings, extras: () => ({}), actions, log: NO_LOG });
  scope.postMessage(READY);
}
