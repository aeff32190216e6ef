/**
 * Pointwise ops: one WGSL expression and one line of gradient each. The expressions hold for T = f32 and T = vec4<f32>; chains
 * of them are fused (src/engine/fusion.ts). Shapes broadcast as in NumPy.
 */
import { defineOp, OpDefinition } from '../op';
import { ShapeError, sameShape, sizeOf, type Shape, type Tensor } from '../tensor';
import { sumTo } from './reduce';

/** NumPy's broadcast of two shapes. Throws ShapeError when a pair of dimensions differs and neither is 1. */
export function broadcastShapes(op: string, a: Tensor, b: Tensor): Shape {
  const rank = Math.max(a.shape.length, b.shape.length);
  return Array.from({ length: rank }, (_, i) => {
    const m = a.shape[i - rank + a.shape.length] ?? 1;
    const n = b.shape[i - rank + b.shape.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) throw new ShapeError(op, `dimensions ${m} and ${n} do not broadcast`, [a, b]);
    return m === 1 ? n : m;
  });
}

/** A WGSL f32 literal. */
export function literal(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) > 3.4028234e38) {
    throw new Error(`pointwise: the constant ${value} does not fit f32; use a finite number below 3.4e38`);
  }
  return value < 0 ? `(${value}f)` : `${value}f`;
}

type Gradient1 = (g: Tensor, x: Tensor, y: Tensor) => Tensor | undefined;
type Gradient2 = (
  g: Tensor,
  a: Tensor,
  b: Tensor,
  y: Tensor,
) => readonly [() => Tensor | undefined, () => Tensor | undefined];

function unary(name: string, expression: (x: string) => string, gradient: Gradient1 | undefined, include?: string) {
  return defineOp<Record<string, never>>({
    name,
    infer: ([x, ...rest]) => {
      if (!x || rest.length > 0) throw new ShapeError(name, 'takes one tensor');
      return [{ shape: x.shape, dtype: 'f32' }];
    },
    ...(gradient && {
      vjp: ({ inputs: [x], outputs: [y], cotangents: [g] }) => [x && y && g ? gradient(g, x, y) : undefined],
    }),
    pointwise: { expression: ([x]) => expression(String(x)), ...(include === undefined ? {} : { include }) },
  });
}

function binary(name: string, expression: (a: string, b: string) => string, gradient?: Gradient2) {
  return defineOp<Record<string, never>>({
    name,
    infer: (inputs) => {
      const [a, b] = inputs;
      if (!a || !b || inputs.length > 2) throw new ShapeError(name, 'takes two tensors', inputs);
      return [{ shape: broadcastShapes(name, a, b), dtype: 'f32' }];
    },
    ...(gradient && {
      vjp: ({ inputs: [a, b], outputs: [y], cotangents: [g], needs }) => {
        if (!a || !b || !y || !g) return [undefined, undefined];
        const [da, db] = gradient(g, a, b, y);
        const whole = (f: () => Tensor | undefined, shape: Shape) => {
          const d = f();
          return d && sumTo(d, shape);
        };
        return [needs[0] ? whole(da, a.shape) : undefined, needs[1] ? whole(db, b.shape) : undefined];
      },
    }),
    pointwise: { expression: ([a, b]) => expression(String(a), String(b)) },
  });
}

/** y = scale·x + shift. */
export const affineOp = defineOp<{ scale: number; shift: number }>({
  name: 'affine',
  infer: ([x]) => {
    if (!x) throw new ShapeError('affine', 'takes one tensor');
    return [{ shape: x.shape, dtype: 'f32' }];
  },
  vjp: ({ cotangents: [g], attrs }) => [g && affine(g, attrs.scale, 0)],
  pointwise: {
    expression: ([x], { scale, shift }) => {
      const scaled = scale === 1 ? String(x) : `${x} * ${literal(scale)}`;
      return shift === 0 ? scaled : `${scaled} + ${literal(shift)}`;
    },
  },
});

/** A tensor of one value everywhere. */
export const fullOp = defineOp<{ shape: Shape; value: number }>({
  name: 'full',
  infer: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
  vjp: () => [],
  pointwise: { expression: (_operands, { value }) => `T(${literal(value)})` },
});

