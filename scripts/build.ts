// Bundles the extension (for Node and for a browser), the agent and the panel's page into dist/, with koffi's native part beside.
import { build, context } from "esbuild";
import { bundles } from "./build/bundles.ts";
import { writeExamples } from "./build/examples.ts";
import { copyKoffi } from "./build/koffi.ts";
import { writeNotices } from "./build/notices.ts";
import { checkWebBundle, nameForOlder } from "./build/web.ts";

const wanted = bundles(process.argv.includes("--production"));

copyKoffi();
writeExamples();
if (process.argv.includes("--watch")) {
  for (const options of wanted) await (await context({ ...options, logLevel: "info" })).watch();
} else {
  const results = await Promise.all(wanted.map(options => build(options)));
  const metafiles = results.map(({ metafile }) => metafile);
  checkWebBundle(metafiles[0]);
  writeNotices(metafiles);
  nameForOlder();
}
