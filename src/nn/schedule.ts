import { affine, clamp, cos, div, less, maximum, mul, sub, toFloat, where } from '../engine/ops/pointwise';
import type { Tensor } from '../engine/tensor';

export interface CosineSchedule {
  /** Scalars []: peak learning rate, steps of linear warm-up, steps in all. All may change while training. */
  readonly peak: Tensor;
  readonly warmup: Tensor;
  readonly total: Tensor;
}

/**
 * Learning rate at a step (0-based, u32 []): peak·step/warmup during the warm-up, then half a cosine down to zero at `total`, as
 * facebookresearch/mae adjusts it per iteration.
 */
export function cosineSchedule(step: Tensor, { peak, warmup, total }: CosineSchedule): Tensor {
  const t = toFloat(step);
  const rising = div(t, maximum(warmup, 1));
  const done = clamp(div(sub(t, warmup), maximum(sub(total, warmup), 1)), 0, 1);
  const falling = affine(cos(affine(done, Math.PI, 0)), 0.5, 0.5);
  return mul(peak, where(less(t, warmup), rising, falling));
}
