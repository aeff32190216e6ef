/** Reads the trained network on any clouds, in batches, through compiled forms that are kept while they are in use. */
import type { PointDistortion } from '../../engine/ops/augmentPoints';
import type { Runtime } from '../../engine/runtime';
import { cloudOf } from '../../data/shapeSet';
import type { ParameterSource } from '../../nn/parameters';
import type { PointData } from './data/data';
import { FRAME } from './data/blocks';
import { Forward, type Seen, type SeenCloud } from './forward';
import type { NetworkShape } from './networkShape';

/** Forms kept with their buffers. */
const MOST_FORMS = 6;

export class Reader {
  private readonly forms = new Map<string, Forward>();

  constructor(
    private readonly runtime: Runtime,
    private readonly source: ParameterSource,
    private readonly shape: NetworkShape,
  ) {}

  /** The form for so many clouds of so many points, made at first use. */
  form(batch: number, points: number, taps: readonly string[] = []): Forward {
    const key = JSON.stringify([batch, points, taps]);
    const made = this.forms.get(key) ?? new Forward(this.runtime, this.source, this.shape, { batch, points, taps });
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

  /** What the network makes of some clouds at once. */
  see(
    clouds: readonly SeenCloud[],
    options: {
      readonly points: number;
      readonly distortion: PointDistortion;
      readonly taps?: readonly string[];
      readonly seed?: number;
    },
  ): Promise<Seen> {
    const form = this.form(clouds.length, options.points, options.taps);
    return form.see(clouds, options.distortion, { seed: options.seed ?? 1 });
  }

  dispose(): void {
    for (const form of this.forms.values()) form.dispose();
  }
}

/** A shape of a split, or a block of a room. Throws where there is none of this number. */
export function shapeOf({ set, scene }: PointData, which: 'train' | 'test', shape: number): SeenCloud {
  const split = set[which];
  if (!Number.isInteger(shape) || shape < 0 || shape >= split.count)
    throw new Error(
      `shape ${shape}: the ${which} set of "${set.id}" holds ${split.count}; give 0 to ${split.count - 1}`,
    );
  const frames = scene?.[which];
  return {
    cloud: cloudOf(split, shape),
    category: split.labels[shape] ?? 0,
    ...(frames && { frame: frames.subarray(shape * FRAME, (shape + 1) * FRAME) }),
  };
}
