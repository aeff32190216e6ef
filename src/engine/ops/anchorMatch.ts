import { defineOp, type Kernel, type Operand } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { lineGrid } from './grid';

interface MatchAttrs {
  /** Overlap from which a box is positive. */
  readonly positive: number;
  /** Overlap below which it is negative … */
  readonly negative: number;
  /** … unless it is below this. */
  readonly floor: number;
  /** Whether the boxes that overlap a truth most are positive at any overlap. */
  readonly force: boolean;
  /** [width, height] of the picture where boxes that cross its border take no part; null where they do. */
  readonly inside: readonly [number, number] | null;
}

/** boxes [A, 4] or [B, A, 4], truths [B, T, 4], counts u32 [B] → labels f32, matched u32, overlap f32, all [B, A]. */
export const anchorMatchOp = defineOp<MatchAttrs>({
  name: 'anchorMatch',
  infer: (inputs, { positive, negative, floor }) => {
    const [boxes, truths, counts] = inputs;
    const [B = 0, T = 0] = truths?.shape ?? [];
    const own = boxes?.shape.length === 3;
    const fits = boxes?.shape.at(-1) === 4 && (own ? boxes.shape[0] === B : boxes.shape.length === 2);
    if (!fits || truths?.shape.length !== 3 || truths.shape[2] !== 4 || T < 1)
      throw new ShapeError('anchorMatch', 'takes boxes [A, 4] or [B, A, 4] and truths [B, T, 4], T at least 1', inputs);
    if (counts?.dtype !== 'u32' || counts.shape.join() !== String(B))
      throw new ShapeError('anchorMatch', `takes counts of truths u32 [${B}]`, inputs);
    if (!(floor <= negative && negative <= positive))
      throw new ShapeError('anchorMatch', `limits ${floor}, ${negative}, ${positive}; they must not fall`, inputs);
    const shape = [B, boxes?.shape.at(-2) ?? 0];
    return [
      { shape, dtype: 'f32' },
      { shape, dtype: 'u32' },
      { shape, dtype: 'f32' },
    ];
  },
  vjp: ({ inputs }) => inputs.map(() => undefined),
  kernels: ({ inputs: [boxes, truths, truthCount], outputs: [labels, matched, best], attrs, device, scratch }) => {
    if (!boxes || !truths || !truthCount || !labels || !matched || !best) return [];
    const [B = 1, A = 1] = labels.shape;
    const [, T = 1] = truths.shape;
    const { positive, negative, floor, force, inside } = attrs;
    const [imageW, imageH] = inside ?? [0, 0];
    const kernel = (entry: string, items: number, bindings: Readonly<Record<string, Operand>>): Kernel => {
      const { workgroups, count, width } = lineGrid(items);
      const sizes = { count, width, boxes: A, truths: T, oneSet: boxes.shape.length === 2 ? 1 : 0 };
      const limits = { imageW, imageH, positive, negative, floor, force: force ? 1 : 0, edge: inside ? 1 : 0 };
      return { shader: 'anchorMatch', entry, uniform: { ...sizes, ...limits }, bindings, workgroups };
    };
    const iou = scratch([B, T, A]);
    const peak = scratch([B, T]);
    return [
      kernel('overlaps', iou.size, { boxes, truths, iou }),
      {
        ...kernel('strongest', peak.size, { found: iou, peak }),
        constants: { LANES: device.deviceClass === 'software' ? 4 : 64 },
        workgroups: [T, B],
      },
      kernel('label', labels.size, { boxes, truthCount, found: iou, strongestOf: peak, labels, matched, best }),
    ];
  },
});

export interface Matches {
  /** 1 positive, 0 negative, −1 neither: f32 [B, A]. */
  readonly labels: Tensor;
  /** The truth of the largest overlap, the first of equal ones: u32 [B, A]. */
  readonly matched: Tensor;
  /** That overlap: f32 [B, A]. */
  readonly overlap: Tensor;
}

/**
 * Matches boxes with truths (Ren et al. 2015): boxes f32 [A, 4] for all pictures or [B, A, 4], truths f32 [B, T, 4] of which the first `counts`
 * u32 [B] are there; continuous (x1, y1, x2, y2). Limits as for proposals (positive .7, negative .3, forced) unless said otherwise; a truth that no
 * box overlaps forces none. No gradient. Throws ShapeError.
 */
export function anchorMatch(boxes: Tensor, truths: Tensor, counts: Tensor, options: Partial<MatchAttrs> = {}): Matches {
  const attrs = { positive: 0.7, negative: 0.3, floor: 0, force: true, inside: null, ...options };
  const [labels, matched, overlap] = anchorMatchOp.apply([boxes, truths, counts], attrs);
  if (!labels || !matched || !overlap) throw new Error('anchorMatch: no outputs');
  return { labels, matched, overlap };
}
