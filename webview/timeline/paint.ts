// Paints the timeline: a bar a step in parts by mapping, a lane a thread below, what is brushed, and the chosen step.

import { grouped } from "../../src/common/counted.ts";
import { t } from "../../src/common/l10n.ts";
import type { StepSpan, TimelineReply } from "../../src/ui/protocol.ts";
import { type Canvas2D, widthOf } from "../map/text-width.ts";
import { css, type Theme } from "../theme.ts";
import { barHeight, HEAD, heightsOf, LANE, totalsOf } from "./heights.ts";
import { fillPart } from "./patterns.ts";
import { barOfStep, barWidth, placeOfSpan } from "./scale.ts";

export interface TimelineScene {
  readonly reply: TimelineReply;
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
  readonly chosen?: number;
  readonly brush?: StepSpan;
  readonly other?: StepSpan;
}

/** What of the picture is the same whatever step is chosen. */
interface Ground {
  readonly of: readonly unknown[];
  readonly canvas: OffscreenCanvas;
}

let ground: Ground | undefined;

/** Draws into a canvas of the scene's size times the device's pixel ratio. */
export function drawTimeline(context: CanvasRenderingContext2D, scene: TimelineScene, ratio: number): void {
  const { reply, width, height, theme } = scene;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const of = [reply, theme, width, height, ratio];
  if (!ground?.of.every((part, i) => part === of[i])) ground = { of, canvas: groundOf(scene, ratio) };
  context.drawImage(ground.canvas, 0, 0, ground.canvas.width / ratio, ground.canvas.height / ratio);
  const below = height - heightsOf(reply, height).axis;
  if (scene.other) drawBrush(context, scene, scene.other, "there", below);
  if (scene.brush) drawBrush(context, scene, scene.brush, scene.other ? "here" : "", below);
  drawChosen(context, scene, below);
}

function groundOf(scene: TimelineScene, ratio: number): OffscreenCanvas {
  const { reply, width, height } = scene;
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio)));
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const heights = heightsOf(reply, height);
  drawBars(context, scene, heights.bars);
  if (heights.lanes > 0) drawLanes(context, scene, HEAD + heights.bars + 2);
  if (heights.axis > 0) drawAxis(context, scene, height);
  return canvas;
}

function drawBars(context: Canvas2D, { reply, theme, width }: TimelineScene, height: number): void {
  const { groups, values, unknown } = reply;
  const totals = totalsOf(reply);
  const most = totals.reduce((a, b) => Math.max(a, b), 0);
  const bar = barWidth(reply, width);
  const side = Math.max(1, bar - (bar > 2 ? 1 : 0));
  const floor = HEAD + height;
  for (let i = 0; i < totals.length; i += 1) {
    const x = i * bar;
    let y = floor;
    const high = barHeight(totals[i], most, height);
    let sum = 0;
    for (let part = 0; part < groups.length; part += 1) {
      const value = values[i * groups.length + part];
      if (value === 0) continue;
      sum += value;
      // Rounded as a whole, not part by part: the parts add up to the bar.
      const top = floor - Math.round((sum / totals[i]) * high);
      if (top < y) fillPart(context, theme, part, x, top, side, y - top);
      y = top;
    }
    if (unknown[i] === 1) drawUnknown(context, theme, x, side, y);
  }
  context.fillStyle = theme.dimmed;
  context.globalAlpha = 0.5;
  context.fillRect(0, floor, totals.length * bar, 1);
  context.globalAlpha = 1;
}

/** An open box on top of what is known. */
function drawUnknown(context: Canvas2D, theme: Theme, x: number, side: number, y: number): void {
  context.strokeStyle = theme.foreground;
  context.lineWidth = 1;
  context.setLineDash([2, 2]);
  context.strokeRect(x + 0.5, y - 5.5, Math.max(1, side - 1), 5);
  context.setLineDash([]);
}

