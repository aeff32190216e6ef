import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { UNDISTORTED } from '../../engine/ops/augmentPoints';
import { best } from './metrics';
import { shapeOf } from './reader';
import { openShipped, type ShippedNetwork } from './shippedNetwork';
import { objectsOf } from './shown';
import { known } from './views/facts';
import { judged } from './views/objects';

const PUBLIC = new URL('../../../public/', import.meta.url);
const read = async (path: string): Promise<ArrayBuffer> => new Uint8Array(await readFile(new URL(path, PUBLIC))).buffer;
const whole = (points: number) => ({ points, distortion: UNDISTORTED });

/** Every so many-th held-out shape. */
function some({ data }: ShippedNetwork, every: number) {
  const numbers = Array.from({ length: Math.ceil(data.set.test.count / every) }, (_, i) => every * i);
  return { numbers, clouds: numbers.map((shape) => shapeOf(data, 'test', shape)) };
}

describe('a shipped network on the processor', () => {
  it('names as many held-out shapes as its card says, and fewer when most of their points are gone', async () => {
    const shipped = await openShipped('pointnet-furniture', read);
    const { clouds } = some(shipped, 1);
    const share = async (look: Parameters<ShippedNetwork['see']>[1]) => {
      const { logits } = await shipped.see(clouds, look);
      const K = shipped.network.outputs;
      return clouds.filter(({ category }, b) => best(logits, b, K) === category).length / clouds.length;
    };
    const points = Number(shipped.config['points']);
    expect(await share(whole(points))).toBeCloseTo(shipped.card.metrics['accuracy'] ?? NaN, 6);
    expect(await share({ points, distortion: { ...UNDISTORTED, leastDrop: 0.95, mostDrop: 0.95 } })).toBeLessThan(0.6);
    await shipped.close();
  });

  it.each(['dgcnn-furniture', 'pointnet2-components'])(
    '%s takes other numbers of points than it was trained with, and stops when it is told to',
    async (id) => {
      const shipped = await openShipped(id, read);
      const { clouds, numbers } = some(shipped, 40);
      for (const points of [64, 160]) {
        const seen = await shipped.see(clouds, whole(points));
        const views = { ...judged(seen, clouds, { ...shipped, own: false }), ...known(seen, clouds) };
        const [first] = objectsOf(views, numbers, views);
        expect(first?.points.length).toBe(3 * points);
        expect(first?.normals.length).toBe(3 * points);
        const judgements = first?.predictedParts.length ? first.predictedParts : first?.probabilities;
        expect(judgements?.length).toBe(shipped.network.task === 'parts' ? points : shipped.network.outputs);
      }
      const stop = () => Promise.reject(new Error('enough'));
      await expect(shipped.see(clouds, whole(64), stop)).rejects.toThrow('enough');
      await shipped.close();
    },
  );
});
