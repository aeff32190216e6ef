/** What a run is made of: the settings that it began with, and the changes of controls made since. A link holds just this. */
import type { Config, ControlValue } from './control';

/** A change of one control during the run, replayed at the same step by whoever opens the link. */
export interface ConfigChange {
  /** Acts after this many updates. */
  readonly step: number;
  readonly id: string;
  readonly value: ControlValue;
}

/** Never changes: a change gives another recipe. */
export class Recipe {
  constructor(
    readonly config: Config,
    readonly changes: readonly ConfigChange[] = [],
    /** Whether a change was made here, rather than read from a link. */
    private readonly touched = false,
  ) {}

  /** The settings under which the update after `step` is made. */
  at(step: number): Config {
    const made = this.changes.filter((c) => c.step <= step).map((c) => [c.id, c.value] as const);
    return { ...this.config, ...Object.fromEntries(made) };
  }

  /** The first step after `step` at which something changes; Infinity when nothing does. */
  nextAfter(step: number): number {
    return Math.min(Infinity, ...this.changes.map((c) => c.step).filter((s) => s > step));
  }

  /** Settings to come after `step` that ask for plans of their own, each with the step at which it begins; none twice. */
  plansAfter(step: number, asksForPlan: (id: string) => boolean): { readonly step: number; readonly config: Config }[] {
    const steps = this.changes.filter((c) => c.step > step && asksForPlan(c.id)).map((c) => c.step);
    const plans = new Map<string, { readonly step: number; readonly config: Config }>();
    for (const begins of [...new Set(steps)].sort((a, b) => a - b)) {
      const config = this.at(begins);
      const key = JSON.stringify(Object.entries(config).filter(([id]) => asksForPlan(id)));
      if (!plans.has(key)) plans.set(key, { step: begins, config });
    }
    return [...plans.values()];
  }

  /** With changes made at a step. Later ones are forgotten: the run goes another way from here. */
  changed(step: number, changed: Config): Recipe {
    const kept = this.changes.filter((c) => c.step < step || (c.step === step && !(c.id in changed)));
    const made = Object.entries(changed).map(([id, value]) => ({ step, id, value }));
    return new Recipe(this.config, [...kept, ...made], true);
  }

  /** With settings of how the run is looked at: they belong to the whole of it. */
  looked(settings: Config): Recipe {
    return new Recipe({ ...this.config, ...settings }, this.changes, this.touched);
  }

  /** Without what was changed after a step. */
  until(step: number): Recipe {
    return new Recipe(
      this.config,
      this.changes.filter((c) => c.step <= step),
      this.touched,
    );
  }

  /** With settings that were refused replaced wherever they stand. */
  without(refused: Config, replaced: Config): Recipe {
    const isRefused = (id: string, value: ControlValue) => id in replaced && value === refused[id];
    const config = Object.entries(this.config).map(([id, value]) => [
      id,
      isRefused(id, value) ? (replaced[id] ?? value) : value,
    ]);
    return new Recipe(
      Object.fromEntries(config) as Config,
      this.changes.filter((c) => !isRefused(c.id, c.value)),
      this.touched,
    );
  }

  /** The same run from its start; where changes were made here, a run with the settings as they stand at `step`. */
  again(step: number): Recipe {
    return this.touched ? new Recipe(this.at(step)) : this;
  }
}

/** Settings of `after` that are not those of `before`. */
export function changedIds(before: Config, after: Config): string[] {
  return Object.keys(after).filter((id) => after[id] !== before[id]);
}

/** Some settings of a config. */
export function picked(config: Config, ids: readonly string[]): Config {
  return Object.fromEntries(ids.flatMap((id) => (config[id] === undefined ? [] : [[id, config[id]] as const])));
}
