import type { DeviceTraits } from '../../gpu/device';
import { defineOp, type Kernel, type KernelArgs, type Operand } from '../op';
import { ShapeError, type Shape } from '../tensor';
import { geometry, keptShape, reductionRuns, squeeze, type Geometry } from './reduceAxes';
import { foldGroups } from './grid';

export interface ExtremumAttrs {
  readonly kind: 'max' | 'min';
  /** Axes that go, ascending, in at most two runs of neighbours. */
  readonly axes: readonly number[];
}

/**
 * Outputs: the largest (smallest) element over `axes`, f32, and its number among the reduced ones, u32, row-major; ties go to the
 * lowest, NaN wins. The gradient goes to that element alone.
 */
export const extremumOp = defineOp<ExtremumAttrs>({
  name: 'extremum',
  infer: (inputs, { kind, axes }) => {
    const [x] = inputs;
    if (!x || x.dtype !== 'f32') throw new ShapeError(kind, 'takes one f32 tensor', inputs);
    if (reductionRuns(squeeze(x.shape, axes).axes).length > 2) {
      throw new ShapeError(
        kind,
        `axes ${axes.join(', ')} lie in more than two runs of neighbours; reduce some of them first`,
        inputs,
      );
    }
    const shape = keptShape(x.shape, axes);
    return [
      { shape, dtype: 'f32' },
      { shape, dtype: 'u32' },
    ];
  },
  vjp: ({ inputs: [x], outputs: [, index], cotangents: [g], attrs: { axes } }) => [
    x && index && g && extremumGradOp.one([g, index], { shape: x.shape, axes }),
  ],
  kernels: (args) => {
    const [x] = args.inputs;
    const [out, indices] = args.outputs;
    return x && out && indices ? extremumKernels({ x, out, indices }, args) : [];
  },
});

/** dx of `extremum`: the cotangent at the chosen element, zeros elsewhere. Inputs: cotangent, index. */
export const extremumGradOp = defineOp<{ readonly shape: Shape; readonly axes: readonly number[] }>({
  name: 'extremumGrad',
  infer: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
  kernels: ({ inputs: [g, chosen], outputs: [out], attrs: { shape, axes }, device }) => {
    if (!g || !chosen || !out) return [];
    const size = device.deviceClass === 'software' ? 16 : 64;
    const { workgroups, width } = foldGroups(Math.ceil(out.size / size));
    return [
      {
        shader: 'reduceExtremum',
        entry: 'gradient',
        constants: { WORKGROUP: size },
        uniform: uniformOf(geometry(shape, axes), out.size, 1, 1, width * size),
        bindings: { g, chosen, out },
        workgroups,
        epilogue: 1,
      },
    ];
  },
});

function uniformOf(g: Geometry, outputs: number, chunk: number, chunks: number, width: number) {
  const { kept2, kept3, reduced1, reduced2 } = g;
  return { outputs, kept2, kept3, reduced1, reduced2, chunk, chunks, width };
}

/** Lanes of a workgroup that share one output; 0 where one invocation does it alone. */
function lanesFor(device: DeviceTraits, length: number, kept3: number): number {
  if (device.deviceClass === 'software' || kept3 > 1 || length < 32) return 0;
  return length >= 512 ? 256 : 64;
}

interface Buffers {
  readonly x: Operand;
  readonly out: Operand;
  readonly indices: Operand;
}

function extremumKernels({ x, out, indices }: Buffers, args: KernelArgs<ExtremumAttrs>): Kernel[] {
  const g = geometry(x.shape, args.attrs.axes);
  const length = g.reduced1 * g.reduced2;
  const software = args.device.deviceClass === 'software';
  const lanes = lanesFor(args.device, length, g.kept3);
  const wanted = Math.ceil((software ? 256 : lanes ? 512 : 16384) / out.size);
  const most = Math.min(wanted, 64, Math.floor(length / (lanes ? 1024 : 64)));
  const chunk = Math.ceil(length / Math.max(1, most));
  const chunks = Math.ceil(length / chunk);
  const size = software ? 16 : 64;
  const perUnit = (units: number) => {
    const { workgroups, width } = foldGroups(Math.ceil(units / size));
    return { workgroups, width: width * size };
  };
  const perPart = lanes ? foldGroups(out.size * chunks) : perUnit(out.size * chunks);
  const sign = { SIGN: args.attrs.kind === 'max' ? 1 : -1 };
  const form = lanes ? 'parallel' : 'serial';
  const base = {
    shader: 'reduceExtremum',
    constants: { ...sign, ...(lanes ? { LANES: lanes } : { WORKGROUP: size }) },
  };
  const first = {
    ...base,
    uniform: uniformOf(g, out.size, chunk, chunks, perPart.width),
    workgroups: perPart.workgroups,
    flops: x.size,
  };
  if (chunks === 1) return [{ ...first, entry: form, bindings: { x, indices, out }, epilogue: 1 }];
  const partialValues = args.scratch([chunks, out.size]);
  const partialIndices = args.scratch([chunks, out.size], 'u32');
  const perOutput = perUnit(out.size);
  return [
    { ...first, entry: `${form}Partial`, bindings: { x, partialValues, partialIndices } },
    {
      shader: 'reduceExtremum',
      entry: 'combine',
      constants: { ...sign, WORKGROUP: size },
      uniform: uniformOf(g, out.size, chunk, chunks, perOutput.width),
      bindings: { partialValues, partialIndices, indices, out },
      workgroups: perOutput.workgroups,
      epilogue: 1,
    },
  ];
}