/** x repeated along broadcast dimensions. */
export const broadcastOp = defineOp<{ shape: Shape }>({
  name: 'broadcast',
  infer: (inputs, { shape }) => {
    const [x] = inputs;
    const fits = x && x.shape.every((d, i) => d === 1 || d === shape[i - x.shape.length + shape.length]);
    if (!fits || x.shape.length > shape.length) {
      throw new ShapeError('broadcastTo', `cannot become [${shape.join(', ')}]`, inputs);
    }
    return [{ shape, dtype: 'f32' }];
  },
  vjp: ({ inputs: [x], cotangents: [g] }) => [x && g && sumTo(g, x.shape)],
  pointwise: { expression: ([x]) => String(x) },
});

/** y = minimum(maximum(x, low), high); gradient 1 strictly inside. */
export const clampOp = defineOp<{ low: number; high: number }>({
  name: 'clamp',
  infer: ([x]) => {
    if (!x) throw new ShapeError('clamp', 'takes one tensor');
    return [{ shape: x.shape, dtype: 'f32' }];
  },
  vjp: ({ inputs: [x], cotangents: [g], attrs: { low, high } }) => [
    x && g && mul(g, mul(greater(x, low), less(x, high))),
  ],
  pointwise: { expression: ([x], { low, high }) => `clamp(${x}, T(${literal(low)}), T(${literal(high)}))` },
});

/** condition ≠ 0 ? a : b, elementwise. */
export const whereOp = defineOp<Record<string, never>>({
  name: 'where',
  infer: (inputs) => {
    const [c, a, b] = inputs;
    if (!c || !a || !b) throw new ShapeError('where', 'takes condition, a, b', inputs);
    const ab = broadcastShapes('where', a, b);
    return [{ shape: broadcastShapes('where', c, { ...a, shape: ab }), dtype: 'f32' }];
  },
  vjp: ({ inputs: [c, a, b], cotangents: [g] }) => {
    if (!c || !a || !b || !g) return [undefined, undefined, undefined];
    return [undefined, sumTo(where(c, g, 0), a.shape), sumTo(where(c, 0, g), b.shape)];
  },
  pointwise: { expression: ([c, a, b]) => `select(T(${b}), T(${a}), ${c} != T(0f))` },
});

/** u32 or i32 numbers as f32. */
export const castOp = unary('cast', (x) => `T(${x})`, undefined);

export const addOp = binary(
  'add',
  (a, b) => `${a} + ${b}`,
  (g) => [() => g, () => g],
);
export const subOp = binary(
  'sub',
  (a, b) => `${a} - ${b}`,
  (g) => [() => g, () => neg(g)],
);
export const mulOp = binary(
  'mul',
  (a, b) => `${a} * ${b}`,
  (g, a, b) => [() => mul(g, b), () => mul(g, a)],
);
export const divOp = binary(
  'div',
  (a, b) => `${a} / ${b}`,
  (g, _a, b, y) => [() => div(g, b), () => neg(mul(g, div(y, b)))],
);
export const powOp = binary(
  'pow',
  (a, b) => `pow(${a}, ${b})`,
  (g, a, b, y) => [() => mul(g, mul(b, div(y, a))), () => mul(g, mul(y, log(a)))],
);
export const maximumOp = binary(
  'maximum',
  (a, b) => `max(${a}, ${b})`,
  (g, a, b) => [() => mul(g, affine(less(a, b), -1, 1)), () => mul(g, less(a, b))],
);
export const minimumOp = binary(
  'minimum',
  (a, b) => `min(${a}, ${b})`,
  (g, a, b) => [() => mul(g, affine(less(b, a), -1, 1)), () => mul(g, less(b, a))],
);
/** 1 where a > b, else 0. */
export const greaterOp = binary(
  'greater',
  (a, b) => `select(T(0f), T(1f), ${a} > ${b})`,
  () => [() => undefined, () => undefined],
);
/** 1 where a < b, else 0. */
export const lessOp = binary(
  'less',
  (a, b) => `select(T(0f), T(1f), ${a} < ${b})`,
  () => [() => undefined, () => undefined],
);
/** 1 where a = b, else 0. */
export const equalOp = binary(
  'equal',
  (a, b) => `select(T(0f), T(1f), ${a} == ${b})`,
  () => [() => undefined, () => undefined],
);

