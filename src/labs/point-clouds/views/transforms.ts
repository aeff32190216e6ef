import * as v from 'valibot';
import { Chosen, floats, requireMethod, see, tapped, type MakeView, type Views } from './looker';

/**
 * PointNet's T-Nets on chosen clouds: `points` and `aligned` [B, N, 3] before and after the input transform, `input` [B, 3, 3] where the
 * network has it (rows are points: x·A), `feature` [B, w, w] where it has that one.
 */
export const transforms: MakeView = async (looker, request): Promise<Views> => {
  const shape = requireMethod(looker, 'transforms', 'pointnet');
  const chosen = v.parse(Chosen, request ?? {});
  const seen = await see(looker, chosen, ['inputTransform', 'featureTransform', 'aligned']);
  const aligned = tapped(seen, 'aligned');
  const [B = 1, N = 1, D = 3] = aligned.shape;
  const xyz = Float32Array.from({ length: B * N * 3 }, (_, i) => aligned.data[Math.floor(i / 3) * D + (i % 3)] ?? 0);
  const matrix = (name: string) => {
    const { shape: of, data } = tapped(seen, name);
    return floats(of, data);
  };
  return {
    points: floats([B, N, 3], seen.points),
    aligned: floats([B, N, 3], xyz),
    ...(shape.inputTransform && { input: matrix('inputTransform') }),
    ...(shape.featureTransform && { feature: matrix('featureTransform') }),
  };
};
