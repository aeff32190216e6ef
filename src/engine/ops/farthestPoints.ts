import type { DeviceTraits } from '../../gpu/device';
import { defineOp, type Kernel, type KernelArgs, type Operand } from '../op';
import { ShapeError, type Tensor } from '../tensor';

interface FarthestAttrs {
  /** How many to pick. */
  readonly count: number;
  /** Index of the first pick. */
  readonly start: number;
}

/** From this many points on, several workgroups share a cloud. */
const WIDE_FROM = 16384;
/** Distances that one dispatch computes for a cloud: some milliseconds. */
const DISPATCH_WORK = 2 ** 24;

/** points [B, N, 3] → indices u32 [B, S]. */
export const farthestPointsOp = defineOp<FarthestAttrs>({
  name: 'farthestPoints',
  infer: (inputs, { count, start }) => {
    const [points] = inputs;
    const [B = 0, N = 0] = points?.shape ?? [];
    if (points?.dtype !== 'f32' || points.shape.length !== 3 || points.shape[2] !== 3)
      throw new ShapeError('farthestPoints', 'takes coordinates f32 [B, N, 3]', inputs);
    if (!Number.isInteger(count) || count < 1 || count > N)
      throw new ShapeError('farthestPoints', `cannot pick ${count} of ${N} points; give 1 to ${N}`, inputs);
    if (!Number.isInteger(start) || start < 0 || start >= N)
      throw new ShapeError('farthestPoints', `starts at point ${start} of ${N}; give 0 to ${N - 1}`, inputs);
    return [{ shape: [B, count], dtype: 'u32' }];
  },
  vjp: () => [undefined],
  kernels: (args) => {
    const [points] = args.inputs;
    const [picked] = args.outputs;
    if (!points || !picked) return [];
    return (points.shape[1] ?? 0) >= WIDE_FROM
      ? wideKernels(points, picked, args)
      : narrowKernels(points, picked, args);
  },
});

function narrowKernels(
  points: Operand,
  picked: Operand,
  { attrs, device, scratch }: KernelArgs<FarthestAttrs>,
): Kernel[] {
  const [B = 1, N = 1] = points.shape;
  const nearest = scratch([B, N]);
  const perDispatch = Math.max(1, Math.floor(DISPATCH_WORK / N));
  const kernels: Kernel[] = [];
  for (let first = 1; first === 1 || first < attrs.count; first += perDispatch) {
    const last = Math.min(attrs.count, first + perDispatch);
    kernels.push({
      shader: 'farthestPoints',
      entry: 'narrow',
      constants: { LANES: lanesFor(device, N) },
      uniform: { points: N, picks: attrs.count, start: attrs.start, first, last, groups: 1, clouds: B },
      bindings: { points, nearest, picked },
      workgroups: [B],
      flops: 8 * B * N * (last - first),
    });
  }
  return kernels;
}

function wideKernels(
  points: Operand,
  picked: Operand,
  { attrs, device, scratch }: KernelArgs<FarthestAttrs>,
): Kernel[] {
  const [B = 1, N = 1] = points.shape;
  const groups = device.deviceClass === 'software' ? 8 : Math.min(64, Math.ceil(N / 1024));
  const nearest = scratch([B, N]);
  const partDistance = scratch([2, B, groups]);
  const partIndex = scratch([2, B, groups], 'u32');
  return Array.from({ length: attrs.count }, (_, i) => ({
    shader: 'farthestPoints',
    entry: 'wide',
    constants: { LANES: lanesFor(device, N) },
    uniform: { points: N, picks: attrs.count, start: attrs.start, first: i + 1, last: i + 2, groups, clouds: B },
    bindings: { points, nearest, picked, partDistance, partIndex },
    workgroups: [groups, B] as const,
    flops: 8 * B * N,
  }));
}

/** Barriers are dear on software adapters, idle lanes on the others. */
function lanesFor(device: DeviceTraits, points: number): number {
  if (device.deviceClass === 'software') return 8;
  return points >= 1024 ? 256 : 64;
}

/**
 * Farthest point sampling in each cloud: coordinates f32 [B, N, 3] → indices u32 [B, count], the first of them `start`; ties take the
 * smallest index. O(count·N). No gradient. Throws ShapeError. PointNet++ (Qi et al. 2017), §3.2.
 */
export function farthestPoints(
  points: Tensor,
  { count, start = 0 }: { readonly count: number; readonly start?: number },
): Tensor {
  return farthestPointsOp.one([points], { count, start });
}
