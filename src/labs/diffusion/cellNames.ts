/** What the controls call the choices of a process, the framework's own put in where a cell is left to it. */
import type { Config, Text } from '../../train/control';
import { AS_FRAMEWORK } from './cells';
import { meta } from './meta';
import { frameworks, type FrameworkName } from './process/framework';

function nameOf(id: string, value: string): Text {
  const control = meta.controls.find((c) => c.id === id);
  const option = control?.kind === 'choice' ? control.options.find((o) => o.value === value) : undefined;
  return option?.label ?? { en: value, zh: value };
}

/** Names of the prediction and of the loss weight of a config, which has a framework at least. */
export function cellsOf(config: Config): { readonly precond: Text; readonly weight: Text } {
  const base = frameworks[config['framework'] as FrameworkName];
  const chosen = (id: string, own: string) => {
    const value = config[id];
    return nameOf(id, value === undefined || value === AS_FRAMEWORK ? own : String(value));
  };
  return { precond: chosen('precond', base.preconditioning), weight: chosen('weight', base.weight) };
}
