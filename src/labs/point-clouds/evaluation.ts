/** Held-out measurements, on clouds as they are and as the sliders distort them. */
import { UNDISTORTED, type PointDistortion } from '../../engine/ops/augmentPoints';
import type { PointData } from './data/data';
import { accuracies, best, confusion, count, meanIou, PartIous, type Confusion } from './metrics';
import type { NetworkShape } from './networkShape';
import type { Reader } from './reader';
import { shapeOf } from './reader';

/** Clouds at once. */
const BATCH = 16;
const SEED = 777;

export interface Judged {
  /** Of shapes, or of points where these are labelled. */
  readonly confusion: Confusion;
  /** Of parts. */
  readonly parts?: PartIous;
  /** Mean cross-entropy. */
  readonly loss: number;
}

/** Runs the network over the held-out set (the first `most` shapes of it). */
export async function judge(
  reader: Reader,
  data: PointData,
  network: NetworkShape,
  options: {
    readonly points: number;
    readonly distortion: PointDistortion;
    readonly most?: number;
    readonly onProgress?: (done: number, total: number) => void;
  },
): Promise<Judged> {
  const { set } = data;
  const { outputs, task } = network;
  const total = Math.min(set.test.count, options.most ?? Infinity);
  const found = confusion(outputs);
  const parts = task === 'parts' ? new PartIous(set.partsOf, set.parts.length) : undefined;
  let [loss, rows] = [0, 0];
  for (let first = 0; first < total; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, total - first) }, (_, i) => first + i);
    const clouds = numbers.map((n) => shapeOf(data, 'test', n));
    const form = reader.form(BATCH, options.points);
    const seen = await form.see(clouds, options.distortion, { seed: SEED, step: first });
    clouds.forEach(({ cloud, category = 0 }, b) => {
      if (task === 'classification') {
        count(found, category, best(seen.logits, b, outputs));
        loss += crossEntropy(seen.logits, b, outputs, category);
        rows++;
        return;
      }
      const N = options.points;
      const among = task === 'parts' ? set.partsOf[category] : undefined;
      const truth: number[] = [];
      const predicted: number[] = [];
      for (let i = 0; i < N; i++) {
        const from = seen.source[b * N + i] ?? N;
        if (from >= N) continue;
        truth.push(cloud.parts[from % cloud.parts.length] ?? 0);
        predicted.push(best(seen.logits, b * N + i, outputs, among));
        loss += crossEntropy(seen.logits, b * N + i, outputs, truth.at(-1) ?? 0);
      }
      rows += truth.length;
      truth.forEach((t, i) => count(found, t, predicted[i] ?? 0));
      parts?.add(category, truth, predicted);
    });
    options.onProgress?.(Math.min(total, first + BATCH), total);
  }
  return { confusion: found, ...(parts && { parts }), loss: loss / rows };
}

function crossEntropy(logits: Float32Array, row: number, width: number, label: number): number {
  const of = logits.subarray(row * width, (row + 1) * width);
  const most = of.reduce((a, b) => Math.max(a, b), -Infinity);
  return Math.log(of.reduce((sum, z) => sum + Math.exp(z - most), 0)) + most - (of[label] ?? 0);
}

export function isUndistorted(distortion: PointDistortion): boolean {
  return (Object.keys(UNDISTORTED) as (keyof PointDistortion)[]).every(
    (key) => key === 'jitterLimit' || distortion[key] === UNDISTORTED[key],
  );
}

/** The judgement in numbers, by names that the page draws. */
export function figures({ confusion: of, parts, loss }: Judged, task: NetworkShape['task']): Record<string, number> {
  const { overall, mean } = accuracies(of);
  const common = { heldOutLoss: loss, accuracy: overall, classAccuracy: mean };
  if (task === 'scene') return { ...common, meanIou: meanIou(of) };
  return parts ? { ...common, partIou: parts.instanceAverage, classPartIou: parts.classAverage } : common;
}
