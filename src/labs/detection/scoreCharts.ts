/** Scores as charts: plain data. */
import type { Chart } from '../../ui/chart';
import { text } from './text';
import type { ShownScores } from './views/types';

type Point = readonly [number, number];

/** A curve [101] of precision at recalls 0, .01 … 1, thinned to every second. */
function pointsOf(curve: ArrayLike<number>): Point[] {
  const last = Math.max(1, curve.length - 1);
  const all = Array.from({ length: curve.length }, (_, i): Point => [i / last, curve[i] ?? NaN]);
  return all.filter(([, y], i) => i % 2 === 0 && Number.isFinite(y));
}

/** The mean over the classes that have a curve. */
export function meanCurve(curves: readonly Float32Array[]): Float32Array {
  const known = curves.filter((c) => c.length > 0 && c.every((v) => Number.isFinite(v)));
  return Float32Array.from(
    { length: known[0]?.length ?? 0 },
    (_, i) => known.reduce((sum, c) => sum + (c[i] ?? 0), 0) / known.length,
  );
}

/** Precision over recall at both overlaps: of one class, or the mean of all. */
export function precisionRecall({ curves50, curves75 }: ShownScores, label: number | undefined): Chart {
  const of = (curves: readonly Float32Array[]) =>
    pointsOf(label === undefined ? meanCurve(curves) : (curves[label] ?? new Float32Array()));
  return {
    kind: 'lines',
    x: text.recall,
    y: text.precisionAxis,
    series: [
      { name: { en: 'overlap .5', zh: '重叠 .5' }, points: of(curves50) },
      { name: { en: 'overlap .75', zh: '重叠 .75' }, points: of(curves75) },
    ],
  };
}
