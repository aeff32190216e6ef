import { defineOp } from '../op';
import { ShapeError, sameShape, type Node, type Tensor } from '../tensor';
import { lineGrid } from './grid';

/** Changes average [P] in place, from value [P] and decay []; P divides by 4. */
export const emaOp = defineOp<Record<string, never>>({
  name: 'ema',
  mutates: [0],
  infer: (inputs) => {
    const [average, value] = inputs;
    if (
      !average ||
      !value ||
      inputs.length !== 3 ||
      !sameShape(average.shape, value.shape) ||
      (average.shape[0] ?? 0) % 4 !== 0
    ) {
      throw new ShapeError('ema', 'takes average [P], value [P] and decay; P divides by 4', inputs);
    }
    return [];
  },
  kernels: ({ inputs: [average, value, decay] }) => {
    if (!average || !value || !decay) return [];
    const { workgroups, count, width } = lineGrid(average.size / 4);
    return [
      { shader: 'ema', entry: 'main', uniform: { count, width }, bindings: { average, value, decay }, workgroups },
    ];
  },
});

/** average ← decay·average + (1 − decay)·value as an effect. */
export function ema(average: Tensor, value: Tensor, decay: Tensor): Node {
  return emaOp.node([average, value, decay], {});
}
