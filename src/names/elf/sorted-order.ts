// The order in which numbers are sorted: a permutation, made a piece at a time, since large files have millions of symbols.

/** Numbers are exact up to 2^53. */
const EXACT_BITS = 53;
/** Keys that are sorted, or merged, between two turns: about a millisecond. */
const PIECE = 1 << 13;

/**
 * Gives way after each piece.
 * @param keys whole numbers from 0 up.
 * @returns the indices of the keys in ascending order of key; equal ones in ascending order of index.
 */
export function* sortedOrder(keys: Float64Array): Generator<void, Uint32Array> {
  const count = keys.length;
  let order = new Uint32Array(count);
  for (let from = 0; from < count; from += PIECE) {
    sortPiece(keys, order, from, Math.min(from + PIECE, count));
    yield;
  }
  let other = new Uint32Array(count);
  for (let width = PIECE; width < count; width *= 2) {
    let done = 0;
    for (let from = 0; from < count; from += 2 * width) {
      const middle = Math.min(from + width, count);
      const to = Math.min(from + 2 * width, count);
      let [a, b] = [from, middle];
      for (let i = from; i < to; i += 1) {
        // What stood before goes first where keys are equal.
        const isFirst = b === to || (a < middle && keys[order[a]] <= keys[order[b]]);
        other[i] = isFirst ? order[a] : order[b];
        if (isFirst) a += 1;
        else b += 1;
        done += 1;
        if (done % (4 * PIECE) === 0) yield;
      }
    }
    [order, other] = [other, order];
  }
  return order;
}

function sortPiece(keys: Float64Array, order: Uint32Array, from: number, to: number): void {
  let least = Infinity;
  let most = 0;
  for (let i = from; i < to; i += 1) {
    if (keys[i] < least) least = keys[i];
    if (keys[i] > most) most = keys[i];
  }
  if ((most - least + 1) * PIECE <= 2 ** EXACT_BITS) {
    // A comparison in JavaScript for each pair takes ten times as long as sorting key and index as one number.
    const packed = new Float64Array(to - from);
    for (let i = from; i < to; i += 1) packed[i - from] = (keys[i] - least) * PIECE + (i - from);
    packed.sort();
    for (let i = from; i < to; i += 1) order[i] = from + (packed[i - from] % PIECE);
    return;
  }
  for (let i = from; i < to; i += 1) order[i] = i;
  order.subarray(from, to).sort((a, b) => keys[a] - keys[b] || a - b);
}
