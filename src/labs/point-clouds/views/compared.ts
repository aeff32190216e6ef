import * as v from 'valibot';
import { UNDISTORTED } from '../../../engine/ops/augmentPoints';
import { comparedNetworks } from '../comparedNetworks';
import { probabilities } from '../metrics';
import { Chosen, cloudsOf, floats, type MakeView, type Views } from './looker';

/**
 * Chosen clouds as the networks of the last comparison (comparison.ts) judge them: for each method `<method>` [B, K], the probability of each
 * class, and `<method>.accuracy` [1], on undistorted held-out shapes. Methods that were not trained on these data are left out, and DGCNN
 * where the clouds have fewer points than it has neighbours.
 */
export const compared: MakeView = async (looker, request) => {
  const chosen = v.parse(Chosen, request ?? {});
  if (looker.network.task !== 'classification') return {};
  const clouds = cloudsOf(looker, chosen);
  const look = chosen.distorted ? looker.look : { points: looker.points, distortion: UNDISTORTED };
  const views: Record<string, Views[string]> = {};
  for (const { method, network, accuracy } of comparedNetworks(looker.runtime, looker.data)) {
    const shape = network.settings.network;
    if (shape.method === 'dgcnn' && look.points < shape.k) continue;
    const { logits } = await network.reader.see(clouds, { ...look, seed: chosen.seed });
    views[method] = floats([clouds.length, shape.outputs], probabilities(logits, shape.outputs));
    views[`${method}.accuracy`] = floats([1], [accuracy]);
  }
  return views;
};
