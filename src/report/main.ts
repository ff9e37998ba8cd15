// The script of a report: stands in for VS Code, and answers the panel's page from the recording in the same file.
import "./language.ts";
import { grouped } from "../common/counted.ts";
import { t } from "../common/l10n.ts";
import { NO_LOG } from "../common/log.ts";
import { connectOver } from "../common/post-message.ts";
import { FileRecording } from "../recording/file/file-recording.ts";
import { pickNamed } from "../ui/inspector/pick-named.ts";
import { PanelService } from "../ui/panel-service.ts";
import { recordingsOf } from "../ui/solo.ts";
import { showWriters } from "./writers.ts";

/** What the page posts before the recording is read waits here. */
const early: unknown[] = [];
let hear: (message: unknown) => void = message => void early.push(message);

let kept: unknown;
Object.assign(globalThis, {
  acquireVsCodeApi: () => ({
    // As VS Code's messages do, it arrives later, and as a copy.
    postMessage: (message: unknown) => {
      const copy = structuredClone(message);
      queueMicrotask(() => hear(copy));
    },
    getState: () => kept,
    setState: (state: unknown) => {
      kept = state;
    },
  }),
});

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
function followTheme(): void {
  document.body.classList.toggle("vscode-dark", prefersDark.matches);
  document.body.classList.toggle("vscode-light", !prefersDark.matches);
}
prefersDark.addEventListener("change", followTheme);
followTheme();

begin().catch(error => {
  const about = document.getElementById("report-about");
  if (about) about.textContent = error instanceof Error ? error.message : String(error);
});

async function begin(): Promise<void> {
  const element = document.getElementById("recording");
  const bytes = Uint8Array.from(atob(element?.textContent ?? ""), character => character.charCodeAt(0));
  element?.remove();
  const recording = await FileRecording.read(t("The recording"), bytes);
  tellAbout(recording);
  const port = {
    post: (message: unknown) =>
      void window.dispatchEvent(new MessageEvent("message", { data: structuredClone(message) })),
    listen: (listener: (message: unknown) => void) => {
      hear = listener;
      return { dispose: () => {} };
    },
  };
  let problem = recording.lack;
  const service: PanelService = new PanelService(connectOver(port, NO_LOG), {
    recordings: recordingsOf(recording),
    extras: () => ({ ...(problem === undefined ? {} : { problem }), alone: "report" }),
    actions: {
      execute: () => {},
      save: () => {},
      choose: () => {},
      whoWrote: (_recording, start, end) =>
        showWriters(recording.steps, { address: start, size: end - start }, step => service.select(recording.id, step)),
      inspect: (_recording, expression) => {
        problem = pickNamed(service, recording, expression);
        service.stateChanged();
      },
      // A page has no editors beside it: its own inspector is the one there is.
      openRange: () => {},
      copy: text => navigator.clipboard.writeText(text),
      dismissProblem: () => {
        problem = undefined;
        service.stateChanged();
      },
      painted: () => {},
    },
    log: NO_LOG,
  });
  for (const message of early) hear(message);
}

function tellAbout({ head, steps, pid }: FileRecording): void {
  const about = document.getElementById("report-about");
  const process = pid === undefined ? "" : t("process {0}, ", pid);
  const begun = new Date(head.begun).toLocaleString();
  if (about)
    about.textContent = t("{0}{1} steps, recorded {2} by {3}", process, grouped(steps.count), begun, head.writer);
}
