// A recording as one HTML page for a bug report: the panel's own page, what answers it, and the file, all in one, without any network.
import { escaped } from "../../common/escaped.ts";
import { language, t, translations } from "../../common/l10n.ts";

export interface ReportParts {
  /** Of what was recorded. */
  readonly title: string;
  /** The panel's page: its script and its style. */
  readonly page: string;
  readonly style: string;
  /** The script that answers the page. */
  readonly host: string;
  /** The .writewatch file. */
  readonly recording: Uint8Array;
}

/** The hash of no text: the page's controls make a style element that is empty, and put their rules in by script. */
const EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";
/** Larger files make no page that a browser would open. */
const MOST_BYTES = 128 * 1024 * 1024;

/** @throws {Error} the recording is too large for a page. */
export function reportHtml({ title, page, style, host, recording }: ReportParts): string {
  if (recording.length > MOST_BYTES)
    throw new Error(
      `The recording has ${Math.ceil(recording.length / 1024 / 1024)} MiB, and a report holds ${MOST_BYTES / 1024 / 1024}: send the .writewatch file itself.`,
    );
  const nonce = base64(crypto.getRandomValues(new Uint8Array(16)));
  // Nothing is loaded, nothing is sent, and no other script than these two runs.
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}' ${EMPTY_STYLE}`;
  return `<!DOCTYPE html>
<html lang="${language()}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(t("{0}: memory writes", title))}</title>
<style nonce="${nonce}">${THEME}</style>
<style nonce="${nonce}">${style.replaceAll("</style", "<\\/style")}</style>
</head>
<body data-words="${escaped(JSON.stringify(translations()))}">
<header id="report-header"><strong>${escaped(title)}</strong> <span id="report-about"></span></header>
<div id="app"></div>
<script type="text/plain" id="recording">${base64(recording)}</script>
<script nonce="${nonce}">${inScript(host)}</script>
<script nonce="${nonce}">${inScript(page)}</script>
</body>
</html>
`;
}

/** VS Code's colours where there is no VS Code: its own default themes', after what the reader's system prefers. */
const LIGHT = `
--vscode-foreground:#3b3b3b;--vscode-descriptionForeground:#616161;--vscode-disabledForeground:#61616180;
--vscode-errorForeground:#c72e0f;--vscode-editorWarning-foreground:#895503;--vscode-icon-foreground:#3b3b3b;
--vscode-editor-background:#ffffff;--vscode-editor-foreground:#3b3b3b;--vscode-panel-background:#f8f8f8;
--vscode-panel-border:#e5e5e5;--vscode-focusBorder:#005fb8;--vscode-widget-border:#e5e5e5;
--vscode-button-background:#005fb8;--vscode-button-foreground:#ffffff;--vscode-button-hoverBackground:#0258a8;
--vscode-button-secondaryBackground:#e5e5e5;--vscode-button-secondaryForeground:#3b3b3b;
--vscode-button-secondaryHoverBackground:#cccccc;--vscode-button-border:#0000001a;
--vscode-input-background:#ffffff;--vscode-input-foreground:#3b3b3b;--vscode-input-border:#cecece;
--vscode-input-placeholderForeground:#767676;--vscode-dropdown-background:#ffffff;--vscode-dropdown-foreground:#3b3b3b;
--vscode-dropdown-border:#cecece;--vscode-settings-dropdownListBorder:#cecece;--vscode-checkbox-background:#f8f8f8;
--vscode-checkbox-foreground:#3b3b3b;--vscode-checkbox-border:#cecece;--vscode-badge-background:#cccccc;
--vscode-badge-foreground:#3b3b3b;--vscode-textLink-foreground:#005fb8;--vscode-textLink-activeForeground:#005fb8;
--vscode-list-hoverBackground:#f2f2f2;--vscode-list-activeSelectionBackground:#e8e8e8;
--vscode-list-activeSelectionForeground:#000000;--vscode-list-inactiveSelectionBackground:#e4e6f1;
--vscode-list-inactiveSelectionForeground:#3b3b3b;--vscode-menu-background:#ffffff;--vscode-menu-foreground:#3b3b3b;
--vscode-menu-border:#cecece;--vscode-menu-selectionBackground:#005fb8;--vscode-menu-selectionForeground:#ffffff;
--vscode-editorHoverWidget-background:#f8f8f8;--vscode-editorHoverWidget-foreground:#3b3b3b;
--vscode-editorHoverWidget-border:#c8c8c8;--vscode-editorWidget-background:#f8f8f8;
--vscode-scrollbarSlider-background:#64646466;--vscode-scrollbarSlider-hoverBackground:#646464b3;
--vscode-scrollbarSlider-activeBackground:#00000099;--vscode-toolbar-hoverBackground:#b8b8b850;
--vscode-charts-green:#388a34;--vscode-charts-blue:#1a85ff;--vscode-charts-yellow:#bf8803;--vscode-charts-red:#e51400;
--vscode-charts-orange:#d18616;--vscode-charts-purple:#652d90;
--vscode-writewatch-written:#c85a00;--vscode-writewatch-debugger:#652d90;`;

