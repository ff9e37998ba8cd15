// What was opened and can be closed, and lists of such things.

export interface Disposable {
  dispose(): void;
}

/** Several disposables as one. What is added after it was disposed is disposed at once, so that nothing opened late stays open. */
export class DisposableList implements Disposable {
  private readonly kept = new Set<Disposable>();
  private disposed = false;

  /** @returns what was given, for use in an expression. */
  add<T extends Disposable>(disposable: T): T {
    if (this.disposed) disposable.dispose();
    else this.kept.add(disposable);
    return disposable;
  }

  /** Disposes in the order of adding; one that throws does not keep the others open. */
  dispose(): void {
    this.disposed = true;
    const kept = [...this.kept];
    this.kept.clear();
    const failures: unknown[] = [];
    for (const disposable of kept) {
      try {
        disposable.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
