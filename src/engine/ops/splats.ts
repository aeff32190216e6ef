import { defineOp, type Kernel, type Operand } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { gatherRows } from './gather';
import { lineGrid } from './grid';
import { permute } from './permute';
import { reshape } from './reshape';

interface SplatAttrs {
  /** Pixels along an edge, H. */
  readonly side: number;
  /** Of a point's disc, in pixels. */
  readonly radius: number;
}

/** points [B, N, 3], cameras [V, 16] → depth f32 [B, V, 1, H, H], owners u32 [B, V, H, H]. */
export const splatsOp = defineOp<SplatAttrs>({
  name: 'splats',
  infer: (inputs, { side, radius }) => {
    const [points, cameras] = inputs;
    const [B = 0, , D] = points?.shape ?? [];
    const [V = 0, numbers] = cameras?.shape ?? [];
    if (
      points?.dtype !== 'f32' ||
      points.shape.length !== 3 ||
      D !== 3 ||
      cameras?.shape.length !== 2 ||
      numbers !== 16
    )
      throw new ShapeError('splats', 'takes coordinates f32 [B, N, 3] and cameras f32 [V, 16]', inputs);
    if (!Number.isInteger(side) || side < 1 || side > 1024)
      throw new ShapeError('splats', `views of ${side} pixels; give 1 to 1024`, inputs);
    if (!(radius >= 0 && radius <= 32))
      throw new ShapeError('splats', `discs with a radius of ${radius} pixels; give 0 to 32`, inputs);
    return [
      { shape: [B, V, 1, side, side], dtype: 'f32' },
      { shape: [B, V, side, side], dtype: 'u32' },
    ];
  },
  vjp: ({ inputs }) => inputs.map(() => undefined),
  kernels: ({ inputs: [points, cameras], outputs: [depth, owners], attrs, scratch }) => {
    if (!points || !cameras || !depth || !owners) return [];
    const [B = 1, N = 1] = points.shape;
    const V = cameras.shape[0] ?? 1;
    const depths = scratch(owners.shape, 'u32');
    const kernel = (entry: string, items: number, bindings: Readonly<Record<string, Operand>>): Kernel => {
      const { workgroups, count, width } = lineGrid(items);
      return {
        shader: 'splats',
        entry,
        uniform: { count, width, points: N, views: V, ...attrs },
        bindings,
        workgroups,
      };
    };
    return [
      kernel('clear', owners.size, { depths, owners }),
      kernel('nearest', B * V * N, { points, cameras, depths, owners }),
      kernel('owner', B * V * N, { points, cameras, depths, owners }),
      kernel('write', owners.size, { depths, depth }),
    ];
  },
});

export interface Views {
  /** f32 [B, V, 1, H, H]: 1 at the near plane, falling to 0 at the far one; 0 where nothing is. */
  readonly depth: Tensor;
  /** u32 [B, V, H, H]: the point that each pixel shows, N where none. */
  readonly owners: Tensor;
}

/**
 * Views of clouds as discs with a z-buffer: coordinates f32 [B, N, 3], cameras f32 [V, 16], each a projection into WebGPU's clip space,
 * row by row, applied to column vectors. Equal depths show the smallest index. Deterministic, no gradient. Throws ShapeError.
 */
export function splats(
  points: Tensor,
  cameras: Tensor,
  { side, radius = 1 }: { readonly side: number; readonly radius?: number },
): Views {
  const [depth, owners] = splatsOp.apply([points, cameras], { side, radius });
  if (!depth || !owners) throw new Error('splats: no outputs');
  return { depth, owners };
}

/** Per-point values [B, N, C] (normals, colours, labels as numbers) as seen in the views: [B, V, C, H, H], 0 where nothing is. */
export function paint(values: Tensor, { owners }: Views): Tensor {
  const [B = 1, V = 1, H = 1, W = 1] = owners.shape;
  const C = values.shape[2] ?? 1;
  const pixels = gatherRows(values, reshape(owners, [B, V * H * W]));
  return permute(reshape(pixels, [B, V, H, W, C]), [0, 1, 4, 2, 3]);
}

/**
 * Orthographic cameras around the vertical axis y, `views` of them at equal angles from `first` on, `elevation` above the ground, all
 * angles in radians: f32 [views, 16]. What lies within `reach` of the origin is in view. MVCNN (Su et al. 2015): twelve at 30°.
 */
export function orbitCameras(
  views: number,
  {
    elevation = Math.PI / 6,
    reach = 1,
    first = 0,
  }: { readonly elevation?: number; readonly reach?: number; readonly first?: number } = {},
): Float32Array {
  const [ce, se] = [Math.cos(elevation), Math.sin(elevation)];
  const rows = Array.from({ length: views }, (_, v) => {
    const azimuth = first + (2 * Math.PI * v) / views;
    const [ca, sa] = [Math.cos(azimuth), Math.sin(azimuth)];
    const scale = 1 / reach;
    // The camera looks from (ce·sa, se, ce·ca) to the origin.
    const right = [ca * scale, 0, -sa * scale, 0];
    const up = [-se * sa * scale, ce * scale, -se * ca * scale, 0];
    const away = [-0.5 * ce * sa * scale, -0.5 * se * scale, -0.5 * ce * ca * scale, 0.5];
    return [...right, ...up, ...away, 0, 0, 0, 1];
  });
  return Float32Array.from(rows.flat());
}
