/** What every view needs: data, the detector through its reader, and what the controls say now. */
import type { View } from '../../../train/protocol';
import type { SceneOptions } from '../../../data/scenes';
import type { DetectionData } from '../data/data';
import type { Reader } from '../reader';
import type { DetectorShape, Look } from '../settings';

export type Views = Readonly<Record<string, View>>;

export interface Looker {
  readonly data: DetectionData;
  readonly shape: DetectorShape;
  readonly reader: Reader;
  /** As the controls stand now. */
  readonly look: Look;
  readonly scene: SceneOptions;
}

/** A named view: checks its request and computes. */
export type MakeView = (looker: Looker, request: unknown) => Promise<Views>;

export function floats(shape: readonly number[], data: ArrayLike<number>): View {
  return { shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}

export function wholes(shape: readonly number[], data: ArrayLike<number>): View {
  return { shape, data: data instanceof Uint32Array ? data : Uint32Array.from(data) };
}
