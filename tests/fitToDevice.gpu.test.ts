import { describe, expect, it } from 'vitest';
import { testRuntime } from './helpers/gpu';
import { Runtime } from '../src/engine/runtime';
import { PipelineCache } from '../src/gpu/pipelineCache';
import { meta } from '../src/labs/masked-images/meta';
import { fitToDevice } from '../src/train/fitToDevice';
import { labDefaults } from '../src/train/lab';

const WANTED = { ...labDefaults(meta), precision: 'f16', mask: 0.5 };

/** With pipelines of its own, which a test may count and break. */
async function runtimeWith(f16: boolean): Promise<Runtime> {
  const { gpu } = await testRuntime();
  const others = [...gpu.traits.features].filter((f) => f !== 'shader-f16');
  const traits = { ...gpu.traits, features: new Set(f16 ? [...others, 'shader-f16'] : others) };
  return new Runtime({ ...gpu, traits }, new PipelineCache(gpu.device));
}

describe('settings that need something of the device', () => {
  it('are named where the device lacks it, with what is used instead; nothing else is lost', async () => {
    const { config, notices, replaced } = await fitToDevice(meta.controls, await runtimeWith(false), WANTED);
    expect(config).toEqual({ ...WANTED, precision: 'f32' });
    expect(replaced).toEqual({ precision: 'f32' });
    expect(notices).toMatchObject([{ setting: 'precision', value: 'f16', used: 'f32' }]);
    expect(notices[0]?.message.en).toMatch(/shader-f16/);
    expect(notices[0]?.message.zh).toMatch(/shader-f16/);
  });

  it('are not used where their check fails, and the message says what failed', async () => {
    const runtime = await runtimeWith(true);
    const get = runtime.pipelines.get.bind(runtime.pipelines);
    runtime.pipelines.get = (spec) =>
      spec.shader === 'matmulF16' ? Promise.reject(new Error('the driver gave up\nat length')) : get(spec);
    const { config, notices } = await fitToDevice(meta.controls, runtime, WANTED);
    expect(config['precision']).toBe('f32');
    expect(notices[0]?.message.en).toMatch(/did not pass their check.*\(the driver gave up\)/);
  });

  it('cost nothing where they are not asked for', async () => {
    const runtime = await runtimeWith(true);
    const plain = { ...WANTED, precision: 'f32' };
    expect(await fitToDevice(meta.controls, runtime, plain)).toEqual({ config: plain, notices: [], replaced: {} });
    expect(runtime.pipelines.size).toBe(0);
  });
});
