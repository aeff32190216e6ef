import { defineOp, type Operand } from '../op';
import { ShapeError, type Node, type Tensor } from '../tensor';

const MOST = 6;

/** Changes history [capacity, columns] and step u32 [] in place, from one scalar for each column. */
export const recordOp = defineOp<Record<string, never>>({
  name: 'record',
  mutates: [0, 1],
  infer: (inputs) => {
    const [history, step, ...scalars] = inputs;
    if (
      history?.shape[1] !== scalars.length ||
      step?.dtype !== 'u32' ||
      scalars.length === 0 ||
      scalars.length > MOST
    ) {
      throw new ShapeError('record', `takes history [capacity, n], step (u32) and n scalars, n ≤ ${MOST}`, inputs);
    }
    return [];
  },
  kernels: ({ inputs: [history, step, ...scalars] }) => {
    const [first] = scalars;
    if (!history || !step || !first) return [];
    const bindings: Record<string, Operand> = { history, stepCount: step };
    // Every variable is bound; those beyond the columns are not written out.
    for (let k = 0; k < MOST; k++) bindings[`scalar${k}`] = scalars[k] ?? first;
    const uniform = { capacity: history.shape[0] ?? 1, columns: scalars.length };
    // One row of the history is written.
    const bytes = 4 * 2 * (scalars.length + 1);
    return [{ shader: 'record', entry: 'main', uniform, bindings, workgroups: [1], bytes }];
  },
});

/** Keeps a step's scalars in the history and counts the step, as the last effect of a step. */
export function recordScalars(history: Tensor, step: Tensor, scalars: readonly Tensor[]): Node {
  return recordOp.node([history, step, ...scalars], {});
}
