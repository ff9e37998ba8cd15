// The user's language, as VS Code tells it. Loaded before all else: sentences stand in constants, too.
import * as vscode from "vscode";
import { speak } from "../common/l10n.ts";

// Without a bundle for the language the sentences are English, and so are their numbers.
speak(vscode.l10n.bundle ? vscode.env.language : "en", vscode.l10n.bundle ?? {});
