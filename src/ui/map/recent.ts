// The few results asked for last, found by all they were made from.

/** Keys are compared element by element, objects by identity. */
export class Recent<V> {
  private readonly most: number;
  private kept: { readonly key: readonly unknown[]; readonly value: V }[] = [];

  /** @param most how many results are kept. */
  constructor(most: number) {
    this.most = most;
  }

  /** The result for the key, made by `make` where it is not kept. */
  get(key: readonly unknown[], make: () => V): V {
    const index = this.kept.findIndex(entry => entry.key.every((part, i) => Object.is(part, key[i])));
    const entry = index < 0 ? { key, value: make() } : this.kept[index];
    if (index !== 0) this.kept = [entry, ...this.kept.filter(other => other !== entry)].slice(0, this.most);
    return entry.value;
  }
}
