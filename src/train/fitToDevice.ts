/** Settings that the device at hand cannot serve: what is used in their place, and why. */
import { f16Check } from '../engine/f16Check';
import type { Runtime } from '../engine/runtime';
import { writeValue, type Config, type Control, type ControlValue, type Text } from './control';
import type { Notice } from './link';

export interface Fitted {
  /** The config that this device runs. */
  readonly config: Config;
  /** One for each setting that was replaced. */
  readonly notices: readonly Notice[];
  /** What was replaced, with its new value. */
  readonly replaced: Readonly<Record<string, ControlValue>>;
}

/** Checks each setting that needs a feature of the device; the checks themselves run once for a runtime, and only when asked for. */
export async function fitToDevice(controls: readonly Control[], runtime: Runtime, config: Config): Promise<Fitted> {
  const notices: Notice[] = [];
  const replaced: Record<string, ControlValue> = {};
  for (const control of controls) {
    const value = config[control.id];
    if (control.needs === undefined || value === undefined || value === control.default) continue;
    const message = await refusal(runtime);
    if (!message) continue;
    replaced[control.id] = control.default;
    notices.push({ setting: control.id, value: writeValue(value), used: writeValue(control.default), message });
  }
  return { config: { ...config, ...replaced }, notices, replaced };
}

/** Why f16 is not used on this device; undefined where it agrees with f32. */
async function refusal(runtime: Runtime): Promise<Text | undefined> {
  const { usable, problem, detail = '' } = await f16Check(runtime);
  if (usable) return undefined;
  if (problem === 'missing') {
    return {
      en: 'This device cannot compute with 16-bit numbers (WebGPU feature "shader-f16").',
      zh: '本机不支持 16 位浮点运算（WebGPU 特性 "shader-f16"）。',
    };
  }
  const line = detail.split('\n')[0] ?? '';
  return {
    en: `On this device 16-bit products did not pass their check against 32-bit ones (${line}).`,
    zh: `本机的 16 位乘积未通过与 32 位的比对（${line}）。`,
  };
}