export const expOp = unary(
  'exp',
  (x) => `exp(${x})`,
  (g, _x, y) => mul(g, y),
);
export const logOp = unary(
  'log',
  (x) => `log(${x})`,
  (g, x) => div(g, x),
);
export const sqrtOp = unary(
  'sqrt',
  (x) => `sqrt(${x})`,
  (g, _x, y) => div(affine(g, 0.5, 0), y),
);
export const squareOp = unary(
  'square',
  (x) => `${x} * ${x}`,
  (g, x) => mul(g, affine(x, 2, 0)),
);
export const absOp = unary(
  'abs',
  (x) => `abs(${x})`,
  (g, x) => mul(g, sign(x)),
);
export const signOp = unary(
  'sign',
  (x) => `sign(${x})`,
  () => undefined,
);
export const floorOp = unary(
  'floor',
  (x) => `floor(${x})`,
  () => undefined,
);
export const sinOp = unary(
  'sin',
  (x) => `sin(${x})`,
  (g, x) => mul(g, cos(x)),
);
export const cosOp = unary(
  'cos',
  (x) => `cos(${x})`,
  (g, x) => neg(mul(g, sin(x))),
);
export const tanhOp = unary(
  'tanh',
  (x) => `tanh(clamp(${x}, T(-20f), T(20f)))`,
  (g, _x, y) => mul(g, affine(square(y), -1, 1)),
);
export const sigmoidOp = unary(
  'sigmoid',
  (x) => `1f / (1f + exp(-${x}))`,
  (g, _x, y) => mul(g, mul(y, affine(y, -1, 1))),
);
export const reluOp = unary(
  'relu',
  (x) => `max(${x}, T(0f))`,
  (g, x) => mul(g, greater(x, 0)),
);
/** SiLU, also called swish: x·sigmoid(x) (Elfwing, Uchibe & Doya 2018). */
export const siluOp = unary(
  'silu',
  (x) => `${x} / (1f + exp(-${x}))`,
  (g, x, y) => mul(g, mul(sigmoid(x), affine(sub(x, y), 1, 1))),
);
/** GELU, exact: x·Φ(x) with Φ by the error function (Hendrycks & Gimpel 2016). */
export const geluOp = unary(
  'gelu',
  (x) => `gelu(${x})`,
  (g, x) => mul(g, geluSlopeOp.one([x], {})),
  'gelu.wgsl',
);
/** dGELU/dx = Φ(x) + x·φ(x). Differentiated once only. */
export const geluSlopeOp = unary('geluSlope', (x) => `geluSlope(${x})`, undefined, 'gelu.wgsl');

type Operand = Tensor | number;

function isFull(x: Tensor): number | undefined {
  let source = x;
  // A fill under another shape is still a fill.
  for (let [viewed] = source.node.inputs; source.node.op.name === 'reshape' && viewed; [viewed] = source.node.inputs)
    source = viewed;
  return source.node.op === fullOp.spec ? (source.node.attrs as unknown as { value: number }).value : undefined;
}

/** The value, if an operand is one number everywhere and does not widen the other's shape. */
function scalarOf(x: Operand, other: Operand): number | undefined {
  if (typeof x === 'number') return x;
  const value = isFull(x);
  if (value === undefined || typeof other === 'number') return undefined;
  return sizeOf(x.shape) === 1 && x.shape.length <= other.shape.length
    ? value
    : sameShape(x.shape, other.shape)
      ? value
      : undefined;
}

function tensorOf(x: Operand): Tensor {
  return typeof x === 'number' ? full([], x) : x;
}

function apply2(op: OpDefinition<Record<string, never>>, a: Operand, b: Operand): Tensor {
  return op.one([tensorOf(a), tensorOf(b)], {});
}

