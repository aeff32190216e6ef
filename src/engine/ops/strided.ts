import type { Kernel, Operand } from '../op';
import { lineGrid } from './grid';

/** One dimension of a strided copy, as shaders/strided.wgsl has it. */
export interface StridedAxis {
  readonly size: number;
  /** Step in the source, in elements. */
  readonly stride: number;
  /** Output coordinate of the source's first element; negative where the source is cut. */
  readonly before: number;
  /** How many source elements there are along it. */
  readonly extent: number;
}

const MOST = 6;

/** Elements between neighbours along each axis of a row-major shape. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = new Array<number>(shape.length).fill(1);
  for (let k = shape.length - 2; k >= 0; k--) strides[k] = (strides[k + 1] ?? 1) * (shape[k + 1] ?? 1);
  return strides;
}

/** Joins neighbours that are whole and lie together: fewer divisions for each element. Outer axis first. */
function join(axes: readonly StridedAxis[]): StridedAxis[] {
  const joined: StridedAxis[] = [];
  for (const axis of axes) {
    if (axis.size === 1 && axis.before === 0 && axis.extent === 1) continue;
    const last = joined.at(-1);
    const whole = axis.before === 0 && axis.extent === axis.size;
    if (last && whole && last.stride === axis.stride * axis.size) {
      joined[joined.length - 1] = {
        size: last.size * axis.size,
        stride: axis.stride,
        before: last.before * axis.size,
        extent: last.extent * axis.size,
      };
    } else joined.push(axis);
  }
  return joined.length > 0 ? joined : [{ size: 1, stride: 1, before: 0, extent: 1 }];
}

/** The dispatch of a strided copy. Axes from outer to inner; `fill` is the word (as f32) for what lies outside. */
export function stridedCopy(source: Operand, out: Operand, axes: readonly StridedAxis[], fill = 0): Kernel {
  const inner = join(axes).reverse();
  if (inner.length > MOST)
    throw new Error(`strided copy: ${inner.length} dimensions that do not join; ${MOST} is the most`);
  const { workgroups, count, width } = lineGrid(out.size);
  const bits = new Uint32Array(Float32Array.of(fill).buffer)[0] ?? 0;
  const uniform: Record<string, number> = { count, width, rank: inner.length, fill: bits };
  for (let k = 0; k < MOST; k++) {
    const axis = inner[k] ?? { size: 1, stride: 0, before: 0, extent: 1 };
    Object.assign(uniform, {
      [`size${k}`]: axis.size,
      [`stride${k}`]: axis.stride,
      [`before${k}`]: axis.before,
      [`extent${k}`]: axis.extent,
    });
  }
  return { shader: 'strided', entry: 'main', uniform, bindings: { source, out }, workgroups };
}
