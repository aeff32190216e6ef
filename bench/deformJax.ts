/** jax-js' side of deformable convolution: corners gathered and weighted, one product, jitted; the gradients are those of its own `grad`. */
import { blockUntilReady, grad, jit, lax, numpy as np, type Array as JaxArray } from '@jax-js/jax';
import type { Contestant } from './contest';
import { along, bases, swapped, type DeformPeer } from './deform';

export const jaxDeform: DeformPeer = (task) => {
  const { batch, channels, outputs, size, backward } = task;
  const places = size * size;
  const vector = (values: Float32Array) => np.array(values.slice());
  const base = bases(task);
  const inputs = [
    vector(swapped(task.x, batch, channels, places)).reshape([batch * places, channels]),
    vector(along(task, 0)),
    vector(along(task, 1)),
    vector(task.weight).reshape([9 * channels, outputs]),
    vector(swapped(task.g, batch, outputs, places)).reshape([batch * places, outputs]),
    vector(base.first),
    vector(base.y),
    vector(base.x),
  ];

  /** [B · P, C], offsets [B · P · 9] along both axes, weight [9 · C, O], numbers of taps → [B · P, O]. */
  const forward = (
    x: JaxArray,
    dy: JaxArray,
    dx: JaxArray,
    w: JaxArray,
    first: JaxArray,
    y: JaxArray,
    column: JaxArray,
  ) => {
    const [py, px] = [y.add(dy), column.add(dx)];
    const [y0, x0] = [lax.stopGradient(np.floor(py.ref)), lax.stopGradient(np.floor(px.ref))];
    const [l, u] = [py.sub(y0.ref), px.sub(x0.ref)];
    const corners = [0, 1, 2, 3].map((k) => {
      const [below, right] = [k >> 1, k & 1];
      const [row, place] = [y0.ref.add(below), x0.ref.add(right)];
      const [cutRow, cutPlace] = [np.clip(row.ref, 0, size - 1), np.clip(place.ref, 0, size - 1)];
      const inside = row.equal(cutRow.ref).mul(place.equal(cutPlace.ref)).astype(np.float32);
      const at = first.ref.add(cutRow.mul(size)).add(cutPlace).astype(np.int32);
      const byRow = below ? l.ref : np.subtract(1, l.ref);
      const byColumn = right ? u.ref : np.subtract(1, u.ref);
      const weight = inside.mul(byRow).mul(byColumn);
      return np.take(x.ref, lax.stopGradient(at), 0).mul(weight.reshape([-1, 1]));
    });
    const columns = corners.reduce((sum, corner) => sum.add(corner)).reshape([batch * places, 9 * channels]);
    return np.matmul(columns, w) as unknown as JaxArray;
  };
  type Arrays = readonly [JaxArray, JaxArray, JaxArray, JaxArray, JaxArray, JaxArray, JaxArray, JaxArray];
  const loss = (x: JaxArray, dy: JaxArray, dx: JaxArray, w: JaxArray, ...rest: JaxArray[]) => {
    const [g, first, y, column] = rest;
    if (!g || !first || !y || !column) throw new Error('bench: no inputs');
    return forward(x, dy, dx, w, first, y, column).mul(g).sum();
  };
  const slopes = grad(loss as never, { argnums: [0, 1, 2, 3] }) as unknown as (...all: Arrays) => JaxArray[];
  const both = jit(((...all: Arrays) => {
    const [x, dy, dx, w, , first, y, column] = all;
    const made = forward(x.ref, dy.ref, dx.ref, w.ref, first.ref, y.ref, column.ref);
    return [...slopes(...all), made];
  }) as never) as unknown as (...all: Arrays) => JaxArray[];
  const single = jit(forward as never) as unknown as (...all: JaxArray[]) => JaxArray;
  const once = (): JaxArray[] => {
    // jax-js consumes what it is given: `ref` keeps the inputs.
    const all = inputs.map((a) => a.ref) as unknown as Arrays;
    if (backward) return both(...all);
    const [x, dy, dx, w, g, ...rest] = all;
    g.dispose();
    return [single(x, dy, dx, w, ...rest)];
  };
  const contestant: Contestant = {
    engine: 'jax-js',
    run: async () => {
      const all = once();
      for (const made of all) await blockUntilReady(made);
      all.forEach((made) => made.dispose());
    },
    result: async () => {
      const all = once();
      const read = await Promise.all(all.map(async (made) => Array.from((await made.data()) as Float32Array)));
      if (!backward) return swapped(read[0] ?? [], batch, places, outputs);
      const [, byY = [], byX = []] = read;
      return swapped(
        byY.flatMap((v, i) => [v, byX[i] ?? NaN]),
        batch,
        places,
        18,
      );
    },
    dispose: () => inputs.forEach((a) => a.dispose()),
  };
  return contestant;
};
