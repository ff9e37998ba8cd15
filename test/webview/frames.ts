// Measures what a frame of the region map costs in script at 10^6 written runs a step over 1 TiB: node test/webview/frames.ts
import { Harness, type WebviewPage } from "./harness/harness.ts";

const FRAMES = 40;
const REDRAW = `new Promise(done => {
  let left = ${FRAMES};
  const again = () => { window.dispatchEvent(new Event("resize")); document.querySelector("[data-testid=map]").dispatchEvent(new WheelEvent("wheel", { deltaY: left % 2 ? 24 : -24 })); if (--left > 0) requestAnimationFrame(again); else requestAnimationFrame(() => done()); };
  again();
})`;

const harness = await Harness.open();
try {
  for (const [theme, width, height] of [
    ["dark", 1400, 700],
    ["hc", 1400, 700],
    ["dark", 1400, 300],
  ] as const) {
    const view = await harness.page({ theme, width, height });
    await view.send("million");
    await view.byTestId("map").focus();
    for (const zoom of [0, 3, 6, 10, 30]) {
      await zoomTo(view, zoom);
      await view.page.keyboard.press("n");
      const times = await view.frames(async () => {
        await view.page.evaluate(REDRAW);
      });
      // Frames in which nothing was drawn ran nothing but the measurement.
      const drawn = times.filter(time => time > 0.15).sort((a, b) => a - b);
      const median = drawn[drawn.length >> 1] ?? 0;
      console.log(
        `${theme} ${width} × ${height}, zoom ${zoom}: median ${median.toFixed(1)} ms, most ${(drawn.at(-1) ?? 0).toFixed(1)} ms, ${drawn.length} frames`,
      );
    }
    await zoomTo(view, 0);
    const before = (await view.posted()).length;
    await view.send("nextMillion");
    const painted = (await view.posted()).slice(before).find(({ type }) => type === "painted");
    console.log(`${theme} ${width} × ${height}: one more step, ${JSON.stringify(painted)}`);
    await view.page.close();
  }
} finally {
  await harness.close();
}

async function zoomTo(view: WebviewPage, zoom: number): Promise<void> {
  for (let i = 0; i < 40; i += 1) await view.page.keyboard.press("-");
  for (let i = 0; i < zoom; i += 1) await view.page.keyboard.press("+");
  await view.settled();
}
