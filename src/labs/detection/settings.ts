/** The lab's controls as the network, the scenes and the trainer want them. */
import type { SceneOptions } from '../../data/scenes';
import type { Config } from '../../train/control';
import type { Deformation } from './backbone';

export interface DetectorShape {
  readonly method: 'faster' | 'rfcn';
  /** Classes without the background. */
  readonly classes: number;
  /** Side of a picture in pixels. */
  readonly size: number;
  readonly widths: readonly [number, number, number, number];
  readonly blocks: number;
  readonly atrous: boolean;
  readonly deformation: Deformation;
  readonly deformed: number;
  readonly offsetRate: number;
  readonly norm: 'group' | 'batch';
  /** k: bins of a region along an edge. */
  readonly bins: number;
  readonly pooling: 'pool' | 'align' | 'plain' | 'deformable';
  /** Width of the layers for each region. */
  readonly hidden: number;
  /** Anchors: square roots of areas in pixels of the picture; height over width. */
  readonly scales: readonly number[];
  readonly ratios: readonly number[];
}

export interface RegionSettings {
  /** Proposals that the head is given in training, without the truths. */
  readonly proposals: number;
  /** How many of all these are learned from, and how many of them may be positive. */
  readonly batch: number;
  readonly positives: number;
  readonly mining: boolean;
}

export interface DetectionSettings {
  readonly shape: DetectorShape;
  readonly regions: RegionSettings;
  readonly batch: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly warmup: number;
  readonly steps: number;
  readonly clip: number;
  readonly averageDecay: number;
  readonly seed: number;
}

function number(config: Config, id: string): number {
  const value = config[id];
  if (typeof value !== 'number') throw new Error(`setting "${id}": is ${String(value)}; give a number`);
  return value;
}

const list = (config: Config, id: string) => String(config[id]).split('-').map(Number);

/** Side of the picture for which the anchors' control counts its pixels. */
const ANCHOR_PICTURE = 128;

/** Throws with the setting where it is no number. */
export function settingsOf(config: Config, classes: number): DetectionSettings {
  const batch = number(config, 'regionbatch');
  return {
    shape: shapeOf(config, classes),
    regions: {
      proposals: number(config, 'proposals'),
      batch,
      positives: Math.max(1, Math.round(batch * number(config, 'positives'))),
      mining: config['ohem'] === true,
    },
    batch: number(config, 'batch'),
    learningRate: number(config, 'lr'),
    weightDecay: number(config, 'decay'),
    warmup: number(config, 'warmup'),
    steps: number(config, 'steps'),
    clip: number(config, 'clip'),
    averageDecay: number(config, 'ema'),
    seed: number(config, 'seed'),
  };
}

function shapeOf(config: Config, classes: number): DetectorShape {
  const width = number(config, 'width');
  const size = number(config, 'size');
  const method = config['method'] === 'rfcn' ? 'rfcn' : 'faster';
  return {
    method,
    classes,
    size,
    widths: [width, 2 * width, 4 * width, 4 * width],
    blocks: number(config, 'blocks'),
    atrous: config['atrous'] === true,
    deformation: config['deform'] as Deformation,
    deformed: number(config, 'deformed'),
    offsetRate: number(config, 'offsetrate'),
    norm: config['norm'] === 'batch' ? 'batch' : 'group',
    bins: number(config, 'k'),
    pooling: config[method === 'faster' ? 'roipool' : 'pspool'] as DetectorShape['pooling'],
    hidden: number(config, 'hidden'),
    scales: list(config, 'scales').map((s) => (s * size) / ANCHOR_PICTURE),
    ratios: list(config, 'ratios'),
  };
}

/** How scenes are composed. */
export function sceneOptions(config: Config): SceneOptions {
  return {
    size: number(config, 'size'),
    objects: [1, number(config, 'objects')],
    scale: [number(config, 'smallest'), number(config, 'largest')],
    rotation: (number(config, 'turn') * Math.PI) / 180,
    warp: number(config, 'warp'),
    light: number(config, 'light'),
    overlap: number(config, 'crowd'),
  };
}

/** What acts on the result alone. */
export interface Look {
  /** Proposals that the head judges. */
  readonly proposals: number;
  /** Overlap above which a proposal drops a worse one. */
  readonly proposalOverlap: number;
  readonly score: number;
  readonly overlap: number;
}

export function lookOf(config: Config): Look {
  return {
    proposals: number(config, 'testproposals'),
    proposalOverlap: number(config, 'rpnnms'),
    score: number(config, 'score'),
    overlap: number(config, 'nms'),
  };
}
