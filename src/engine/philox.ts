/**
 * Philox 4x32-10 on the host: the same bits as shaders/include/rng.wgsl (Salmon et al. 2011; checked against the Random123 vectors).
 * Key = (seed, stream), counter = (step, element/4, 0, 0).
 */

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

function multiplyHigh(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const carry = (middle & 0xffff) + a0 * b1;
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

export type Words = readonly [number, number, number, number];

/** Four 32-bit words of a counter under a key. */
export function philox(counter: Words, key: readonly [number, number]): Words {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [high0, high1] = [multiplyHigh(M0, a), multiplyHigh(M1, c)];
    [a, b, c, d] = [(high1 ^ b ^ k0) >>> 0, Math.imul(M1, c) >>> 0, (high0 ^ d ^ k1) >>> 0, Math.imul(M0, a) >>> 0];
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return [a, b, c, d];
}

/** A name as a 32-bit stream (FNV-1a): each use of chance has a stream of its own, wherever it stands in a graph. */
export function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function words(count: number, seed: number, stream: string, step: number): Uint32Array {
  const out = new Uint32Array(Math.ceil(count / 4) * 4);
  const key: [number, number] = [seed >>> 0, streamOf(stream)];
  for (let i = 0; i < out.length; i += 4) out.set(philox([step >>> 0, i / 4, 0, 0], key), i);
  return out;
}

const SCALE = 2 ** -24;

/** Uniforms in [0, 1) with 24 bits. */
export function philoxUniforms(count: number, seed: number, stream: string, step = 0): Float32Array {
  return Float32Array.from(words(count, seed, stream, step).subarray(0, count), (w) => (w >>> 8) * SCALE);
}

/** Standard normals by Box–Muller. */
export function philoxNormals(count: number, seed: number, stream: string, step = 0): Float32Array {
  const u = Float32Array.from(words(count, seed, stream, step), (w) => (w >>> 8) * SCALE);
  const out = new Float32Array(u.length);
  for (let i = 0; i < u.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((u[i] ?? 0) + SCALE));
    const angle = 2 * Math.PI * (u[i + 1] ?? 0);
    out[i] = radius * Math.cos(angle);
    out[i + 1] = radius * Math.sin(angle);
  }
  return out.subarray(0, count);
}
