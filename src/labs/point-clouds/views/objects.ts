import * as v from 'valibot';
import type { Seen, SeenCloud } from '../forward';
import { best, partIous, probabilities } from '../metrics';
import { NO_LABEL } from '../training';
import { Chosen, cloudsOf, floats, see, wholes, type Looker, type MakeView, type Views } from './looker';

/**
 * Chosen clouds as the network sees them, and what it makes of them. `points` [B, N, 3]; `source` u32 [B, N], which point of the shape
 * each was (N or more: an outlier); `labels` u32 [B], the classes (not of an own cloud). Classification: `probabilities` [B, K].
 * Segmentation: `predictions` u32 and `confidence` f32 [B, N], `truth` u32 [B, N] (255: none), and for parts `iou` [B].
 */
export const objects: MakeView = async (looker, request) => {
  const chosen = v.parse(Chosen, request ?? {});
  const seen = await see(looker, chosen);
  return judged(seen, cloudsOf(looker, chosen), { ...looker, own: chosen.own !== undefined });
};

/** The view's arrays from what a network, on whatever device, made of the clouds. `own`: they have no labels. */
export function judged(
  seen: Pick<Seen, 'points' | 'source' | 'logits'>,
  clouds: readonly SeenCloud[],
  { network, data, own }: Pick<Looker, 'network' | 'data'> & { readonly own: boolean },
): Views {
  const [B, K] = [clouds.length, network.outputs];
  const N = seen.source.length / B;
  const common = {
    points: floats([B, N, 3], seen.points),
    source: wholes([B, N], seen.source),
    ...(!own && {
      labels: wholes(
        [B],
        clouds.map((c) => c.category ?? 0),
      ),
    }),
  };
  const chances = probabilities(seen.logits, K);
  if (network.task === 'classification') return { ...common, probabilities: floats([B, K], chances) };
  const among = (b: number) => (network.task === 'parts' ? data.set.partsOf[clouds[b]?.category ?? 0] : undefined);
  const predictions = Uint32Array.from({ length: B * N }, (_, i) => best(seen.logits, i, K, among(Math.floor(i / N))));
  const truth = Uint32Array.from({ length: B * N }, (_, i) => {
    const parts = clouds[Math.floor(i / N)]?.cloud.parts;
    const from = seen.source[i] ?? N;
    return !parts || own || from >= N ? NO_LABEL : (parts[from % parts.length] ?? NO_LABEL);
  });
  const iou = clouds.map((_, b) => {
    const part = (of: Uint32Array) => of.subarray(b * N, (b + 1) * N);
    const ious = partIous(part(truth), part(predictions), among(b) ?? []);
    return ious.reduce((x, y) => x + y, 0) / ious.length;
  });
  return {
    ...common,
    predictions: wholes([B, N], predictions),
    confidence: floats(
      [B, N],
      Array.from(predictions, (p, i) => chances[i * K + p] ?? 0),
    ),
    truth: wholes([B, N], truth),
    ...(network.task === 'parts' && !own && { iou: floats([B], iou) }),
  };
}
