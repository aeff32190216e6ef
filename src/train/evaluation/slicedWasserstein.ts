import { philoxNormals } from '../../engine/philox';

/** Points [count, width], row-major. */
export interface PointSample {
  readonly points: Float32Array;
  readonly count: number;
  readonly width: number;
}

const DIRECTIONS = 128;

/**
 * Sliced Wasserstein-2 distance of two samples: √ of the mean over random directions θ of W₂²(⟨θ, a⟩, ⟨θ, b⟩), in the points' unit
 * (Bonneel et al. 2015). The directions are a function of the seed. Counts may differ. Throws where widths differ or a sample is empty.
 */
export function slicedWasserstein(a: PointSample, b: PointSample, { directions = DIRECTIONS, seed = 1 } = {}): number {
  if (a.width !== b.width || a.count === 0 || b.count === 0)
    throw new Error(
      `sliced Wasserstein: samples [${a.count}, ${a.width}] and [${b.count}, ${b.width}]; give two that are not empty, of one width`,
    );
  const normals = philoxNormals(directions * a.width, seed, 'sliced Wasserstein');
  let total = 0;
  for (let k = 0; k < directions; k++) {
    const direction = unit(normals.subarray(k * a.width, (k + 1) * a.width));
    total += squaredWasserstein(projected(a, direction), projected(b, direction));
  }
  return Math.sqrt(total / directions);
}

function unit(direction: Float32Array): Float32Array {
  const length = Math.hypot(...direction) || 1;
  return direction.map((x) => x / length);
}

/** Sorted projections. */
function projected({ points, count, width }: PointSample, direction: Float32Array): Float32Array {
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let dot = 0;
    for (let c = 0; c < width; c++) dot += (points[i * width + c] ?? 0) * (direction[c] ?? 0);
    out[i] = dot;
  }
  return out.sort();
}

/** W₂² on a line: ∫ (F⁻¹ − G⁻¹)² over the shares 0…1, both quantile functions being steps. */
function squaredWasserstein(a: Float32Array, b: Float32Array): number {
  let [i, j, from, sum] = [0, 0, 0, 0];
  while (i < a.length && j < b.length) {
    const [endA, endB] = [(i + 1) / a.length, (j + 1) / b.length];
    const to = Math.min(endA, endB);
    sum += (to - from) * ((a[i] ?? 0) - (b[j] ?? 0)) ** 2;
    from = to;
    if (endA <= to) i++;
    if (endB <= to) j++;
  }
  return sum;
}
