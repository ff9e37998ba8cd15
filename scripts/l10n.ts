// Gathers the sentences of the sources for translators, into l10n/bundle.l10n.json: node scripts/l10n.ts
import { writeFileSync } from "node:fs";
import { bundleText, gather, TARGET } from "./l10n/gather.ts";

const sentences = gather();
writeFileSync(TARGET, bundleText(sentences));
console.log(`${sentences.size} sentences in ${TARGET}`);
