/** Our side of the contests of training steps, and what a peer must bring for them. */
import type { Runtime } from '../src/engine/runtime';
import type { Tensor } from '../src/engine/tensor';
import type { ParameterSet } from '../src/nn/parameters';
import { Trainer } from '../src/train/trainer';
import type { Contestant } from './contest';
import { ADAMW, CHECKED_STEPS, type NamedArray, type StepTask } from './stepTask';

export interface TrainingPeer {
  readonly train: (task: StepTask) => Contestant;
  /** The gradient of the task's loss by the weight `x`. */
  readonly slope: (task: StepTask) => Contestant;
}

/** Starting values by name. */
export function weightsOf(parameters: ParameterSet): Map<string, NamedArray> {
  const values = parameters.split(parameters.initialValues());
  return new Map(parameters.all.map((p) => [p.name, { ...(values.get(p.name) as NamedArray), decay: p.decay }]));
}

/** The whole step as a lab's trainer runs it: gradients, their norm, schedule, AdamW, history. */
export async function trainingContestant(
  runtime: Runtime,
  parameters: ParameterSet,
  loss: Tensor,
): Promise<Contestant> {
  const { learningRate, weightDecay, beta1, beta2 } = ADAMW;
  const settings = {
    seed: 1,
    learningRate,
    weightDecay,
    warmup: 0,
    total: 1e9,
    clip: 0,
    averageDecay: 0,
    beta1,
    beta2,
  };
  const trainer = new Trainer(runtime, parameters, settings);
  const plan = await trainer.compile(loss);
  const start = await trainer.snapshot();
  return {
    engine: 'glimpse',
    run: async () => {
      plan.run();
      await runtime.gpu.device.queue.onSubmittedWorkDone();
    },
    result: async () => {
      trainer.restore(start);
      plan.runMany(CHECKED_STEPS);
      const rows = await trainer.readHistory(0, CHECKED_STEPS);
      return rows.filter((_, i) => i % 3 === 0);
    },
    profile: () => plan.profile(),
    dispose: () => {
      plan.dispose();
      trainer.dispose();
    },
  };
}
