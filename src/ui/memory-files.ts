// Memory at a step as read-only files, for the hex editor and for any other: writewatch-memory:/RECORDING/STEP/0xSTART-0xEND/NAME.

import * as vscode from "vscode";
import { t } from "../common/l10n.ts";
import { bytesAt, type MemoryRange, parseMemoryPath } from "./memory-at.ts";
import type { Recordings } from "./recordings.ts";

export const MEMORY_SCHEME = "writewatch-memory";

/** The editor of bytes that VS Code itself suggests. */
const HEX_EDITOR = "ms-vscode.hexeditor";
const HEX_VIEW = "hexEditor.hexedit";

type RecordingSource = Pick<Recordings, "find">;

export class MemoryFiles implements vscode.FileSystemProvider {
  /** A file is of one step, and so never changes. */
  readonly onDidChangeFile = new vscode.EventEmitter<vscode.FileChangeEvent[]>().event;
  private readonly sources: Set<RecordingSource>;
  private readonly begun = Date.now();

  constructor(recordings: RecordingSource) {
    this.sources = new Set([recordings]);
  }

  /** Knows those recordings, too, until disposed. */
  also(recordings: RecordingSource): vscode.Disposable {
    this.sources.add(recordings);
    return new vscode.Disposable(() => this.sources.delete(recordings));
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { start, end } = this.range(uri);
    return {
      type: vscode.FileType.File,
      ctime: this.begun,
      mtime: this.begun,
      size: end - start,
      permissions: vscode.FilePermission.Readonly,
    };
  }

  /** @throws {vscode.FileSystemError} there is no such memory, or not all of its bytes are known, with the reason. */
  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const range = this.range(uri);
    const recording = [...this.sources].flatMap(source => source.find(range.recording) ?? [])[0];
    if (!recording)
      throw vscode.FileSystemError.FileNotFound(
        t("Its recording is no longer there: it was closed, or its session is gone."),
      );
    try {
      return await bytesAt(recording, range);
    } catch (error) {
      throw vscode.FileSystemError.Unavailable(error instanceof Error ? error.message : String(error));
    }
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  private range(uri: vscode.Uri): MemoryRange {
    const range = parseMemoryPath(uri.path);
    if (!range) throw vscode.FileSystemError.FileNotFound(uri);
    return range;
  }
}

export function memoryUri(path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: MEMORY_SCHEME, path });
}

export function hasHexEditor(): boolean {
  return vscode.extensions.getExtension(HEX_EDITOR) !== undefined;
}

/** In the hex editor where that is, else as VS Code opens any file. */
export async function openMemory(path: string): Promise<void> {
  const uri = memoryUri(path);
  await vscode.commands.executeCommand("vscode.openWith", uri, hasHexEditor() ? HEX_VIEW : "default");
}
