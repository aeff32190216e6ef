/** A shipped network on the processor, through ONNX Runtime: what there is to look at without WebGPU. */
import { hostAugmentPoints } from '../../engine/reference/points';
import type { FileReader } from '../../data/load';
import { loadModel, type ModelCard } from '../../models/card';
import { openModel, type RunningModel } from '../../models/session';
import type { Config } from '../../train/control';
import { loadPointData, type PointData } from './data/data';
import type { Seen, SeenCloud } from './forward';
import type { NetworkShape } from './networkShape';
import { exportNetwork, importNetwork } from './onnx';
import { settingsOf, type Look } from './settings';
import { models } from './shipped';

/** Sessions kept: one for each number of points. */
const MOST_OPEN = 4;

export interface ShippedNetwork {
  readonly card: ModelCard;
  /** All settings that it was trained with. */
  readonly config: Config;
  readonly data: PointData;
  readonly network: NetworkShape;
  /**
   * What it makes of clouds, distorted by the same chance as the view 'objects' distorts them on a device. `pause` is waited for between
   * two clouds; when it throws, so does this.
   */
  see(clouds: readonly SeenCloud[], look: Look, pause?: () => Promise<void>): Promise<Omit<Seen, 'taps'>>;
  close(): Promise<void>;
}

/** Throws where card, model or data are missing or damaged, and where the network takes no points. */
export async function openShipped(id: string, read: FileReader): Promise<ShippedNetwork> {
  const { card, bytes } = await loadModel(id, read);
  const config = models.configOf(card);
  const data = await loadPointData(config, { read, ownImages: () => Promise.resolve(undefined) });
  const { network } = settingsOf(config, data);
  if (network.channels !== 3 || network.method === 'voxels' || network.method === 'views')
    throw new Error(`model "${id}": only networks of plain points are run without WebGPU`);
  const weights = importNetwork(bytes, network);
  const open = new Map<number, Promise<RunningModel>>();

  /** A file is written for one number of points: for another, the same weights are written once more. */
  function modelFor(points: number): Promise<RunningModel> {
    const file = () => exportNetwork(weights, { network, points, data: card.data }, { config, changes: [] }).bytes;
    const model = open.get(points) ?? openModel(file(), { provider: 'wasm' });
    open.delete(points);
    open.set(points, model);
    const [oldest] = open.keys();
    if (open.size > MOST_OPEN && oldest !== undefined) {
      void open.get(oldest)?.then((gone) => gone.close());
      open.delete(oldest);
    }
    return model;
  }

  return {
    card,
    config,
    data,
    network,
    async see(clouds, { points: N, distortion }, pause) {
      const model = await modelFor(N);
      const B = clouds.length;
      const given = new Float32Array(B * N * 3);
      clouds.forEach(({ cloud }, b) => {
        const count = Math.max(1, cloud.parts.length);
        for (let i = 0; i < 3 * N; i++) given[3 * b * N + i] = cloud.points[i % (3 * count)] ?? 0;
      });
      const moved = hostAugmentPoints(given, [B, N, 3], distortion, 'look', { seed: 1, step: 0 });
      const points = Float32Array.from(moved.points);
      const logits: number[] = [];
      for (const [b, { category = 0 }] of clouds.entries()) {
        const cloud = { shape: [1, N, 3], data: points.slice(3 * b * N, 3 * (b + 1) * N) };
        const told = { shape: [1], data: BigInt64Array.of(BigInt(category)) };
        const found = await model.run({ points: cloud, ...(network.categories > 0 && { category: told }) });
        logits.push(...Array.from(found['logits']?.data ?? [], Number));
        await pause?.();
      }
      return { points, source: Uint32Array.from(moved.source), logits: Float32Array.from(logits) };
    },
    async close() {
      await Promise.all(Array.from(open.values(), async (model) => (await model).close()));
    },
  };
}
