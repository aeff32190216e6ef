/** Whether a config asks more of the device than a reader who only followed a link would want. */
import type { Estimate } from '../engine/estimate';
import type { Runtime } from '../engine/runtime';
import type { Text } from './control';
import { measureCeilings } from './diagnostics';

/** A step that takes longer is asked about first. */
export const SLOWEST_STEP_SECONDS = 10;
/** So is a model with more buffers than this: WebGPU does not say how much memory there is. */
export const MOST_BYTES = 2 ** 31;
/** Below this no device takes ten seconds, so that nothing need be measured. */
const CHEAP_FLOPS = 5e9;
/** Share of the measured product's speed that whole training steps reach. */
const EFFICIENCY = 0.5;

/** Raised before anything is made on the device; opening again with `ask: false` goes on all the same, where that is possible. */
export class TooDemandingError extends Error {
  constructor(readonly text: Text) {
    super(text.en);
    this.name = 'TooDemandingError';
  }
}

/** Raised where going on would fail: the device allows no such buffer. */
export class ImpossibleError extends TooDemandingError {
  constructor(text: Text) {
    super(text);
    this.name = 'ImpossibleError';
  }
}

/** The same question about a plan that a run comes to at a later step. */
export function atStep(step: number, error: TooDemandingError): TooDemandingError {
  const text = { en: `From step ${step} on: ${error.text.en}`, zh: `从第 ${step} 步起：${error.text.zh}` };
  return error instanceof ImpossibleError ? new ImpossibleError(text) : new TooDemandingError(text);
}

/** Throws TooDemandingError, or ImpossibleError, with the figure and the limit. */
export async function checkDemand(runtime: Runtime, { flops, bytes, largestBuffer }: Estimate): Promise<void> {
  const { maxBufferSize, maxStorageBufferBindingSize } = runtime.gpu.traits;
  const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  if (largestBuffer > limit) {
    throw new ImpossibleError({
      en: `One buffer of this model takes ${mib(largestBuffer)}; this device allows ${mib(limit)}. Use a smaller batch or width.`,
      zh: `此模型的一个缓冲区需 ${mib(largestBuffer)}，本机最多允许 ${mib(limit)}。请减小批大小或宽度。`,
    });
  }
  if (bytes > MOST_BYTES) {
    throw new TooDemandingError({
      en: `This model takes ${mib(bytes)} of GPU memory; more than ${mib(MOST_BYTES)} may not fit.`,
      zh: `此模型需 ${mib(bytes)} GPU 内存；超过 ${mib(MOST_BYTES)} 可能放不下。`,
    });
  }
  if (flops < CHEAP_FLOPS) return;
  const { matmulGflops } = await measureCeilings(runtime);
  const seconds = flops / (matmulGflops * 1e9 * EFFICIENCY);
  if (seconds > SLOWEST_STEP_SECONDS) {
    const [work, time] = [(flops / 1e9).toFixed(0), seconds.toFixed(0)];
    throw new TooDemandingError({
      en: `One training step is ${work} GFLOP: about ${time} s on this device.`,
      zh: `一步训练为 ${work} GFLOP，在本机约需 ${time} 秒。`,
    });
  }
}

function mib(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}