/** scale·x + shift. Chains are folded. */
export function affine(x: Tensor, scale: number, shift: number): Tensor {
  if (scale === 1 && shift === 0) return x;
  const value = isFull(x);
  if (value !== undefined) return full(x.shape, value * scale + shift);
  if (x.node.op === affineOp.spec) {
    const inner = x.node.attrs as unknown as { scale: number; shift: number };
    const [source] = x.node.inputs;
    if (source) return affine(source, inner.scale * scale, inner.shift * scale + shift);
  }
  return affineOp.one([x], { scale, shift });
}

export function full(shape: Shape, value: number): Tensor {
  return fullOp.one([], { shape, value });
}

/** x repeated to `shape` by NumPy's rules. Throws ShapeError when it does not fit. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const value = isFull(x);
  return value === undefined ? broadcastOp.one([x], { shape }) : full(shape, value);
}

export function add(a: Operand, b: Operand): Tensor {
  const value = scalarOf(b, a);
  if (value !== undefined && typeof a !== 'number') return affine(a, 1, value);
  const left = scalarOf(a, b);
  if (left !== undefined && typeof b !== 'number') return affine(b, 1, left);
  return apply2(addOp, a, b);
}

export function sub(a: Operand, b: Operand): Tensor {
  const value = scalarOf(b, a);
  if (value !== undefined && typeof a !== 'number') return affine(a, 1, -value);
  const left = scalarOf(a, b);
  if (left !== undefined && typeof b !== 'number') return affine(b, -1, left);
  return apply2(subOp, a, b);
}

export function mul(a: Operand, b: Operand): Tensor {
  const value = scalarOf(b, a);
  if (value !== undefined && typeof a !== 'number') return affine(a, value, 0);
  const left = scalarOf(a, b);
  if (left !== undefined && typeof b !== 'number') return affine(b, left, 0);
  return apply2(mulOp, a, b);
}

export function div(a: Operand, b: Operand): Tensor {
  const value = scalarOf(b, a);
  if (value !== undefined && typeof a !== 'number') return affine(a, 1 / value, 0);
  return apply2(divOp, a, b);
}

export function pow(a: Operand, b: Operand): Tensor {
  return apply2(powOp, a, b);
}
export function maximum(a: Operand, b: Operand): Tensor {
  return apply2(maximumOp, a, b);
}
export function minimum(a: Operand, b: Operand): Tensor {
  return apply2(minimumOp, a, b);
}
export function greater(a: Operand, b: Operand): Tensor {
  return apply2(greaterOp, a, b);
}
export function less(a: Operand, b: Operand): Tensor {
  return apply2(lessOp, a, b);
}
export function equal(a: Operand, b: Operand): Tensor {
  return apply2(equalOp, a, b);
}
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return whereOp.one([condition, tensorOf(a), tensorOf(b)], {});
}
export function neg(x: Tensor): Tensor {
  return affine(x, -1, 0);
}
export function clamp(x: Tensor, low: number, high: number): Tensor {
  return clampOp.one([x], { low, high });
}
/** u32 or i32 → f32. */
export function toFloat(x: Tensor): Tensor {
  return x.dtype === 'f32' ? x : castOp.one([x], {});
}
export function exp(x: Tensor): Tensor {
  return expOp.one([x], {});
}
export function log(x: Tensor): Tensor {
  return logOp.one([x], {});
}
export function sqrt(x: Tensor): Tensor {
  return sqrtOp.one([x], {});
}
export function square(x: Tensor): Tensor {
  return squareOp.one([x], {});
}
export function abs(x: Tensor): Tensor {
  return absOp.one([x], {});
}
export function sign(x: Tensor): Tensor {
  return signOp.one([x], {});
}
export function floor(x: Tensor): Tensor {
  return floorOp.one([x], {});
}
export function sin(x: Tensor): Tensor {
  return sinOp.one([x], {});
}
export function cos(x: Tensor): Tensor {
  return cosOp.one([x], {});
}
export function tanh(x: Tensor): Tensor {
  return tanhOp.one([x], {});
}
export function sigmoid(x: Tensor): Tensor {
  return sigmoidOp.one([x], {});
}
export function relu(x: Tensor): Tensor {
  return reluOp.one([x], {});
}
export function silu(x: Tensor): Tensor {
  return siluOp.one([x], {});
}
export function gelu(x: Tensor): Tensor {
  return geluOp.one([x], {});
}
