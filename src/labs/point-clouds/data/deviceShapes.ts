/** A split of a set of shapes as states on the device. */
import type { ShapeSplit } from '../../../data/shapeSet';
import { State } from '../../../engine/state';
import { FRAME } from './blocks';
import type { PointData } from './data';

export interface DeviceShapes {
  /** u32 [count·P·2], as `pointBatch` takes them. */
  readonly words: State;
  /** Bytes, four to a u32. */
  readonly labels: State;
  /** [count, 6] of blocks of rooms. */
  readonly frames: State | undefined;
  readonly count: number;
}

const made = new WeakMap<ShapeSplit, DeviceShapes>();

/** The split's states, made once for each; the device's copies go with the last plan that reads them. */
export function deviceShapes({ set, scene }: PointData, which: 'train' | 'test'): DeviceShapes {
  const split = set[which];
  const known = made.get(split);
  if (known) return known;
  const bytes = new Uint8Array(Math.ceil(split.labels.length / 4) * 4);
  bytes.set(split.labels);
  const labels = new Uint32Array(bytes.buffer);
  const frames = scene?.[which];
  const state = (what: string, shape: readonly number[], data: Uint32Array | Float32Array) =>
    new State(`${set.id} ${which} ${what}`, shape, data instanceof Uint32Array ? 'u32' : 'f32', data, 'constant');
  const shapes: DeviceShapes = {
    words: state('points', [split.words.length], split.words),
    labels: state('labels', [labels.length], labels),
    frames: frames && state('frames', [split.count, FRAME], frames),
    count: split.count,
  };
  made.set(split, shapes);
  return shapes;
}
