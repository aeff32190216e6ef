/** Reads the trained detector on any pictures through compiled forms that are kept while they are in use. */
import type { Runtime } from '../../engine/runtime';
import type { ParameterSource } from '../../nn/parameters';
import { Forward, type FormOptions } from './forward';
import type { DetectorShape } from './settings';

/** Forms kept with their buffers. */
const MOST_FORMS = 6;

export class Reader {
  private readonly forms = new Map<string, Forward>();

  constructor(
    private readonly runtime: Runtime,
    private readonly source: ParameterSource,
    readonly shape: DetectorShape,
  ) {}

  /** The form of these options, made at first use. */
  form(options: FormOptions): Forward {
    const key = JSON.stringify(options);
    const made = this.forms.get(key) ?? new Forward(this.runtime, this.source, this.shape, options);
    // The one used last stands last; the first one goes.
    this.forms.delete(key);
    this.forms.set(key, made);
    const [oldest] = this.forms.keys();
    if (this.forms.size > MOST_FORMS && oldest !== undefined) {
      this.forms.get(oldest)?.dispose();
      this.forms.delete(oldest);
    }
    return made;
  }

  dispose(): void {
    for (const form of this.forms.values()) form.dispose();
  }
}
