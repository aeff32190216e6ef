/** Networks that differ in what they predict and in nothing else: EDM's noise levels, all losses of weight 1 on the prediction. */
import type { Config, Text } from '../../../train/control';
import { TOY } from './shared';

export type Prediction = 'edm' | 'epsilon' | 'x0' | 'velocity';

export const PREDICTION_NAMES: Readonly<Record<Prediction, Text>> = {
  edm: { en: 'EDM', zh: 'EDM' },
  epsilon: { en: 'ε', zh: 'ε' },
  x0: { en: 'x₀', zh: 'x₀' },
  velocity: { en: 'velocity', zh: '速度' },
};

const CELLS: Readonly<Record<Prediction, Config>> = {
  edm: { precond: 'edm', weight: 'edm' },
  epsilon: { precond: 'vp', weight: 'epsilon' },
  x0: { precond: 'x0', weight: 'x0' },
  velocity: { precond: 'flow', weight: 'velocity' },
};

/** What all are trained with, in words. */
export const NETWORK_WORDS: Text = {
  en: 'perceptrons of 3 × 128, batch 256, ln σ normal',
  zh: '3 × 128 感知机，批量 256，ln σ 正态',
};

/** A network's config, which the lab can open. */
export function predictionConfig(prediction: Prediction, seed: number): Config {
  return { ...TOY, framework: 'edm', ...CELLS[prediction], batch: 256, lr: 0.001, width: 128, depth: 3, seed };
}
