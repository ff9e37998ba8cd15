// Script time a frame of the panel's page while panning, zooming, scrubbing and brushing a very large recording: npm run bench:page.
import type { CDPSession, Page } from "playwright-core";
import { openPage } from "./page/open-page.ts";

const FRAMES = 120;
/** In which the answers to an input come, and are painted. */
const FRAMES_AN_INPUT = 3;
const READY_MS = 180_000;

/** What a hand does, one event a frame; `i` counts from 0. */
const WAYS: readonly (readonly [string, string])[] = [
  ["nothing (what measuring itself takes)", ""],
  ["panning the map", `wheel(map, 37 * (i < 60 ? 1 : -1))`],
  ["zooming the map in, and out", `wheel(map, i % 60 < 30 ? -1 : 1, { ctrlKey: true })`],
  ["pointing at cells", `move(map, 260 + i * 7, 60 + i * 2)`],
  ["scrubbing the timeline", `drag(timeline, 20 + (i < 60 ? i : 119 - i) * 6, i)`],
  ["brushing the timeline", `drag(timeline, 20 + (i < 60 ? i : 119 - i) * 6, i, { shiftKey: true })`],
  ["panning with a brush", `wheel(map, 37 * (i < 60 ? 1 : -1))`],
  ["panning, coloured by count", `if (i === 0) color("count"); wheel(map, 37 * (i < 60 ? 1 : -1))`],
  ["zooming the timeline", `wheel(timeline, i % 40 < 20 ? -1 : 1, { ctrlKey: true })`],
];

const HANDS = `
  const map = document.querySelector('[data-testid="map"]');
  const timeline = document.querySelector('[data-testid="timeline"]');
  const at = target => { const box = target.getBoundingClientRect(); return [box.left, box.top]; };
  const wheel = (target, deltaY, more = {}) => {
    const [left, top] = at(target);
    target.dispatchEvent(new WheelEvent("wheel", { deltaY, clientX: left + 500, clientY: top + 30, bubbles: true, cancelable: true, ...more }));
  };
  const pointer = (target, type, x, y, more) => {
    const [left, top] = at(target);
    target.dispatchEvent(new PointerEvent(type, { clientX: left + x, clientY: top + y, pointerId: 1, bubbles: true, ...more }));
  };
  const move = (target, x, y) => pointer(target, "pointermove", x, y, {});
  const drag = (target, x, i, more = {}) => {
    target.setPointerCapture = () => {};
    if (i === 0) pointer(target, "pointerdown", x, 20, { button: 0, buttons: 1, ...more });
    else pointer(target, "pointermove", x, 20, { buttons: 1, ...more });
    if (i === ${FRAMES - 1}) pointer(target, "lostpointercapture", x, 20, more);
  };
  const color = value => {
    const colors = document.querySelector('[data-testid="colors"]');
    colors.value = value;
    colors.dispatchEvent(new Event("change"));
  };
`;

/** Milliseconds that the page's main thread has run script for, and has worked at all. */
async function spent(session: CDPSession): Promise<{ script: number; task: number }> {
  const { metrics } = await session.send("Performance.getMetrics");
  const value = (wanted: string): number => (metrics.find(({ name }) => name === wanted)?.value ?? 0) * 1000;
  return { script: value("ScriptDuration"), task: value("TaskDuration") };
}

async function measure(page: Page, session: CDPSession, what: string, way: string): Promise<void> {
  const script: number[] = [];
  const task: number[] = [];
  for (let i = 0; i < FRAMES; i += 1) {
    let before = await spent(session);
    const frames: { script: number; task: number }[] = [];
    for (let frame = 0; frame < FRAMES_AN_INPUT; frame += 1) {
      const hand = frame === 0 ? `const i = ${i}; ${HANDS} ${way};` : "";
      await page.evaluate(
        `(() => { ${hand} return new Promise(done => requestAnimationFrame(() => setTimeout(done))); })()`,
      );
      const after = await spent(session);
      frames.push({ script: after.script - before.script, task: after.task - before.task });
      before = after;
    }
    script.push(Math.max(...frames.map(frame => frame.script)));
    task.push(Math.max(...frames.map(frame => frame.task)));
  }
  const at = (times: number[], share: number): string =>
    times
      .toSorted((a, b) => a - b)
      [Math.floor((times.length - 1) * share)].toFixed(2)
      .padStart(7);
  console.log(
    `  ${what.padEnd(40)} script ${at(script, 0.5)} ms, p95 ${at(script, 0.95)} ms; all work ${at(task, 0.5)} ms, p95 ${at(task, 0.95)} ms`,
  );
}

const { page, close } = await openPage("large-host.ts", { width: 1440, height: 800 });
try {
  await page.waitForSelector('[data-testid="step-10000"]', { timeout: READY_MS });
  const session = await page.context().newCDPSession(page);
  // By the thread's own clock: what else the machine does is not the page's.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  console.log(
    `2^28 pages in 10,000 mappings, 10,000 steps of 100 regions; ${FRAMES} inputs each; of each input the slowest of its ${FRAMES_AN_INPUT} frames`,
  );
  for (const [what, way] of WAYS) await measure(page, session, what, way);
  const picture = process.argv[2];
  if (picture) await page.screenshot({ path: picture });
} finally {
  await close();
}
