/** What every view needs: data, the network through its reader, and what the sliders say now. */
import { SaidError } from '../../../data/saidError';
import * as v from 'valibot';
import { UNDISTORTED } from '../../../engine/ops/augmentPoints';
import type { Runtime } from '../../../engine/runtime';
import { emptyCloud, type Cloud } from '../../../data/cloud';
import type { ParameterSource } from '../../../nn/parameters';
import type { View } from '../../../train/protocol';
import type { PointData } from '../data/data';
import type { Seen, SeenCloud } from '../forward';
import type { Method, NetworkShape } from '../networkShape';
import { shapeOf, type Reader } from '../reader';
import type { Look } from '../settings';

export type Views = Readonly<Record<string, View>>;

export interface Looker {
  readonly runtime: Runtime;
  readonly data: PointData;
  readonly network: NetworkShape;
  /** The weights as they are now. */
  readonly weights: ParameterSource;
  readonly reader: Reader;
  /** As the controls stand now. */
  readonly look: Look;
  /** Points of each cloud in training. */
  readonly points: number;
}

/** A named view: checks its request and computes. */
export type MakeView = (looker: Looker, request: unknown) => Promise<Views>;

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Which clouds are looked at, and how. */
export const Chosen = v.object({
  /** Numbers of shapes, of the held-out set unless `which` says otherwise. */
  shapes: v.optional(v.pipe(v.array(whole), v.minLength(1), v.maxLength(64)), [0]),
  which: v.optional(v.picklist(['train', 'test']), 'test'),
  /** The reader's own cloud in place of a shape: coordinates in the unit sphere, y up, and normals where it has any, [N, 3] each. */
  own: v.optional(
    v.object({
      points: v.instance(Float32Array),
      normals: v.optional(v.instance(Float32Array)),
      category: v.optional(whole),
    }),
  ),
  /** As the sliders distort it; as it is otherwise. */
  distorted: v.optional(v.boolean(), true),
  /** Chance of the distortion. */
  seed: v.optional(whole, 1),
});
export type ChosenClouds = v.InferOutput<typeof Chosen>;

export function cloudsOf({ data }: Looker, { shapes, which, own }: ChosenClouds): SeenCloud[] {
  if (!own) return shapes.map((shape) => shapeOf(data, which, shape));
  return [{ cloud: ownCloud(own.points, own.normals), ...(own.category !== undefined && { category: own.category }) }];
}

function ownCloud(points: Float32Array, normals: Float32Array | undefined): Cloud {
  const count = Math.floor(points.length / 3);
  if (count === 0)
    throw new SaidError({
      en: 'own cloud: it holds no point; give coordinates [N, 3]',
      zh: '你的点云不含任何点；请给出坐标 [N, 3]',
    });
  if (!points.every((x) => Number.isFinite(x)))
    throw new SaidError({ en: 'own cloud: a coordinate is no finite number', zh: '你的点云有坐标不是有限数' });
  const cloud = emptyCloud(count);
  cloud.points.set(points.subarray(0, 3 * count));
  if (normals) cloud.normals.set(normals.subarray(0, 3 * count));
  return cloud;
}

/** What the network makes of the chosen clouds. */
export function see(looker: Looker, chosen: ChosenClouds, taps: readonly string[] = []): Promise<Seen> {
  const { look, points } = looker;
  const { seed, distorted } = chosen;
  return looker.reader.see(cloudsOf(looker, chosen), {
    ...(distorted ? look : { points, distortion: UNDISTORTED }),
    taps,
    seed,
  });
}

export function floats(shape: readonly number[], data: ArrayLike<number>): View {
  return { shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}

export function wholes(shape: readonly number[], data: ArrayLike<number>): View {
  return { shape, data: data instanceof Uint32Array ? data : Uint32Array.from(data) };
}

/** Throws where a view belongs to another method than the run's. */
export function requireMethod<M extends Method>(
  { network }: Looker,
  view: string,
  method: M,
): Extract<NetworkShape, { method: M }> {
  if (network.method !== method)
    throw new SaidError({
      en: `view "${view}": it belongs to method ${method}; this run is of ${network.method}`,
      zh: `视图“${view}”属于方法 ${method}；本次运行的是 ${network.method}`,
    });
  return network as Extract<NetworkShape, { method: M }>;
}

/** A tapped tensor. Throws where the network did not give it. */
export function tapped({ taps }: Seen, name: string): Seen['taps'][string] {
  const found = taps[name];
  if (!found) throw new Error(`view: the network gives no "${name}" here`);
  return found;
}
