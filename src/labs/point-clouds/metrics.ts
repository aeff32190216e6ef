/** What classifications and segmentations are judged by, from counts on the host. */

/** counts[truth · K + prediction]. */
export interface Confusion {
  readonly classes: number;
  readonly counts: Float64Array;
}

export function confusion(classes: number): Confusion {
  return { classes, counts: new Float64Array(classes * classes) };
}

/** Labels of no class (K or more) are left out. */
export function count({ classes, counts }: Confusion, truth: number, prediction: number): void {
  const at = truth * classes + prediction;
  if (truth < classes && prediction < classes) counts[at] = (counts[at] ?? 0) + 1;
}

/** Overall accuracy, and the mean over the classes that occur (MA). */
export function accuracies({ classes, counts }: Confusion): { overall: number; mean: number } {
  let [right, all, sum, seen] = [0, 0, 0, 0];
  for (let k = 0; k < classes; k++) {
    const row = counts.subarray(k * classes, (k + 1) * classes);
    const total = row.reduce((a, b) => a + b, 0);
    right += row[k] ?? 0;
    all += total;
    if (total === 0) continue;
    sum += (row[k] ?? 0) / total;
    seen++;
  }
  return { overall: right / all, mean: sum / seen };
}

/** Intersection over union of each class; NaN where it is in neither truth nor prediction. */
export function classIous({ classes, counts }: Confusion): Float64Array {
  return Float64Array.from({ length: classes }, (_, k) => {
    let [truth, predicted] = [0, 0];
    for (let j = 0; j < classes; j++) {
      truth += counts[k * classes + j] ?? 0;
      predicted += counts[j * classes + k] ?? 0;
    }
    const both = counts[k * classes + k] ?? 0;
    return both / (truth + predicted - both);
  });
}

/** Mean IoU over the classes that occur in truth or prediction. */
export function meanIou(of: Confusion): number {
  const known = classIous(of).filter((v) => !Number.isNaN(v));
  return known.reduce((a, b) => a + b, 0) / known.length;
}

/** IoU of each of a shape's parts: 1 where a part is absent from both. */
export function partIous(truth: ArrayLike<number>, predicted: ArrayLike<number>, parts: readonly number[]): number[] {
  return parts.map((part) => {
    let [both, either] = [0, 0];
    for (let i = 0; i < truth.length; i++) {
      const [t, p] = [truth[i] === part, predicted[i] === part];
      if (t && p) both++;
      if (t || p) either++;
    }
    return either === 0 ? 1 : both / either;
  });
}

/** IoUs of shapes by category: each shape the mean of its category's parts. */
export class PartIous {
  private readonly sums: Float64Array;
  private readonly shapes: Float64Array;
  /** By category and part, sums and shapes. */
  private readonly partSums: Float64Array;

  constructor(
    private readonly partsOf: readonly (readonly number[])[],
    private readonly parts: number,
  ) {
    this.sums = new Float64Array(partsOf.length);
    this.shapes = new Float64Array(partsOf.length);
    this.partSums = new Float64Array(partsOf.length * parts);
  }

  add(category: number, truth: ArrayLike<number>, predicted: ArrayLike<number>): number {
    const parts = this.partsOf[category] ?? [];
    const ious = partIous(truth, predicted, parts);
    const mean = ious.reduce((a, b) => a + b, 0) / Math.max(1, ious.length);
    this.sums[category] = (this.sums[category] ?? 0) + mean;
    this.shapes[category] = (this.shapes[category] ?? 0) + 1;
    parts.forEach((part, i) => {
      const at = category * this.parts + part;
      this.partSums[at] = (this.partSums[at] ?? 0) + (ious[i] ?? 0);
    });
    return mean;
  }

  /** Over shapes. */
  get instanceAverage(): number {
    return this.sums.reduce((a, b) => a + b, 0) / this.shapes.reduce((a, b) => a + b, 0);
  }

  /** Over the categories that occur. */
  get classAverage(): number {
    const means = this.byCategory().filter((v) => !Number.isNaN(v));
    return means.reduce((a, b) => a + b, 0) / means.length;
  }

  /** Mean over the shapes of each category; NaN for those without. */
  byCategory(): Float64Array {
    return Float64Array.from(this.sums, (sum, k) => sum / (this.shapes[k] ?? 0));
  }

  /** [categories, parts]: mean IoU of each part; NaN where a category has it not. */
  byPart(): Float32Array {
    return Float32Array.from(this.partSums, (sum, at) => {
      const [category, part] = [Math.floor(at / this.parts), at % this.parts];
      return this.partsOf[category]?.includes(part) ? sum / (this.shapes[category] ?? 0) : NaN;
    });
  }
}

/** The place of the largest of some of a row's numbers; all of them where no choice is given. */
export function best(logits: ArrayLike<number>, row: number, width: number, among?: readonly number[]): number {
  let [found, most] = [among?.[0] ?? 0, -Infinity];
  const consider = (k: number) => {
    const value = logits[row * width + k] ?? -Infinity;
    if (value > most) [found, most] = [k, value];
  };
  if (among) among.forEach(consider);
  else for (let k = 0; k < width; k++) consider(k);
  return found;
}

/** Softmax of each row. */
export function probabilities(logits: Float32Array, width: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let row = 0; row + width <= logits.length; row += width) {
    const of = logits.subarray(row, row + width);
    const most = of.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = of.map((z) => Math.exp(z - most));
    const sum = powers.reduce((a, b) => a + b, 0);
    out.set(
      powers.map((v) => v / sum),
      row,
    );
  }
  return out;
}
