// The page's language, which its HTML brings along. Loaded before all else: sentences stand in constants, too.
import { speak } from "../src/common/l10n.ts";

speak(document.documentElement.lang, JSON.parse(document.body.dataset.words ?? "{}"));
