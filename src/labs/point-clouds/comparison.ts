/** The same objects as four representations at once: a network of each kind, trained alike, and what it says of them. */
import { SaidError } from '../../data/saidError';
import * as v from 'valibot';
import type { Config, Text } from '../../train/control';
import type { Measure, MeasureContext } from '../../train/experiment';
import { settle } from '../../train/lab';
import type { Chart } from '../../ui/chart';
import { accuracyOf } from './claims/shared';
import { trainNetwork, type TrainedNetwork } from './claims/trainedNetwork';
import { UNDISTORTED } from '../../engine/ops/augmentPoints';
import type { PointData } from './data/data';
import { COMPARED_METHODS, keepCompared, startComparison, type ComparedMethod } from './comparedNetworks';
import { meta } from './meta';
import { probabilities } from './metrics';
import { shapeOf } from './reader';

const NAMES: Readonly<Record<ComparedMethod, Text>> = {
  views: { en: 'views (MVCNN)', zh: '多视图（MVCNN）' },
  voxels: { en: 'voxels (VoxNet)', zh: '体素（VoxNet）' },
  pointnet: { en: 'points (PointNet)', zh: '点（PointNet）' },
  dgcnn: { en: 'graph (DGCNN)', zh: '图（DGCNN）' },
};
const STEPS = { gpu: 400, software: 60 } as const;

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const Asked = v.object({
  /** Held-out shapes that are judged. */
  shapes: v.optional(v.pipe(v.array(whole), v.minLength(1), v.maxLength(16)), [0]),
  /** Updates of each network; fewer or more than the device would get. */
  steps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(4))),
});

interface Result {
  /** On all held-out shapes. */
  readonly accuracy: number;
  /** [shapes, classes] */
  readonly chances: Float32Array;
}

/**
 * Trains a network of each kind on the run's data, with its points, widths and seed. Figures, for each method: `<method>.accuracy`, and
 * `<method>.<shape>.<class>`, the probability of each class for each chosen shape, undistorted. The chart shows the right class's. The
 * networks are kept until the next comparison, for the view 'compared'; where it is stopped, those that were trained by then.
 */
export const comparison: Measure<PointData> = {
  async run(context, request, onProgress, signal) {
    const { runtime, config, data } = context;
    if (config['task'] !== 'classification')
      throw new SaidError({
        en: 'comparison: only classification is known to all four; set task to classification',
        zh: '比较：四种表示都支持的只有分类；请把任务设为分类',
      });
    const { shapes, steps = STEPS[runtime.gpu.traits.deviceClass] } = v.parse(Asked, request ?? {});
    startComparison(runtime, data);
    const found = new Map<ComparedMethod, Result>();
    const chart = () => chartOf(found, data, shapes);
    for (const [i, method] of COMPARED_METHODS.entries()) {
      const { en, zh } = NAMES[method];
      const tell = (share: number) =>
        onProgress({
          done: i + share,
          total: COMPARED_METHODS.length,
          what: { en: `Training: ${en}`, zh: `训练：${zh}` },
          chart: chart(),
        });
      const network = await trainNetwork({ runtime, config: configOf(context, method), data, steps, tell, signal });
      try {
        const accuracy = await accuracyOf(network, data);
        found.set(method, { accuracy, chances: await chancesOf(network, data, shapes) });
        keepCompared(runtime, { method, network, accuracy });
      } catch (error) {
        network.dispose();
        throw error;
      }
    }
    return { chart: chart(), figures: { steps, ...figuresOf(found, shapes) } };
  },
};

/** The run's settings with another method, as far as they go together. */
function configOf({ config }: MeasureContext<PointData>, method: ComparedMethod): Config {
  return settle(meta, { ...config, method }).config;
}

async function chancesOf(
  { reader, settings }: TrainedNetwork,
  data: PointData,
  shapes: readonly number[],
): Promise<Float32Array> {
  const clouds = shapes.map((shape) => shapeOf(data, 'test', shape));
  const { logits } = await reader.see(clouds, { points: settings.points, distortion: UNDISTORTED });
  return probabilities(logits, settings.network.outputs);
}

function figuresOf(found: ReadonlyMap<ComparedMethod, Result>, shapes: readonly number[]): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const [method, { accuracy, chances }] of found) {
    figures[`${method}.accuracy`] = accuracy;
    const classes = chances.length / shapes.length;
    chances.forEach((p, i) => {
      figures[`${method}.${shapes[Math.floor(i / classes)] ?? 0}.${i % classes}`] = p;
    });
  }
  return figures;
}

/** Bars in percent: the probability of the right class, for each chosen shape. */
function chartOf(found: ReadonlyMap<ComparedMethod, Result>, { set }: PointData, shapes: readonly number[]): Chart {
  return {
    kind: 'bars',
    x: { en: 'shape', zh: '形状' },
    y: { en: 'probability of its class, %', zh: '正确类别的概率 %' },
    series: [...found].map(([method, { chances }]) => ({
      name: NAMES[method],
      points: shapes.map((shape, i) => {
        const classes = chances.length / shapes.length;
        return [shape, 100 * (chances[i * classes + (set.test.labels[shape] ?? 0)] ?? 0)] as const;
      }),
    })),
  };
}
