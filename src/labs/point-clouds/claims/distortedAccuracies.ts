/** What most of the lab's claims do: networks trained side by side, each asked about clouds that are distorted step by step. */
import type { PointDistortion } from '../../../engine/ops/augmentPoints';
import type { ClaimContext } from '../../../train/claim';
import { Parts, type Found } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import type { MeasureProgress } from '../../../train/protocol';
import type { Chart } from '../../../ui/chart';
import type { PointData } from '../data/data';
import { accuracyOf, SEEDS, trainingOf } from './shared';
import { trainNetwork } from './trainedNetwork';

export interface SideBySide<Side extends string> {
  readonly sides: readonly Side[];
  readonly names: Readonly<Record<Side, Text>>;
  readonly configOf: (side: Side, seed: number) => Config;
  readonly data: PointData;
  /** What the trained networks are asked about, and under which key its accuracy is kept. */
  readonly distortions: readonly { readonly key: number; readonly distortion: Partial<PointDistortion> }[];
  readonly found: Found<Side>;
  readonly chart: () => Chart;
}

/**
 * Trains every side for every seed and adds its held-out accuracies under each distortion to `found`. Throws the signal's reason when it is
 * stopped, and where a loss is no finite number.
 */
export async function findDistortedAccuracies<Side extends string>(
  { sides, names, configOf, data, distortions, found, chart }: SideBySide<Side>,
  { runtime, steps }: Pick<ClaimContext, 'runtime' | 'steps'>,
  onProgress: (progress: MeasureProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const parts = new Parts(SEEDS.length * sides.length, chart, onProgress);
  for (const seed of SEEDS) {
    for (const side of sides) {
      const config = configOf(side, seed);
      const network = await parts.run(trainingOf(names[side], seed), (tell) =>
        trainNetwork({ runtime, config, data, steps, tell, signal }),
      );
      try {
        for (const { key, distortion } of distortions) {
          signal.throwIfAborted();
          found.add(side, key, await accuracyOf(network, data, distortion));
        }
      } finally {
        network.dispose();
      }
    }
  }
}
