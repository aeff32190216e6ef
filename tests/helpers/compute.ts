import { compile } from '../../src/engine/plan';
import type { StateData } from '../../src/engine/state';
import type { Tensor } from '../../src/engine/tensor';
import { runtimeAs } from './deviceClasses';
import type { DeviceClass } from '../../src/gpu/device';

/** Runs a graph once on the test machine's adapter, with what nobody wrote poisoned, and reads its outputs. */
export async function compute<Name extends string>(
  outputs: Readonly<Record<Name, Tensor>>,
  deviceClass: DeviceClass = 'software',
): Promise<Record<Name, StateData>> {
  const plan = await compile(await runtimeAs(deviceClass), { outputs, poison: true });
  try {
    plan.run();
    const read: Partial<Record<Name, StateData>> = {};
    for (const name of Object.keys(outputs) as Name[]) read[name] = await plan.read(name);
    return read as Record<Name, StateData>;
  } finally {
    plan.dispose();
  }
}
