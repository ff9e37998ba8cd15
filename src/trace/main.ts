// The trace command: `npm run trace`.
import { fileURLToPath } from "node:url";
import { parseOptions, USAGE, UsageError } from "./options.ts";
import { jsonLines, text } from "./printing.ts";
import { trace } from "./trace.ts";

const agentModule = fileURLToPath(new URL("../agent/main.ts", import.meta.url));

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") process.stdout.write(USAGE);
  else await trace(options, agentModule, options.json ? jsonLines : text);
  process.exit(0);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(error instanceof UsageError ? `${message}\n\n${USAGE}` : `writewatch: ${message}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
