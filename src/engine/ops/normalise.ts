/** The pointwise parts of batch and group normalisation: they fuse with what follows, and differentiate through the statistics. */
import { defineOp } from '../op';
import { ShapeError, sameShape, sizeOf, type Shape, type Tensor } from '../tensor';
import { broadcastShapes, literal, mul } from './pointwise';
import { channelSlope } from './channelSums';
import { sum } from './reduce';
import { reshape } from './reshape';

function checked(op: string, inputs: readonly Tensor[]) {
  const [x, ...others] = inputs;
  const fits = x && others.length === 4 && others.every((t) => sameShape(broadcastShapes(op, x, t), x.shape));
  if (!fits) throw new ShapeError(op, 'takes x, and mean, rstd, scale, shift that broadcast to it', inputs);
  return [{ shape: x.shape, dtype: 'f32' as const }];
}

const normalised = {
  expression: ([x, mean, rstd, scale, shift]: readonly string[]) => `(${x} - ${mean}) * ${rstd} * ${scale} + ${shift}`,
};

/** Inputs x, and mean, rstd, scale, shift as [C, 1, ...] → (x − mean)·rstd·scale + shift; mean and rstd are those of x over all other axes. */
export const batchNormOp = defineOp<{ readonly axis: number }>({
  name: 'batchNorm',
  infer: (inputs) => checked('batchNorm', inputs),
  vjp: ({ inputs: [x, mean, rstd, scale], cotangents: [dy], attrs: { axis } }) => {
    if (!x || !mean || !rstd || !scale || !dy) return [];
    const flat = [mean, rstd].map((t) => reshape(t, [sizeOf(t.shape)]));
    const [dshift, dscale] = channelSlope.apply([x, dy, ...flat], { axis, share: 1 });
    if (!dshift || !dscale) return [];
    const [shift, slope] = [reshape(dshift, scale.shape), reshape(dscale, scale.shape)];
    const attrs = { count: sizeOf(x.shape) / sizeOf(scale.shape), scaled: false };
    const dx = normaliseSlopeOp.one([x, dy, mean, rstd, scale, shift, slope], attrs);
    return [dx, undefined, undefined, slope, shift];
  },
  pointwise: normalised,
});

/** Inputs x [B, G, C/G, P], mean and rstd [B, G, 1, 1] of x over its last two axes, scale and shift [G, C/G, 1] → as `batchNorm`. */
export const groupNormOp = defineOp<Record<string, never>>({
  name: 'groupNorm',
  infer: (inputs) => checked('groupNorm', inputs),
  vjp: ({ inputs: [x, mean, rstd, scale], cotangents: [dy] }) => {
    if (!x || !mean || !rstd || !scale || !dy) return [];
    const slopes = groupNormSlopes(x, mean, rstd, scale, dy);
    return slopes ? [slopes.x, undefined, undefined, slopes.scale, slopes.shift] : [];
  },
  pointwise: normalised,
});

/** Gradients of group norm: x, dy [B, G, C/G, P], mean and rstd [B, G, 1, 1], scale [G, C/G, 1] → by x, scale and shift. */
export function groupNormSlopes(
  x: Tensor,
  mean: Tensor,
  rstd: Tensor,
  scale: Tensor,
  dy: Tensor,
): { readonly x: Tensor; readonly scale: Tensor; readonly shift: Tensor } | undefined {
  const [B = 1, G = 1, share = 1, P = 1] = x.shape;
  const rows: Shape = [1, B * G * share, P];
  const flat = [mean, rstd].map((t) => reshape(t, [B * G]));
  const sums = channelSlope.apply([reshape(x, rows), reshape(dy, rows), ...flat], { axis: 1, share });
  const [shift, slope] = sums.map((t) => reshape(t, [B, G, share, 1]));
  if (!shift || !slope) return undefined;
  const [ofShift, ofSlope] = [shift, slope].map((t) => sum(mul(t, scale), [2], { keepDims: true }));
  if (!ofShift || !ofSlope) return undefined;
  const dx = normaliseSlopeOp.one([x, dy, mean, rstd, scale, ofShift, ofSlope], { count: share * P, scaled: true });
  return { x: dx, scale: sum(slope, [0]), shift: sum(shift, [0]) };
}

interface SlopeAttrs {
  readonly count: number;
  /** Whether the sums hold dy·scale (group norm) or dy (batch norm). */
  readonly scaled: boolean;
}

/** Inputs x, dy, mean, rstd, scale, s = Σ g and p = Σ g·h with h = (x − mean)·rstd → dx = rstd·(g − (s + h·p)/count), g = dy·scale. */
export const normaliseSlopeOp = defineOp<SlopeAttrs>({
  name: 'normaliseSlope',
  infer: ([x]) => {
    if (!x) throw new ShapeError('normaliseSlope', 'takes x, dy, mean, rstd, scale and two sums');
    return [{ shape: x.shape, dtype: 'f32' }];
  },
  pointwise: {
    expression: ([x, dy, mean, rstd, scale, s, p], { count, scaled }) => {
      const means = `(${s} + (${x} - ${mean}) * ${rstd} * ${p}) * ${literal(1 / count)}`;
      return scaled ? `${rstd} * (${dy} * ${scale} - ${means})` : `${rstd} * ${scale} * (${dy} - ${means})`;
    },
  },
});
