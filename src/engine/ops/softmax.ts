import { defineOp, type Kernel, type KernelArgs } from '../op';
import { sameShape, ShapeError, type Tensor } from '../tensor';
import { rowLaunch } from './reduceRows';

type None = Record<string, never>;

/** Input x [..., D] → softmax over the last axis. */
export const softmaxOp = defineOp<None>({
  name: 'softmax',
  infer: (inputs) => {
    const [x] = inputs;
    if (!x || x.dtype !== 'f32' || x.shape.length === 0)
      throw new ShapeError('softmax', 'takes x [..., D], f32', inputs);
    return [{ shape: x.shape, dtype: 'f32' }];
  },
  vjp: ({ outputs: [y], cotangents: [dy] }) => [y && dy && softmaxGradOp.one([y, dy], {})],
  kernels: (args) => rowKernels(args, ['x'], { serial: 'serial', serial4: 'serial4', parallel: 'parallel' }),
});

/** Inputs y = softmax(x) and dy, both [..., D] → dx [..., D]. */
export const softmaxGradOp = defineOp<None>({
  name: 'softmaxGrad',
  infer: (inputs) => {
    const [y, dy] = inputs;
    if (!y || !dy || !sameShape(y.shape, dy.shape))
      throw new ShapeError('softmaxGrad', 'takes y and dy of one shape', inputs);
    return [{ shape: y.shape, dtype: 'f32' }];
  },
  kernels: (args) =>
    rowKernels(args, ['y', 'dy'], {
      serial: 'gradientSerial',
      serial4: 'gradientSerial4',
      parallel: 'gradientParallel',
    }),
});

function rowKernels(
  { inputs, outputs: [out], device }: KernelArgs<None>,
  names: readonly string[],
  entries: Readonly<Record<'serial' | 'serial4' | 'parallel', string>>,
): Kernel[] {
  if (!out) return [];
  const columns = out.shape.at(-1) ?? 1;
  const rows = out.size / columns;
  const { form, constants, workgroups, width } = rowLaunch(device, rows, columns);
  const wide = form === 'serial4' ? '4' : '';
  return [
    {
      shader: 'softmax',
      entry: entries[form],
      constants,
      uniform: { rows, columns, width },
      bindings: {
        ...Object.fromEntries(inputs.map((operand, i) => [`${names[i]}${wide}`, operand])),
        [`out${wide}`]: out,
      },
      workgroups,
      flops: 6 * out.size,
      epilogue: wide ? 4 : 1,
    },
  ];
}

/** Softmax over the last axis: x [..., D] → [..., D], rows sum to 1. */
export function softmax(x: Tensor): Tensor {
  return softmaxOp.one([x], {});
}