function drawLanes(context: Canvas2D, { reply, theme, width }: TimelineScene, top: number): void {
  const { ran, threads } = reply;
  const bar = barWidth(reply, width);
  for (let lane = 0; lane <= threads.length; lane += 1) {
    const y = top + lane * LANE;
    const isUsed = lane < threads.length || ran.some(bits => bits & (1 << lane));
    if (!isUsed) continue;
    context.fillStyle = css(theme.ink);
    context.globalAlpha = theme.highContrast ? 0.3 : 0.12;
    context.fillRect(0, y, ran.length * bar, LANE - 1);
    context.globalAlpha = 1;
    context.fillStyle = theme.dimmed;
    for (let i = 0; i < ran.length; i += 1) {
      if (ran[i] & (1 << lane)) context.fillRect(i * bar, y, Math.max(1, bar - (bar > 2 ? 1 : 0)), LANE - 1);
    }
  }
}

/** A frame around the brushed bars, drawn through for the brush, dashed for what it is compared with, and named where there are two. */
function drawBrush(
  context: CanvasRenderingContext2D,
  { reply, theme, width }: TimelineScene,
  span: StepSpan,
  name: string,
  below: number,
): void {
  const place = placeOfSpan(reply, width, span);
  if (!place) return;
  const wide = Math.max(2, place.right - place.left);
  context.fillStyle = theme.focus;
  context.globalAlpha = theme.highContrast ? 0.12 : 0.18;
  context.fillRect(place.left, 0, wide, below);
  context.globalAlpha = 1;
  context.strokeStyle = theme.focus;
  context.lineWidth = theme.highContrast ? 2 : 1.5;
  if (name === "there") context.setLineDash([4, 3]);
  context.strokeRect(place.left + 0.75, 0.75, wide - 1.5, below - 1.5);
  context.setLineDash([]);
  if (!name) return;
  context.font = `600 ${theme.font}`;
  context.textBaseline = "top";
  context.textAlign = "left";
  const words = name === "there" ? t("there") : t("here");
  const room = widthOf(context, words) + 6;
  const x = place.left + wide < room ? Math.min(place.left, width - room) : place.left + 1;
  context.clearRect(x, 1, room, 13);
  context.fillStyle = theme.foreground;
  context.fillText(words, x + 3, 2);
}

/** A line through the bar, and a sign above it. */
function drawChosen(context: CanvasRenderingContext2D, scene: TimelineScene, below: number): void {
  const { reply, theme, width, chosen } = scene;
  if (chosen === undefined) return;
  const at = barOfStep(reply, chosen);
  if (at < 0 || reply.firsts[at] > chosen) return;
  const bar = barWidth(reply, width);
  const middle = at * bar + Math.max(1, bar - 1) / 2;
  context.fillStyle = theme.foreground;
  context.beginPath();
  context.moveTo(middle - 5, 0);
  context.lineTo(middle + 5, 0);
  context.lineTo(middle, 6);
  context.fill();
  context.strokeStyle = theme.foreground;
  context.lineWidth = 1;
  if (bar >= 6) context.strokeRect(at * bar - 0.5, 6.5, bar, below - 7);
  else context.fillRect(Math.floor(middle), 6, 1, below - 6);
}

/** Numbers of steps below the bars, as many as can be read. */
function drawAxis(context: Canvas2D, { reply, theme, width }: TimelineScene, height: number): void {
  const { firsts } = reply;
  if (firsts.length === 0) return;
  context.font = theme.font;
  context.textBaseline = "bottom";
  context.textAlign = "left";
  context.fillStyle = theme.dimmed;
  const bar = barWidth(reply, width);
  const widest = widthOf(context, grouped(firsts[firsts.length - 1])) + 24;
  const every = Math.max(1, Math.ceil(widest / bar));
  for (let i = 0; i < firsts.length; i += every) {
    const words = grouped(firsts[i]);
    if (i * bar + widthOf(context, words) > width) break;
    context.fillText(words, i * bar, height);
  }
}
