import type { PointSample } from './slicedWasserstein';

/**
 * Energy distance 2 E‖a − b‖ − E‖a − a′‖ − E‖b − b′‖ of two samples, without the pairs of a point with itself, so that two samples of one
 * distribution give 0 on average (Székely & Rizzo 2013). In the points' unit. Throws where widths differ or a sample has fewer than two
 * points.
 */
export function energyDistance(a: PointSample, b: PointSample): number {
  if (a.width !== b.width || a.count < 2 || b.count < 2)
    throw new Error(
      `energy distance: samples [${a.count}, ${a.width}] and [${b.count}, ${b.width}]; give two of one width, with two points at least`,
    );
  return 2 * meanDistance(a, b) - meanDistance(a, undefined) - meanDistance(b, undefined);
}

/** Mean distance of all pairs; within one sample, of pairs of different points. */
function meanDistance(a: PointSample, other: PointSample | undefined): number {
  const b = other ?? a;
  let sum = 0;
  for (let i = 0; i < a.count; i++) {
    for (let j = other ? 0 : i + 1; j < b.count; j++) {
      let square = 0;
      for (let c = 0; c < a.width; c++)
        square += ((a.points[i * a.width + c] ?? 0) - (b.points[j * a.width + c] ?? 0)) ** 2;
      sum += Math.sqrt(square);
    }
  }
  return other ? sum / (a.count * b.count) : (2 * sum) / (a.count * (a.count - 1));
}
