/** Permutations without a sort on the host: what random.wgsl and pointBatch.wgsl do (a keyed Feistel network with cycle walking). */
import { philox, streamOf } from '../philox';

/** The first word that the round function has for half a value. */
type RoundWord = (right: number, round: number) => number;

/** Place of `value` in a permutation of 0 … count − 1. */
export function permuted(value: number, count: number, word: RoundWord): number {
  const halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, count)) / 2));
  const half = 2 ** halfBits;
  let place = value;
  do {
    let [left, right] = [Math.floor(place / half), place % half];
    for (let round = 0; round < 4; round++) [left, right] = [right, left ^ (word(right, round) % half)];
    place = left * half + right;
  } while (place >= count);
  return place;
}

/** Indices of the batch of a step, as the op batchIndices draws them. */
export function hostBatchIndices(
  { count, batch, stream }: { readonly count: number; readonly batch: number; readonly stream: string },
  seed: number,
  step: number,
): number[] {
  const key = [seed, streamOf(stream)] as const;
  return Array.from({ length: batch }, (_, i) => {
    const position = step * batch + i;
    const epoch = Math.floor(position / count);
    return permuted(position % count, count, (right, round) => philox([epoch, right, round, 1], key)[0]);
  });
}
