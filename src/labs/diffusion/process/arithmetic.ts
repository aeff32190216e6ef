/**
 * The formulas of the diffusion process are written once, over any kind of number: float64 on the host (tables of coefficients, charts,
 * tests) and engine tensors (the training graph, f32 on the device).
 */
import { reshape } from '../../../engine/ops/reshape';
import * as pointwise from '../../../engine/ops/pointwise';
import { argmax } from '../../../engine/ops/reduce';
import { constant } from '../../../engine/state';
import type { Tensor } from '../../../engine/tensor';

export interface Arithmetic<T> {
  add(a: T | number, b: T | number): T;
  sub(a: T | number, b: T | number): T;
  mul(a: T | number, b: T | number): T;
  div(a: T | number, b: T | number): T;
  min(a: T | number, b: T | number): T;
  max(a: T | number, b: T | number): T;
  sqrt(x: T | number): T;
  exp(x: T | number): T;
  log(x: T | number): T;
  sin(x: T | number): T;
  floor(x: T | number): T;
  /** eˣ − 1 and ln(1 + x), right where x is small. */
  expm1(x: T | number): T;
  log1p(x: T | number): T;
  /** a < b ? yes : no. Both branches are computed and must be finite on tensors. */
  ifLess(a: T | number, b: T | number, yes: T | number, no: T | number): T;
  /** Index of the table's entry nearest to x, the first of equals. */
  nearest(table: readonly number[], x: T | number): T;
}

/** float64 on the host. */
export const hostArithmetic: Arithmetic<number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  sin: Math.sin,
  floor: Math.floor,
  expm1: Math.expm1,
  log1p: Math.log1p,
  ifLess: (a, b, yes, no) => (a < b ? yes : no),
  nearest: (table, x) => {
    let best = 0;
    table.forEach((entry, i) => {
      if (Math.abs(entry - x) < Math.abs((table[best] ?? 0) - x)) best = i;
    });
    return best;
  },
};

type Operand = Tensor | number;

function tensor(x: Operand): Tensor {
  return typeof x === 'number' ? pointwise.full([], x) : x;
}

/** Σ cₖ xᵏ⁺¹ by Horner's rule. */
function power(x: Tensor, coefficients: readonly number[]): Tensor {
  let sum = pointwise.full([], coefficients.at(-1) ?? 0);
  for (const c of coefficients.slice(0, -1).reverse()) sum = pointwise.add(pointwise.mul(sum, x), c);
  return pointwise.mul(sum, x);
}

// Below ½ the Taylor series of eˣ − 1 to x⁹ is exact to f32; WGSL's exp(x) − 1 would lose the digits that 1 shifts out.
const EXPM1_SERIES = [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320, 1 / 362880];
// ln(1 + x) = 2 artanh(z) = 2 (z + z³/3 + …) with z = x/(2 + x), |z| ≤ ⅕ for |x| ≤ ½: to z⁹ exact to f32.
const ARTANH_SERIES = [2 / 3, 2 / 5, 2 / 7, 2 / 9];

/** Engine tensors; numbers become constants of the graph. Shapes broadcast as in NumPy. */
export const tensorArithmetic: Arithmetic<Tensor> = {
  add: (a, b) => tensor(typeof a === 'number' && typeof b === 'number' ? a + b : pointwise.add(a, b)),
  sub: (a, b) => tensor(typeof a === 'number' && typeof b === 'number' ? a - b : pointwise.sub(a, b)),
  mul: (a, b) => tensor(typeof a === 'number' && typeof b === 'number' ? a * b : pointwise.mul(a, b)),
  div: (a, b) => tensor(typeof a === 'number' && typeof b === 'number' ? a / b : pointwise.div(a, b)),
  min: (a, b) => tensor(typeof a === 'number' && typeof b === 'number' ? Math.min(a, b) : pointwise.minimum(a, b)),
  max: (a, b) => tensor(typeof a === 'number' && typeof b === 'number' ? Math.max(a, b) : pointwise.maximum(a, b)),
  sqrt: (x) => (typeof x === 'number' ? tensor(Math.sqrt(x)) : pointwise.sqrt(x)),
  exp: (x) => (typeof x === 'number' ? tensor(Math.exp(x)) : pointwise.exp(x)),
  log: (x) => (typeof x === 'number' ? tensor(Math.log(x)) : pointwise.log(x)),
  sin: (x) => (typeof x === 'number' ? tensor(Math.sin(x)) : pointwise.sin(x)),
  floor: (x) => (typeof x === 'number' ? tensor(Math.floor(x)) : pointwise.floor(x)),
  expm1: (x) => {
    if (typeof x === 'number') return tensor(Math.expm1(x));
    const series = power(pointwise.clamp(x, -0.5, 0.5), EXPM1_SERIES);
    return pointwise.where(pointwise.less(pointwise.abs(x), 0.5), series, pointwise.affine(pointwise.exp(x), 1, -1));
  },
  log1p: (x) => {
    if (typeof x === 'number') return tensor(Math.log1p(x));
    const near = pointwise.clamp(x, -0.5, 0.5);
    const z = pointwise.div(near, pointwise.affine(near, 1, 2));
    const z2 = pointwise.square(z);
    const series = pointwise.mul(z, pointwise.affine(power(z2, ARTANH_SERIES), 1, 2));
    return pointwise.where(pointwise.less(pointwise.abs(x), 0.5), series, pointwise.log(pointwise.affine(x, 1, 1)));
  },
  ifLess: (a, b, yes, no) => pointwise.where(pointwise.less(tensor(a), b), yes, no),
  nearest: (table, x) => {
    const column = tensor(x);
    const entries = constant(table, [table.length]);
    const distance = pointwise.abs(pointwise.sub(reshape(column, [...column.shape, 1]), entries));
    return pointwise.toFloat(argmax(pointwise.neg(distance), [column.shape.length]));
  },
};
