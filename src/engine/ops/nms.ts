import { defineOp, type Kernel } from '../op';
import { ShapeError, sizeOf, type Tensor } from '../tensor';
import { argsort } from './argsort';
import { lineGrid } from './grid';
import { full } from './pointwise';

const MOST_BOXES = 32_768;

interface NmsAttrs {
  /** Boxes kept at most: the length of the result. */
  readonly most: number;
}

/** boxes [B, N, 4], scores [B, N], order u32 [B, N], overlap [], least [], perhaps classes u32 [B, N] → u32 [B, most] and u32 [B]. */
export const nmsOp = defineOp<NmsAttrs>({
  name: 'nms',
  infer: (inputs, { most }) => {
    const [boxes, scores, order, overlap, least, classes] = inputs;
    const [B = 0, N = 0, four] = boxes?.shape ?? [];
    const fits = (t: Tensor | undefined) => t?.shape.join() === [B, N].join();
    if (boxes?.shape.length !== 3 || four !== 4 || !fits(scores) || !fits(order) || (classes && !fits(classes)))
      throw new ShapeError('nms', 'takes boxes [B, N, 4] with scores, order and perhaps classes [B, N]', inputs);
    if (order?.dtype !== 'u32' || (classes && classes.dtype !== 'u32'))
      throw new ShapeError('nms', 'takes order and classes as u32', inputs);
    if (!overlap || !least || sizeOf(overlap.shape) !== 1 || sizeOf(least.shape) !== 1)
      throw new ShapeError('nms', 'takes the limits as one f32 each', inputs);
    if (N < 1 || N > MOST_BOXES || !Number.isInteger(most) || most < 1)
      throw new ShapeError('nms', `${N} boxes, ${most} to keep; give 1 to ${MOST_BOXES} and keep 1 or more`, inputs);
    return [
      { shape: [B, most], dtype: 'u32' },
      { shape: [B], dtype: 'u32' },
    ];
  },
  vjp: ({ inputs }) => inputs.map(() => undefined),
  kernels: ({ inputs, outputs: [kept, number], attrs: { most }, device, scratch }) => {
    const [boxes, scores, order, overlap, least, classes] = inputs;
    if (!boxes || !scores || !order || !overlap || !least || !kept || !number) return [];
    const [B = 1, N = 1] = boxes.shape;
    const words = Math.ceil(N / 32);
    const bits = scratch([B, N, words], 'u32');
    const { workgroups, count, width } = lineGrid(bits.size);
    const uniform = { count, width, boxes: N, words, most };
    const compare: Kernel = {
      shader: 'nms',
      entry: 'compare',
      constants: { CLASSED: classes ? 1 : 0 },
      uniform,
      bindings: { boxes, classes: classes ?? order, order, overlap, bits },
      workgroups,
      flops: 12 * B * N * N,
    };
    const scan: Kernel = {
      shader: 'nms',
      entry: 'scan',
      constants: { LANES: device.deviceClass === 'software' ? 4 : 64 },
      uniform,
      bindings: { scores, order, least, dropped: bits, kept, number },
      workgroups: [B],
    };
    return [compare, scan];
  },
});

export interface NmsOptions {
  /** Boxes that overlap a better one by more than this are dropped; a number, or a tensor of one for a knob. */
  readonly overlap: number | Tensor;
  /** Only boxes with a score above this take part; all, when omitted. */
  readonly least?: number | Tensor;
  /** Boxes kept at most. */
  readonly most: number;
  /** u32 [B, N]: boxes drop those of their own class alone. */
  readonly classes?: Tensor;
}

/**
 * Non-maximum suppression, as torchvision.ops.nms (batched_nms with classes): boxes f32 [B, N, 4] (x1, y1, x2, y2; continuous), scores f32 [B, N]
 * → `indices` u32 [B, most] by falling score (equal ones by index), N for what is not there (gatherRows gives zeros for it), and `count`
 * u32 [B]. No gradient. Throws ShapeError.
 */
export function nms(boxes: Tensor, scores: Tensor, options: NmsOptions): { indices: Tensor; count: Tensor } {
  const { overlap, least = -3e38, most, classes } = options;
  const limit = (value: number | Tensor) => (typeof value === 'number' ? full([], value) : value);
  const order = argsort(scores, { descending: true }).indices;
  const inputs = [boxes, scores, order, limit(overlap), limit(least), ...(classes ? [classes] : [])];
  const [indices, count] = nmsOp.apply(inputs, { most });
  if (!indices || !count) throw new Error('nms: no outputs');
  return { indices, count };
}
