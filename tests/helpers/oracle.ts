/** What the tests share with tests/golden/make/transformer.py, which writes the oracles of whole models. */

/** The formula that the oracle fills its tensors by. */
export function filled(stream: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const x = Math.sin(i * 12.9898 + stream * 78.233) * 43758.5453;
    return x - Math.floor(x);
  });
}

/** max|got − want| over max|want|. */
export function relativeError(got: ArrayLike<number>, want: readonly number[]): number {
  const largest = Math.max(...want.map(Math.abs));
  return Math.max(...want.map((w, i) => Math.abs((got[i] ?? NaN) - w))) / largest;
}

/**
 * Softmax does not change when all keys are shifted alike: the gradient of the keys' bias is zero in exact arithmetic, rounding
 * noise otherwise, and Adam makes whole steps of noise. Gives the bias without the keys' third.
 */
export function withoutKeyBias(name: string, values: ArrayLike<number>): number[] {
  const all = Array.from(values);
  if (!name.endsWith('.qkv.bias')) return all;
  return all.filter((_, i) => Math.floor((i * 3) / all.length) !== 1);
}
