// What `npm start` opens with: a sample where it begins, a breakpoint there, and WriteWatch's panel.
const vscode = require("vscode");

exports.showFirstLook = async file => {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) return;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, file));
  const main = document
    .getText()
    .split("\n")
    .findIndex(line => /^(int|fn) main\(/.test(line));
  const inMain = new vscode.Range(main + 1, 0, main + 1, 0);
  // A window that was left with files open, or breakpoints set, stays as its user left it.
  if (vscode.window.tabGroups.all.every(group => group.tabs.length === 0)) {
    await vscode.window.showTextDocument(document, { selection: inMain });
  }
  if (vscode.debug.breakpoints.length === 0) {
    vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(new vscode.Location(document.uri, inMain))]);
  }
  await vscode.commands.executeCommand("writewatch.showPanel");
};
