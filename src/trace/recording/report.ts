// Writes a recording as one HTML page; the page's scripts are bundled from the sources first.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FileRecording } from "../../recording/file/file-recording.ts";
import { reportHtml } from "../../recording/file/report-html.ts";
import type { Answer } from "./answers.ts";

const repository = new URL("../../../", import.meta.url);

/** @param bytes the recording's file. @throws {Error} it can't be written, or its scripts can't be bundled, and why. */
export function writeReport({ head }: FileRecording, bytes: Uint8Array, target: string): Answer {
  const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL("scripts/build.ts", repository))], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`The report's scripts could not be bundled: ${stderr.trim()}`);
  const file = (name: string): string => readFileSync(new URL(`dist/${name}`, repository), "utf8");
  const html = reportHtml({
    title: head.title,
    page: file("webview.js"),
    style: file("webview.css"),
    host: file("report.js"),
    recording: bytes,
  });
  try {
    writeFileSync(target, html);
  } catch (error) {
    throw new Error(`The report can't be written: ${(error as Error).message}.`, { cause: error });
  }
  const size = Buffer.byteLength(html);
  return {
    text: `${target}: ${(size / 1024 / 1024).toFixed(1)} MiB; it opens in a browser, without a network`,
    json: { event: "report", file: target, bytes: size },
  };
}
