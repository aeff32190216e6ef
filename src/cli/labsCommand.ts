import { labs } from './labs';
import { onlyJson } from './usage';

/** Lists labs, methods and controls with ranges and defaults. */
export function labsReport(args: readonly string[]): number {
  const json = onlyJson('labs', args);
  const list = labs.map((lab) => ({
    id: lab.id,
    title: lab.title.en,
    methods: lab.methods.map((m) => m.id),
    controls: lab.controls.map(({ id, kind, effect, label, help, default: initial, ...rest }) => ({
      id,
      kind,
      effect,
      label: label.en,
      help: help.en,
      default: initial,
      ...(rest.needs !== undefined && { needs: rest.needs }),
      ...('min' in rest && { min: rest.min, max: rest.max, step: rest.step }),
      ...('options' in rest && { options: rest.options.map((o) => o.value) }),
    })),
  }));
  if (json) {
    console.log(JSON.stringify(list));
    return 0;
  }
  for (const lab of list) {
    console.log(`${lab.id}  ${lab.title} (${lab.methods.join(', ')})`);
    for (const c of lab.controls) {
      const range = 'min' in c ? `${c.min}…${c.max}` : 'options' in c ? c.options?.join('|') : c.kind;
      console.log(`  --${c.id.padEnd(10)} ${String(range).padEnd(28)} ${String(c.default).padEnd(8)} ${c.help}`);
    }
  }
  return 0;
}
