// Puts the frames of the README's animation together, each with a sentence above it, by ImageMagick.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../vscode-host/paths.ts";

/** What each frame shows, and how long it stands, hundredths of a second. */
const SENTENCES: readonly (readonly [string, number])[] = [
  ["A nut is in stock 45,511,175,663,209 times. Nobody has touched it.", 250],
  ["Right-click the wrong value: Who Wrote This?", 180],
  ["The line that wrote it, and the bytes before and after.", 280],
  ["strcat ran over the end of its heap block, into this one.", 400],
];

/** @throws {Error} ImageMagick is not there, or a frame. */
export function animate(): void {
  const frames = SENTENCES.map(([sentence, hundredths], i) => {
    const file = join(repository, "dist", "pictures", `frame-${i + 1}.png`);
    if (!existsSync(file)) throw new Error(`${file} was not taken.`);
    const caption = ["-gravity", "north", "-background", "#0e639c", "-fill", "white", "-pointsize", "24"];
    return ["(", "-delay", `${hundredths}`, file, ...caption, "-splice", "0x44", "-annotate", "+0+9", sentence, ")"];
  });
  const target = join(repository, "media", "hunt.gif");
  const font = ["-font", "DejaVu-Sans"];
  execFileSync("convert", [
    ...font,
    ...frames.flat(),
    "+dither",
    "-colors",
    "160",
    "-layers",
    "Optimize",
    "-loop",
    "0",
    target,
  ]);
}
