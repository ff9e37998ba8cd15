// When the workbench and the panel have painted, each told by its own page on the clock that all processes share.
import { drive } from "../../workbench/driver.ts";
import { inPage } from "../../workbench/page.ts";

/** Milliseconds since 1970, to the microsecond: what performance.now() is relative to differs between processes. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Notes, in the workbench's page, the end of each frame in which the highlighted line of the stop has moved. */
export async function watchHighlightedLine(): Promise<void> {
  await drive({
    do: "evaluateInPage",
    script: `(() => {
      const frames = (window.writewatchLines = []);
      let before = "";
      const placeOf = () => [...document.querySelectorAll(".debug-top-stack-frame-line")]
        .map(line => Math.round(line.getBoundingClientRect().top)).join();
      const look = () => {
        const place = placeOf();
        if (place === before) return;
        before = place;
        if (place === "") return;
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => frames.push(performance.timeOrigin + performance.now());
          port2.postMessage(0);
        });
      };
      new MutationObserver(look).observe(document.body, {
        subtree: true, childList: true, attributes: true, attributeFilter: ["class", "style"],
      });
    })()`,
  });
}

/** The end of the first frame after `since` with the line highlighted anew; undefined where none comes in time. */
export async function lineFrame(since: number, milliseconds: number): Promise<number | undefined> {
  const script = `window.writewatchLines.find(frame => frame > ${since})`;
  for (const deadline = now() + milliseconds; now() < deadline; ) {
    const frame = (await drive({ do: "evaluateInPage", script })) as number | null | undefined;
    if (frame) return frame;
  }
  return undefined;
}

/** The end of the frame in which the panel's map first showed the step. */
export async function panelFrame(step: number): Promise<number | undefined> {
  const script = `(() => {
    const mark = performance.getEntriesByName("writewatch: step ${step} painted")[0];
    return mark ? performance.timeOrigin + mark.startTime : undefined;
  })()`;
  return ((await inPage(script)) as number | null) ?? undefined;
}
