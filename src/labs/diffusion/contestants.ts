/** The samplers that are laid over each other: each as its settings stand, the noisy kinds beside those without noise. */
import type { Config, Text } from '../../train/control';
import { meta } from './meta';
import type { SamplerName } from './process/samplerSettings';

export interface Contestant {
  readonly id: string;
  readonly label: Text;
  /** What a view is asked for. */
  readonly request: { readonly sampler: SamplerName; readonly eta: number; readonly churn: number };
}

/** Fewest that make a comparison. */
export const FEWEST = 2;
/** Shown to begin with: first and second order, several steps remembered, and fresh noise on the way. */
export const FIRST_PICKED: readonly string[] = ['euler', 'heun', 'ancestral', 'dpmpp2m'];

/** Amounts of the noisy kinds where the controls have none: half of DDPM's noise, and EDM's churn on ImageNet. */
const NOISE = { eta: 0.5, churn: 40 } as const;

const named = (name: string): Text => {
  const control = meta.controls.find((c) => c.id === 'sampler');
  const option = control?.kind === 'choice' ? control.options.find((o) => o.value === name) : undefined;
  return option?.label ?? { en: name, zh: name };
};
const both = (text: string): Text => ({ en: text, zh: text });
const amount = (value: unknown, otherwise: number): number => (Number(value) > 0 ? Number(value) : otherwise);

/** All samplers; η and S_churn are the controls' where these are above 0. Their order decides their marks, and never changes. */
export function contestants(config: Config): readonly Contestant[] {
  const [eta, churn] = [amount(config['eta'], NOISE.eta), amount(config['churn'], NOISE.churn)];
  const plain = (sampler: SamplerName, label = named(sampler)): Contestant => ({
    id: sampler,
    label,
    request: { sampler, eta: 0, churn: 0 },
  });
  return [
    plain('euler'),
    plain('heun'),
    plain('ancestral'),
    plain('dpmpp2m'),
    {
      id: 'churned',
      label: { en: `Heun, S_churn = ${churn}`, zh: `Heun，S_churn = ${churn}` },
      request: { sampler: 'heun', eta: 0, churn },
    },
    plain('ddim', both('DDIM, η = 0')),
    { id: 'noisyDdim', label: both(`DDIM, η = ${eta}`), request: { sampler: 'ddim', eta, churn: 0 } },
    plain('ddpmSmall'),
    plain('ddpmLarge'),
    plain('midpoint'),
    plain('ralston'),
  ];
}

/** One more, or one less where enough are left; in the order of `all`. */
export function toggled(picked: readonly string[], id: string, all: readonly Contestant[]): readonly string[] {
  if (picked.includes(id)) return picked.length > FEWEST ? picked.filter((other) => other !== id) : picked;
  return all.map((c) => c.id).filter((other) => other === id || picked.includes(other));
}
