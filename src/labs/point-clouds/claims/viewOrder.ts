import { concat } from '../../../engine/ops/concat';
import { slice } from '../../../engine/ops/slice';
import type { Runtime } from '../../../engine/runtime';
import type { Tensor } from '../../../engine/tensor';
import { Draws, shuffledIndices } from '../../../data/draws';
import type { PointData } from '../data/data';
import { picturesOf, viewLogits } from '../networks/mvcnn';
import { batches, cutClouds } from './chosenPoints';
import { farthest } from './criticalPoints';
import { LogitsForm } from './logitsForm';
import type { TrainedNetwork } from './trainedNetwork';

const BATCH = 16;
const ORDERS = 2;

/** Largest change of a logit of the held-out shapes when MVCNN gets the same pictures in other orders. */
export async function movedByViewOrder(
  runtime: Runtime,
  { settings, source }: TrainedNetwork,
  { set }: PointData,
  seed: number,
): Promise<number> {
  const { network, points } = settings;
  if (network.method !== 'views') throw new Error(`view order: "${network.method}" has no views`);
  const draws = new Draws(seed, 'view orders');
  const orders = [
    Array.from({ length: network.views }, (_, v) => v),
    ...Array.from({ length: ORDERS }, () => shuffledIndices(network.views, draws)),
  ];
  const forms: LogitsForm[] = [];
  try {
    for (const order of orders) {
      const form = await LogitsForm.open(runtime, source, { batch: BATCH, points }, (l, x) =>
        viewLogits(l, network, reordered(picturesOf(network, x), order)),
      );
      forms.push(form);
    }
    let moved = 0;
    for (const seen of batches(cutClouds(set.test, points), BATCH)) {
      const clouds = seen.map(({ cloud }) => cloud);
      const [first, ...others] = await Promise.all(forms.map((form) => form.of(clouds)));
      for (const other of others)
        if (first) moved = Math.max(moved, farthest(first, other, seen.length * network.outputs));
    }
    return moved;
  } finally {
    for (const form of forms) form.dispose();
  }
}

/** pictures [B, V, C, H, H] with the views in another order. */
function reordered(pictures: Tensor, order: readonly number[]): Tensor {
  const [B = 1, , ...picture] = pictures.shape;
  const zeros = picture.map(() => 0);
  return concat(
    order.map((v) => slice(pictures, [0, v, ...zeros], [B, 1, ...picture])),
    1,
  );
}
