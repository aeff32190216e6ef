import { defineOp, type Kernel, type Operand } from '../op';
import { ShapeError, type Tensor, type TensorSpec } from '../tensor';
import { lineGrid } from './grid';

interface BoxCodeAttrs {
  /** What shifts of the centre and of the size are divided by: σ_c, σ_s. */
  readonly deviations: readonly [number, number];
  /** [width, height] to which decoded boxes are cut, or null. */
  readonly clip: readonly [number, number] | null;
}

function check(op: string, inputs: readonly TensorSpec[], { deviations }: BoxCodeAttrs): void {
  const [anchors, code] = inputs;
  const [B, N] = code?.shape ?? [];
  const own = anchors?.shape.join();
  if (code?.shape.length !== 3 || code.shape[2] !== 4 || (own !== [N, 4].join() && own !== [B, N, 4].join()))
    throw new ShapeError(op, 'takes anchors [N, 4] or [B, N, 4] and boxes or shifts [B, N, 4]', inputs);
  if (!deviations.every((d) => d > 0))
    throw new ShapeError(op, `deviations ${deviations.join(', ')}; they must be positive`, inputs);
}

function kernel(
  entry: string,
  bindings: Readonly<Record<string, Operand>>,
  code: Operand,
  attrs: BoxCodeAttrs,
): Kernel {
  const [B = 1, N = 1] = code.shape;
  const { workgroups, count, width } = lineGrid(B * N);
  const [imageW, imageH] = attrs.clip ?? [0, 0];
  const [centre, size] = attrs.deviations;
  const oneSet = bindings.anchors?.shape.length === 2 ? 1 : 0;
  const uniform = { count, width, boxes: N, oneSet, clip: attrs.clip ? 1 : 0, imageW, imageH, centre, size };
  return { shader: 'boxCode', entry, uniform, bindings, workgroups };
}

/** anchors [N, 4] or [B, N, 4], boxes [B, N, 4] → shifts [B, N, 4]. */
export const encodeBoxesOp = defineOp<BoxCodeAttrs>({
  name: 'encodeBoxes',
  infer: (inputs, attrs) => {
    check('encodeBoxes', inputs, attrs);
    return [{ shape: inputs[1]?.shape ?? [], dtype: 'f32' }];
  },
  vjp: () => [undefined, undefined],
  kernels: ({ inputs: [anchors, code], outputs: [out], attrs }) =>
    anchors && code && out ? [kernel('encode', { anchors, code, out }, code, attrs)] : [],
});

/** anchors [N, 4] or [B, N, 4], shifts [B, N, 4] → boxes [B, N, 4] and their shorter sides [B, N]. */
export const decodeBoxesOp = defineOp<BoxCodeAttrs>({
  name: 'decodeBoxes',
  infer: (inputs, attrs) => {
    check('decodeBoxes', inputs, attrs);
    const shape = inputs[1]?.shape ?? [];
    return [
      { shape, dtype: 'f32' },
      { shape: shape.slice(0, 2), dtype: 'f32' },
    ];
  },
  vjp: () => [undefined, undefined],
  kernels: ({ inputs: [anchors, code], outputs: [out, side], attrs }) =>
    anchors && code && out && side ? [kernel('decode', { anchors, code, out, side }, code, attrs)] : [],
});

/** σ of the shifts: as they are for proposals; those of the head are divided by them. */
export const PLAIN: readonly [number, number] = [1, 1];
export const HEAD: readonly [number, number] = [0.1, 0.2];

/**
 * Boxes as shifts of anchors (Girshick et al. 2014): anchors f32 [N, 4] for all pictures or [B, N, 4], boxes f32 [B, N, 4], continuous (x1, y1,
 * x2, y2) → (t_x, t_y, t_w, t_h) / σ, [B, N, 4]. Targets: no gradient. Throws ShapeError.
 */
export function encodeBoxes(anchors: Tensor, boxes: Tensor, deviations = PLAIN): Tensor {
  return encodeBoxesOp.one([anchors, boxes], { deviations, clip: null });
}

/**
 * The inverse of `encodeBoxes`, sizes growing 62.5-fold at most (as in torchvision), cut to `clip` = [width, height] where it is given. `side` is
 * the shorter side of each box, by which small ones can be dropped. No gradient flows through proposals. Throws ShapeError.
 */
export function decodeBoxes(
  anchors: Tensor,
  shifts: Tensor,
  { deviations = PLAIN, clip = null }: Partial<BoxCodeAttrs> = {},
): { boxes: Tensor; side: Tensor } {
  const [boxes, side] = decodeBoxesOp.apply([anchors, shifts], { deviations, clip });
  if (!boxes || !side) throw new Error('decodeBoxes: no outputs');
  return { boxes, side };
}