const DARK = `
--vscode-foreground:#cccccc;--vscode-descriptionForeground:#9d9d9d;--vscode-disabledForeground:#cccccc80;
--vscode-errorForeground:#f85149;--vscode-editorWarning-foreground:#cca700;--vscode-icon-foreground:#cccccc;
--vscode-editor-background:#1f1f1f;--vscode-editor-foreground:#cccccc;--vscode-panel-background:#181818;
--vscode-panel-border:#2b2b2b;--vscode-focusBorder:#0078d4;--vscode-widget-border:#313131;
--vscode-button-background:#0078d4;--vscode-button-foreground:#ffffff;--vscode-button-hoverBackground:#026ec1;
--vscode-button-secondaryBackground:#313131;--vscode-button-secondaryForeground:#cccccc;
--vscode-button-secondaryHoverBackground:#3c3c3c;--vscode-button-border:#ffffff12;
--vscode-input-background:#313131;--vscode-input-foreground:#cccccc;--vscode-input-border:#3c3c3c;
--vscode-input-placeholderForeground:#989898;--vscode-dropdown-background:#313131;--vscode-dropdown-foreground:#cccccc;
--vscode-dropdown-border:#3c3c3c;--vscode-settings-dropdownListBorder:#3c3c3c;--vscode-checkbox-background:#313131;
--vscode-checkbox-foreground:#cccccc;--vscode-checkbox-border:#3c3c3c;--vscode-badge-background:#616161;
--vscode-badge-foreground:#f8f8f8;--vscode-textLink-foreground:#4daafc;--vscode-textLink-activeForeground:#4daafc;
--vscode-list-hoverBackground:#2a2d2e;--vscode-list-activeSelectionBackground:#04395e;
--vscode-list-activeSelectionForeground:#ffffff;--vscode-list-inactiveSelectionBackground:#37373d;
--vscode-list-inactiveSelectionForeground:#cccccc;--vscode-menu-background:#1f1f1f;--vscode-menu-foreground:#cccccc;
--vscode-menu-border:#454545;--vscode-menu-selectionBackground:#0078d4;--vscode-menu-selectionForeground:#ffffff;
--vscode-editorHoverWidget-background:#202020;--vscode-editorHoverWidget-foreground:#cccccc;
--vscode-editorHoverWidget-border:#454545;--vscode-editorWidget-background:#202020;
--vscode-scrollbarSlider-background:#79797966;--vscode-scrollbarSlider-hoverBackground:#646464b3;
--vscode-scrollbarSlider-activeBackground:#bfbfbf66;--vscode-toolbar-hoverBackground:#5a5d5e50;
--vscode-charts-green:#89d185;--vscode-charts-blue:#3794ff;--vscode-charts-yellow:#cca700;--vscode-charts-red:#f14c4c;
--vscode-charts-orange:#d18616;--vscode-charts-purple:#b180d7;
--vscode-writewatch-written:#f0883e;--vscode-writewatch-debugger:#b180d7;`;

const THEME = `
:root{--vscode-font-family:system-ui,"Segoe UI",Ubuntu,sans-serif;--vscode-font-size:13px;--vscode-font-weight:normal;
--vscode-editor-font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;--vscode-editor-font-size:13px;
--vscode-sideBar-background:var(--vscode-panel-background);--vscode-contrastBorder:initial;${LIGHT}}
@media (prefers-color-scheme: dark){:root{${DARK}}}
html,body{height:100%;margin:0;padding:0}
body{display:flex;flex-direction:column;background:var(--vscode-panel-background);color:var(--vscode-foreground);
font:var(--vscode-font-size) var(--vscode-font-family)}
#report-header{padding:8px 12px;border-bottom:1px solid var(--vscode-panel-border)}
#report-about{color:var(--vscode-descriptionForeground)}
#app{flex:1;min-height:0}
dialog.writers{max-width:min(90vw,800px);max-height:80vh;overflow:auto;color:var(--vscode-foreground);
background:var(--vscode-menu-background);border:1px solid var(--vscode-menu-border);border-radius:4px}
dialog.writers h2{font-size:inherit;margin:0 0 8px}
dialog.writers button{display:block;width:100%;text-align:left;font:inherit;color:inherit;background:none;border:0;
padding:6px;cursor:pointer}
dialog.writers button:hover,dialog.writers button:focus-visible{background:var(--vscode-list-activeSelectionBackground);
color:var(--vscode-list-activeSelectionForeground);outline:1px solid var(--vscode-focusBorder)}
dialog.writers .detail{display:block;font-family:var(--vscode-editor-font-family)}`;

/** Neither may stand in a script's text: the first ends it, the second has the parser overlook the end. */
function inScript(script: string): string {
  return script.replace(/<(\/script|!--)/gi, "\\x3c$1");
}

function base64(bytes: Uint8Array): string {
  let text = "";
  // More arguments than this a call may not take; a multiple of three, so that pieces can be joined.
  const piece = 3 * 8192;
  for (let at = 0; at < bytes.length; at += piece) text += btoa(String.fromCharCode(...bytes.subarray(at, at + piece)));
  return text;
}
