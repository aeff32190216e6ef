/** Frozen features of labelled items, as numbers on the host: what probes and neighbours are measured on. */
export interface LabelledFeatures {
  /** [count, width], row-major. */
  readonly features: Float32Array;
  readonly labels: Uint8Array;
  readonly count: number;
  readonly width: number;
}

/**
 * Both sets shifted and scaled by the training set's mean and deviation per feature: the probe's parameter-free batch norm. Without it
 * features of small scale are never learned from.
 */
export function standardise(train: LabelledFeatures, test: LabelledFeatures): [LabelledFeatures, LabelledFeatures] {
  const { width, count } = train;
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  train.features.forEach((v, i) => {
    mean[i % width] = (mean[i % width] ?? 0) + v / count;
  });
  train.features.forEach((v, i) => {
    const d = v - (mean[i % width] ?? 0);
    square[i % width] = (square[i % width] ?? 0) + (d * d) / count;
  });
  const scale = Array.from(square, (s) => (s > 1e-12 ? 1 / Math.sqrt(s) : 0));
  const apply = (set: LabelledFeatures): LabelledFeatures => ({
    ...set,
    features: set.features.map((v, i) => (v - (mean[i % width] ?? 0)) * (scale[i % width] ?? 0)),
  });
  return [apply(train), apply(test)];
}

/** The first `perClass` items of each class, in order: a labelled subset that does not depend on chance. */
export function fewPerClass(labels: Uint8Array, perClass: number): Uint32Array {
  const seen = new Map<number, number>();
  const chosen: number[] = [];
  labels.forEach((label, i) => {
    const already = seen.get(label) ?? 0;
    if (already >= perClass) return;
    seen.set(label, already + 1);
    chosen.push(i);
  });
  return Uint32Array.from(chosen);
}

/** Share of rows whose largest score is the label's. scores [count, classes]. */
export function accuracy(scores: ArrayLike<number>, labels: Uint8Array, classes: number): number {
  let right = 0;
  labels.forEach((label, row) => {
    let best = 0;
    for (let k = 1; k < classes; k++)
      if ((scores[row * classes + k] ?? 0) > (scores[row * classes + best] ?? 0)) best = k;
    if (best === label) right++;
  });
  return labels.length === 0 ? 0 : right / labels.length;
}
