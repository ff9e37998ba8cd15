// The page's frame: its script may run, and nothing else.
import * as vscode from "vscode";
import { escaped } from "../common/escaped.ts";
import { language, t, translations } from "../common/l10n.ts";
import type { InspectedRange } from "./protocol.ts";

/**
 * @param media the folder of the page's script and style.
 * @param inspect what an inspector alone shows; absent: the whole panel.
 */
export function pageHtml(webview: vscode.Webview, media: vscode.Uri, inspect?: InspectedRange): string {
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const uri = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(media, file)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${language()}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${uri("webview.css")}">
<title>${inspect ? t("Memory Inspector") : t("Memory Writes")}</title>
</head>
<body data-words="${escaped(JSON.stringify(translations()))}"${inspect ? ` data-inspect="${escaped(JSON.stringify(inspect))}"` : ""}>
<div id="app"></div>
<script nonce="${nonce}" src="${uri("webview.js")}"></script>
</body>
</html>`;
}

/** A page of one sentence, where there is nothing to be shown, and why. */
export function plainHtml(text: string): string {
  return `<!DOCTYPE html>
<html lang="${language()}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<title>${t("Memory Writes")}</title>
</head>
<body><main id="app"><p role="alert">${escaped(text)}</p></main></body>
</html>`;
}
