import { defineOp } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { lineGrid } from './grid';

interface ImageAttrs {
  readonly channels: number;
  readonly size: number;
  /** Per channel, in units of 0…1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Packed bytes u32 [words] and indices u32 [B] → f32 [B, C, S, S]. */
export const imageBatchOp = defineOp<ImageAttrs>({
  name: 'imageBatch',
  infer: (inputs, { channels, size, mean, std }) => {
    const [bytes, indices] = inputs;
    if (bytes?.dtype !== 'u32' || indices?.dtype !== 'u32' || indices.shape.length !== 1) {
      throw new ShapeError('imageBatch', 'takes packed bytes u32 [words] and indices u32 [B]', inputs);
    }
    if (channels > 4 || mean.length !== channels || std.length !== channels || std.some((s) => !(s > 0))) {
      throw new ShapeError(
        'imageBatch',
        `needs mean and std > 0 for each of ${channels} channels (four at most)`,
        inputs,
      );
    }
    return [{ shape: [indices.shape[0] ?? 1, channels, size, size], dtype: 'f32' }];
  },
  vjp: ({ inputs }) => inputs.map(() => undefined),
  kernels: ({ inputs: [bytes, indices], outputs: [out], attrs }) => {
    if (!bytes || !indices || !out) return [];
    const { workgroups, count, width } = lineGrid(out.size);
    const plane = attrs.size * attrs.size;
    const uniform: Record<string, number> = { count, width, length: attrs.channels * plane, plane };
    for (let c = 0; c < 4; c++)
      Object.assign(uniform, { [`mean${c}`]: attrs.mean[c] ?? 0, [`scale${c}`]: 1 / (attrs.std[c] ?? 1) });
    // A batch is read, a byte for each value, and not the whole set.
    const moved = out.size + 4 * (indices.size + out.size);
    const bindings = { bytes, indices, out };
    return [{ shader: 'images', entry: 'imageBatch', uniform, bindings, workgroups, bytes: moved }];
  },
});

/** Packed bytes u32 [words] and indices u32 [B] → u32 [B]. */
export const labelBatchOp = defineOp<Record<string, never>>({
  name: 'labelBatch',
  infer: (inputs) => {
    const [bytes, indices] = inputs;
    if (bytes?.dtype !== 'u32' || indices?.dtype !== 'u32')
      throw new ShapeError('labelBatch', 'takes packed bytes and indices, u32', inputs);
    return [{ shape: indices.shape, dtype: 'u32' }];
  },
  vjp: ({ inputs }) => inputs.map(() => undefined),
  kernels: ({ inputs: [bytes, indices], outputs: [labels] }) => {
    if (!bytes || !indices || !labels) return [];
    const { workgroups, count, width } = lineGrid(labels.size);
    const unused = {
      length: 1,
      plane: 1,
      mean0: 0,
      mean1: 0,
      mean2: 0,
      mean3: 0,
      scale0: 1,
      scale1: 1,
      scale2: 1,
      scale3: 1,
    };
    return [
      {
        shader: 'images',
        entry: 'labelBatch',
        uniform: { count, width, ...unused },
        bindings: { bytes, indices, labels },
        workgroups,
        bytes: labels.size + 4 * (indices.size + labels.size),
      },
    ];
  },
});

/** Images of a data set kept as bytes (channel-first planes), standardised per channel: f32 [B, C, S, S]. */
export function imageBatch(bytes: Tensor, indices: Tensor, attrs: ImageAttrs): Tensor {
  return imageBatchOp.one([bytes, indices], attrs);
}

/** Labels of a data set kept as bytes: u32 [B]. */
export function labelBatch(bytes: Tensor, indices: Tensor): Tensor {
  return labelBatchOp.one([bytes, indices], {});
}
