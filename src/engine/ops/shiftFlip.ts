import { defineOp } from '../op';
import { streamOf } from '../philox';
import { ShapeError, sizeOf, type Tensor } from '../tensor';
import { lineGrid } from './grid';

interface ShiftFlipAttrs {
  /** Pixels, at most, along each axis. */
  readonly shift: number;
  readonly flip: boolean;
  readonly stream: number;
}

/** images [B, C, S, S], seed and step (u32, one each) → images of the same shape. */
export const shiftFlipOp = defineOp<ShiftFlipAttrs>({
  name: 'shiftFlip',
  infer: (inputs, { shift }) => {
    const [images, seed, step] = inputs;
    if (images?.shape.length !== 4 || images.shape[2] !== images.shape[3])
      throw new ShapeError('shiftFlip', 'takes square images [B, C, S, S], seed and step', inputs);
    if (seed?.dtype !== 'u32' || step?.dtype !== 'u32' || sizeOf(seed.shape) !== 1 || sizeOf(step.shape) !== 1)
      throw new ShapeError('shiftFlip', 'takes seed and step as one u32 each', inputs);
    if (!Number.isInteger(shift) || shift < 0)
      throw new ShapeError('shiftFlip', `a shift of ${shift} pixels; give a whole number of 0 or more`, inputs);
    return [{ shape: images.shape, dtype: 'f32' }];
  },
  vjp: ({ inputs }) => inputs.map(() => undefined),
  kernels: ({ inputs: [images, seed, step], outputs: [out], attrs: { shift, flip, stream } }) => {
    if (!images || !seed || !step || !out) return [];
    const [, channels = 1, size = 1] = out.shape;
    const { workgroups, count, width } = lineGrid(out.size);
    const uniform = { count, width, channels, size, shift, flip: flip ? 1 : 0, stream };
    return [{ shader: 'shiftFlip', entry: 'main', uniform, bindings: { images, seed, step, out }, workgroups }];
  },
});

/**
 * Each image moved by up to `shift` pixels along both axes and, with `flip`, mirrored half of the time; the edge is repeated where
 * nothing is left. A function of seed and step, the same on every device. No gradient. Throws ShapeError.
 */
export function shiftFlip(
  images: Tensor,
  chance: { readonly seed: Tensor; readonly step: Tensor },
  { shift, flip, stream }: { readonly shift: number; readonly flip: boolean; readonly stream: string },
): Tensor {
  return shiftFlipOp.one([images, chance.seed, chance.step], { shift, flip, stream: streamOf(stream) });
}
