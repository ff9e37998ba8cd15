// The order in which numbers are sorted: a permutation, made by the engine's own sort of plain numbers wherever they leave room for it.

/** Numbers are exact up to 2^53. */
const EXACT_BITS = 53;

/**
 * @param keys whole numbers from 0 up.
 * @returns the indices of the keys in ascending order of key; equal ones in ascending order of index.
 */
export function sortedOrder(keys: Float64Array): Uint32Array {
  const count = keys.length;
  const order = new Uint32Array(count);
  let least = Infinity;
  let most = 0;
  for (const key of keys) {
    if (key < least) least = key;
    if (key > most) most = key;
  }
  const places = 2 ** Math.ceil(Math.log2(Math.max(count, 2)));
  if ((most - least + 1) * places <= 2 ** EXACT_BITS) {
    // A comparison in JavaScript for each pair takes ten times as long as sorting key and index as one number.
    const packed = new Float64Array(count);
    for (let i = 0; i < count; i += 1) packed[i] = (keys[i] - least) * places + i;
    packed.sort();
    for (let i = 0; i < count; i += 1) order[i] = packed[i] % places;
    return order;
  }
  for (let i = 0; i < count; i += 1) order[i] = i;
  return order.sort((a, b) => keys[a] - keys[b] || a - b);
}
