/** jax-js' side of the training contests: one jitted function a step, AdamW in it. */
import { blockUntilReady, grad, jit, nn, numpy as np, valueAndGrad, type Array as JaxArray } from '@jax-js/jax';
import type { Contestant } from './contest';
import { ADAMW, CHECKED_STEPS, type NamedArray, type Ops, type StepTask } from './stepTask';

/** jax-js consumes what it is given; `ref` everywhere, since inside a trace a name that is held on to costs nothing. */
const ops: Ops<JaxArray> = {
  matmul: (a, b) => np.matmul(a.ref, b.ref) as unknown as JaxArray,
  add: (a, b) => a.ref.add(b.ref),
  sub: (a, b) => a.ref.sub(b.ref),
  mul: (a, b) => a.ref.mul(b.ref),
  scale: (a, factor) => a.ref.mul(factor),
  reshape: (x, shape) => x.ref.reshape([...shape]),
  concat: (a, b) => np.concatenate([a.ref, b.ref], 1),
  rows: (x, _shape, begin, end) => x.ref.slice([], [begin, end]),
  standardise: (x) => nn.standardize(x.ref, -1, { epsilon: 1e-6 }),
  gelu: (x) => nn.gelu(x.ref, { approximate: false }),
  logSoftmax: (x) => nn.logSoftmax(x.ref),
  attend: (qkv, { B, N, D, heads, causal }) => {
    const parts = np.split(qkv.ref, 3, 2).map((part) => part.reshape([B, N, heads, D / heads]));
    const [q, k, v] = parts;
    if (!q || !k || !v) throw new Error('bench: nothing to attend to');
    return nn.dotProductAttention(q, k, v, { isCausal: causal }).reshape([B, N, D]);
  },
  sum: (x) => x.ref.sum(),
};

type Arrays = Record<string, JaxArray>;

function arrays(named: Iterable<readonly [string, NamedArray]>): Arrays {
  return Object.fromEntries(
    [...named].map(([name, { shape, data }]) => [name, np.array(data.slice()).reshape([...shape])]),
  );
}

function lossOf(task: StepTask) {
  return (weights: Arrays, data: Arrays): JaxArray =>
    task.loss(
      ops,
      (name) => weights[name] as JaxArray,
      (name) => data[name] as JaxArray,
    );
}

const held = (all: Arrays): Arrays => Object.fromEntries(Object.entries(all).map(([name, x]) => [name, x.ref]));
const drop = (all: Arrays): void => Object.values(all).forEach((x) => x.dispose());

export function slope(task: StepTask): Contestant {
  const [weights, data] = [arrays(task.weights), arrays(Object.entries(task.data))];
  const { x, ...rest } = weights;
  if (!x) throw new Error('bench: the task has no x');
  const loss = lossOf(task);
  const by = grad((at: JaxArray, others: Arrays, given: Arrays) => loss({ ...others, x: at }, given)) as unknown as (
    at: JaxArray,
    others: Arrays,
    given: Arrays,
  ) => JaxArray;
  const compiled = jit((at: JaxArray, others: Arrays, given: Arrays) => by(at, others, given)) as unknown as typeof by;
  const once = () => compiled(x.ref, held(rest), held(data));
  return {
    engine: 'jax-js',
    run: async () => {
      const y = once();
      await blockUntilReady(y);
      y.dispose();
    },
    result: async () => Array.from(await once().data()),
    dispose: () => [weights, data].forEach(drop),
  };
}

interface Moments {
  readonly weights: Arrays;
  readonly first: Arrays;
  readonly second: Arrays;
}

/** One update of all weights; `corrections` [2] are 1/(1 − β₁ᵗ) and 1/(1 − β₂ᵗ). */
function updateOf(task: StepTask) {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = ADAMW;
  const differentiated = valueAndGrad(lossOf(task)) as unknown as (w: Arrays, d: Arrays) => [JaxArray, Arrays];
  return ({ weights, first, second }: Moments, data: Arrays, c1: JaxArray, c2: JaxArray): [Moments, JaxArray] => {
    const [loss, slopes] = differentiated(held(weights), held(data));
    const next: { weights: Arrays; first: Arrays; second: Arrays } = { weights: {}, first: {}, second: {} };
    for (const [name, g] of Object.entries(slopes)) {
      const [p, m0, v0] = [weights[name], first[name], second[name]];
      if (!p || !m0 || !v0) continue;
      const m = m0.ref.mul(beta1).add(g.ref.mul(1 - beta1));
      const v = v0.ref.mul(beta2).add(g.ref.mul(g.ref).mul(1 - beta2));
      const decay = task.weights.get(name)?.decay ? 1 - learningRate * weightDecay : 1;
      const down = np.sqrt(v.ref.mul(c2.ref)).add(epsilon);
      next.first[name] = m;
      next.second[name] = v;
      next.weights[name] = p.ref.mul(decay).sub(m.ref.mul(c1.ref).mul(learningRate).div(down));
    }
    return [next, loss];
  };
}

export function train(task: StepTask): Contestant {
  const update = jit(updateOf(task) as never) as unknown as ReturnType<typeof updateOf>;
  const data = arrays(Object.entries(task.data));
  const zero = () =>
    arrays([...task.weights].map(([n, w]) => [n, { shape: w.shape, data: new Float32Array(w.data.length) }]));
  const fresh = (): Moments => ({ weights: arrays(task.weights), first: zero(), second: zero() });
  let [state, step] = [fresh(), 0];
  const correction = (beta: number) => np.array([1 / (1 - beta ** step)]);
  const once = (): JaxArray => {
    step++;
    const [next, loss] = update(state, held(data), correction(ADAMW.beta1), correction(ADAMW.beta2));
    state = next;
    return loss;
  };
  const dispose = () => [state.weights, state.first, state.second].forEach(drop);
  return {
    engine: 'jax-js',
    run: async () => {
      const loss = once();
      await blockUntilReady([loss, ...Object.values(state.weights)]);
      loss.dispose();
    },
    result: async () => {
      dispose();
      [state, step] = [fresh(), 0];
      const losses: number[] = [];
      for (let k = 0; k < CHECKED_STEPS; k++) losses.push(...(await once().data()));
      return losses;
    },
    dispose: () => {
      dispose();
      drop(data);
    },
  };
}
