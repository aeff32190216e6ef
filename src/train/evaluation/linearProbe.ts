import { mean } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/reshape';
import { linear } from '../../engine/ops/linear';
import { softmaxCrossEntropy } from '../../engine/ops/softmaxCrossEntropy';
import { compile } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { State } from '../../engine/state';
import { zeros } from '../../nn/initialisers';
import { ParameterSet } from '../../nn/parameters';
import { Trainer } from '../trainer';
import { accuracy, standardise, type LabelledFeatures } from './features';

export interface ProbeOptions {
  readonly classes: number;
  /** Full-batch AdamW updates. */
  readonly steps?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
}

/**
 * Accuracy on `test` of multinomial logistic regression on standardised frozen features, trained on the device with full batches.
 * Starts at zero, so nothing is left to chance.
 */
export async function linearProbe(
  runtime: Runtime,
  train: LabelledFeatures,
  test: LabelledFeatures,
  options: ProbeOptions,
): Promise<number> {
  const { classes, steps = 150, learningRate = 0.05, weightDecay = 0.01 } = options;
  const [fit, held] = standardise(train, test);
  const parameters = new ParameterSet(0);
  const x = new State('probe features', [fit.count, fit.width], 'f32', fit.features, 'constant').tensor();
  const labels = new State('probe labels', [fit.count], 'u32', Uint32Array.from(fit.labels), 'constant').tensor();
  const weight = parameters.create('weight', [fit.width, classes], zeros);
  const bias = parameters.create('bias', [classes], zeros);
  const loss = reshape(mean(softmaxCrossEntropy(linear(x, weight, bias), labels)), []);
  const trainer = new Trainer(runtime, parameters, {
    seed: 0,
    learningRate,
    weightDecay,
    warmup: 0,
    total: steps,
    clip: 0,
    averageDecay: 0,
    beta2: 0.999,
  });
  const plan = await trainer.compile(loss);
  const unseen = new State('probe test', [held.count, held.width], 'f32', held.features, 'constant').tensor();
  const scoring = await compile(runtime, { outputs: { scores: linear(unseen, weight, bias) } });
  try {
    for (let done = 0; done < steps; done += 10) {
      plan.runMany(Math.min(10, steps - done));
      await runtime.gpu.device.queue.onSubmittedWorkDone();
    }
    scoring.run();
    return accuracy(await scoring.read('scores'), held.labels, classes);
  } finally {
    plan.dispose();
    scoring.dispose();
    trainer.dispose();
  }
}
