/** What the lab learns from: points of a density, or images. */
import type { ImageSet } from '../../../data/imageSet';
import { loadModel } from '../../../models/card';
import type { Config } from '../../../train/control';
import type { DataSource } from '../../../train/dataSource';
import { describeImages, loadImages } from '../../../train/imageData';
import type { DataSummary } from '../../../train/protocol';
import type { Mixture } from '../process/mixture';
import { featureModel } from '../featureModel';
import { densityOf, isDensity } from './densities';
import { mixtureDeviation, sampleMixture } from './mixture';

export interface PlaneData {
  readonly kind: 'plane';
  readonly id: string;
  readonly mixture: Mixture;
  /** [count, 2] each; the held-out points are of the same density. */
  readonly train: Float32Array;
  readonly test: Float32Array;
  readonly sigmaData: number;
}

export interface PictureData {
  readonly kind: 'pictures';
  readonly id: string;
  readonly set: ImageSet;
  /** Of pixels in −1…1, all channels pooled. */
  readonly sigmaData: number;
  /** The file of the shipped network whose features measure such images, read when it is first asked for. */
  readonly featureFile: () => Promise<Uint8Array>;
}

export type DiffusionData = PlaneData | PictureData;

const TRAIN_POINTS = 8192;
const TEST_POINTS = 2048;
/** Points do not depend on the run's seed, so that runs of other seeds are compared on the same data. */
const POINT_SEED = 20221;

const planes = new Map<string, PlaneData>();

/** Points of a density, the same each time; `drawn` is the reader's drawing where that is the density. */
export function planeData(id: Parameters<typeof densityOf>[0], drawn: string): PlaneData {
  const key = `${id} ${drawn}`;
  const known = planes.get(key);
  if (known) return known;
  const mixture = densityOf(id, drawn);
  const made: PlaneData = {
    kind: 'plane',
    id,
    mixture,
    train: sampleMixture(mixture, TRAIN_POINTS, POINT_SEED, 'train'),
    test: sampleMixture(mixture, TEST_POINTS, POINT_SEED, 'test'),
    sigmaData: mixtureDeviation(mixture),
  };
  if (planes.size > 16) planes.clear();
  planes.set(key, made);
  return made;
}

const pictures = new WeakMap<ImageSet, PictureData>();

function pictureData(set: ImageSet, source: DataSource): PictureData {
  const known = pictures.get(set);
  if (known) return known;
  const made: PictureData = {
    kind: 'pictures',
    id: set.id,
    set,
    sigmaData: pixelDeviation(set.train.pixels),
    featureFile: async () => (await loadModel(featureModel(set.channels), (path) => source.read(path))).bytes,
  };
  pictures.set(set, made);
  return made;
}

/** Standard deviation of bytes taken as numbers in −1…1. */
function pixelDeviation(bytes: Uint8Array): number {
  const counts = new Float64Array(256);
  for (const b of bytes) counts[b] = (counts[b] ?? 0) + 1;
  let [sum, squares] = [0, 0];
  counts.forEach((n, b) => {
    const x = b / 127.5 - 1;
    sum += n * x;
    squares += n * x * x;
  });
  const mean = sum / bytes.length;
  return Math.sqrt(Math.max(1e-6, squares / bytes.length - mean * mean));
}

/** Throws with the setting and the fix where the data cannot be had. */
export async function loadDiffusionData(config: Config, source: DataSource): Promise<DiffusionData> {
  const id = String(config['data']);
  return isDensity(id)
    ? planeData(id, String(config['drawn'] ?? ''))
    : pictureData(await loadImages(config, source), source);
}

export function describeDiffusionData(data: DiffusionData): DataSummary {
  if (data.kind === 'pictures') return describeImages(data.set);
  return { id: data.id, sample: [2], train: data.train.length / 2, test: data.test.length / 2, classes: [] };
}
