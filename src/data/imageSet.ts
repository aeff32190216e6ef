/** Labelled images as bytes, the form in which data sets are shipped, uploaded and shown. */

export interface ImageSplit {
  /** [count, C, S, S], channel-first planes. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  readonly count: number;
}

export interface ClassName {
  readonly en: string;
  readonly zh: string;
}

export interface ImageSet {
  readonly id: string;
  readonly channels: number;
  /** Side in pixels. */
  readonly size: number;
  readonly train: ImageSplit;
  /** Held out: never trained on. */
  readonly test: ImageSplit;
  /** Empty for images without labels. */
  readonly classes: readonly ClassName[];
}

/** The set at another side length, by area (smaller) or bilinearly (larger). */
export function resizeImageSet(set: ImageSet, size: number): ImageSet {
  if (size === set.size) return set;
  const split = (s: ImageSplit): ImageSplit => ({
    ...s,
    pixels: resizePlanes(s.pixels, s.count * set.channels, set.size, size),
  });
  return { ...set, size, train: split(set.train), test: split(set.test) };
}

/** Weights of the source pixels under each target pixel along one axis. */
function axisWeights(from: number, to: number): { first: number; weights: number[] }[] {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    if (scale <= 1) {
      const centre = Math.min(from - 1, Math.max(0, (i + 0.5) * scale - 0.5));
      const first = Math.min(from - 2, Math.floor(centre));
      return first < 0 ? { first: 0, weights: [1] } : { first, weights: [1 - (centre - first), centre - first] };
    }
    const [begin, end] = [i * scale, (i + 1) * scale];
    const first = Math.floor(begin);
    const weights: number[] = [];
    for (let p = first; p < Math.min(from, Math.ceil(end)); p++)
      weights.push((Math.min(end, p + 1) - Math.max(begin, p)) / scale);
    return { first, weights };
  });
}

function resizePlanes(pixels: Uint8Array, planes: number, from: number, to: number): Uint8Array {
  const along = axisWeights(from, to);
  const out = new Uint8Array(planes * to * to);
  const rows = new Float32Array(from * to);
  for (let plane = 0; plane < planes; plane++) {
    const source = plane * from * from;
    for (let y = 0; y < from; y++) {
      along.forEach(({ first, weights }, x) => {
        let v = 0;
        for (let k = 0; k < weights.length; k++) v += (weights[k] ?? 0) * (pixels[source + y * from + first + k] ?? 0);
        rows[y * to + x] = v;
      });
    }
    along.forEach(({ first, weights }, y) => {
      for (let x = 0; x < to; x++) {
        let v = 0;
        for (let k = 0; k < weights.length; k++) v += (weights[k] ?? 0) * (rows[(first + k) * to + x] ?? 0);
        out[plane * to * to + y * to + x] = Math.round(v);
      }
    });
  }
  return out;
}
