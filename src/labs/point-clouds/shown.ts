/**
 * What the page reads from the worker's views, as plain arrays. All views see clouds as the sliders distort them; N points each.
 *
 * - `objects` {shapes: number[], saliency: boolean}: points [n, N, 3], normals [n, N, 3], labels [n]; of shapes predicted [n] and
 *   probabilities [n, classes]; parts [n, N] where there are any; of points predictedParts [n, N]; saliency [n, N] where asked for.
 * - `inside` {shape}: points [N, 3], what the network taps for this one cloud by the taps' names, and PointNet's upperBound [M, 3].
 * - `forms` {shape, side, k, views, size}: the same cloud in all forms, whatever the network: points [N, 3], grid [R, R, R],
 *   neighbours [N, k], pictures [V, 1, H, H].
 * - `scores` {}: confusion [classes, classes] (of points where these are judged), for parts ious [categories, parts].
 * - `room` {room}: points [M, 3] in metres, labels [M], predicted [M].
 * - `own` {points: Float32Array [P, 3], normals: Float32Array [P, 3]}: as `objects`, one object, without labels.
 */
import type { ClassName } from '../../data/imageSet';
import { readShapeCard } from '../../data/loadShapes';
import { SOLID_PARTS } from '../../data/solids';
import type { Config } from '../../train/control';
import type { View } from '../../train/protocol';
import type { PointLayer } from '../../ui/spaceLayers';
import {
  agreementColours,
  categoryColours,
  coloursBy,
  categoryColour,
  evenColours,
  heatColours,
  normalColours,
  TONES,
} from '../../ui/pointColours';

export type Views = Readonly<Record<string, View>>;

/** A view's numbers; none while it has not been seen. */
export function floats(view: View | undefined): Float32Array {
  return view?.data instanceof Float32Array ? view.data : Float32Array.from(view?.data ?? []);
}

/** One object as the network saw it. */
export interface SeenObject {
  /** Its number among the held-out ones; undefined for the reader's own. */
  readonly shape: number | undefined;
  /** [N, 3]. */
  readonly points: Float32Array;
  /** [N, 3]; empty where there are none. */
  readonly normals: Float32Array;
  /** Its class; undefined where it has none. */
  readonly label: number | undefined;
  /** The class that it is taken for; undefined where points are judged. */
  readonly predicted: number | undefined;
  /** Of the classes; empty where points are judged. */
  readonly probabilities: Float32Array;
  /** Label of each point; empty where points have none. */
  readonly parts: Float32Array;
  /** Prediction for each point; empty where shapes are judged. */
  readonly predictedParts: Float32Array;
  /** How much each point matters; empty where it was not asked for. */
  readonly saliency: Float32Array;
}

/** The objects of a view [n, …] one by one. */
export function objectsOf(views: Views | undefined, shapes: readonly (number | undefined)[]): SeenObject[] {
  const n = views?.['points']?.shape[0] ?? 0;
  const part = (name: string, i: number) => {
    const all = floats(views?.[name]);
    const width = all.length / Math.max(1, n);
    return all.subarray(i * width, (i + 1) * width);
  };
  return Array.from({ length: n }, (_, i) => ({
    shape: shapes[i],
    points: part('points', i),
    normals: part('normals', i),
    label: part('labels', i)[0],
    predicted: part('predicted', i)[0],
    probabilities: part('probabilities', i),
    parts: part('parts', i),
    predictedParts: part('predictedParts', i),
    saliency: part('saliency', i),
  }));
}

/** What points can be coloured by. */
export type ColourBy = 'prediction' | 'label' | 'error' | 'height' | 'normal' | 'part' | 'saliency';

/** Only what this task knows. */
export function coloursOffered(config: Config): readonly ColourBy[] {
  const task = config['task'];
  const pooled = config['method'] === 'pointnet' && task === 'classification';
  return [
    ...(['prediction', 'label', 'error', 'height', 'normal'] as const),
    ...(task === 'classification' && ['components', 'solids'].includes(String(config['data']))
      ? (['part'] as const)
      : []),
    ...(pooled || task === 'classification' ? (['saliency'] as const) : []),
  ];
}

/** Colours [N, 3]; grey where the object has not what is asked for. With `only` all other categories are grey. */
export function coloursOf(object: SeenObject, by: ColourBy, only?: number): Float32Array {
  const n = object.points.length / 3;
  const whole = (category: number | undefined) =>
    coloursBy(n, () =>
      category === undefined || (only !== undefined && only !== category) ? TONES.quiet : categoryColour(category),
    );
  const grey = () => evenColours(n, 'quiet');
  switch (by) {
    case 'prediction':
      return object.predictedParts.length > 0 ? categoryColours(object.predictedParts, only) : whole(object.predicted);
    case 'label':
      return object.predictedParts.length > 0 ? categoryColours(object.parts, only) : whole(object.label);
    case 'error':
      if (object.predictedParts.length > 0) return agreementColours(object.parts, object.predictedParts);
      return object.label === undefined
        ? grey()
        : evenColours(n, object.label === object.predicted ? 'predicted' : 'wrong');
    case 'height':
      return heatColours(object.points.filter((_, i) => i % 3 === 1));
    case 'normal':
      return object.normals.length > 0 ? normalColours(object.normals) : grey();
    case 'part':
      return object.parts.length > 0 ? categoryColours(object.parts, only) : grey();
    case 'saliency':
      return object.saliency.length > 0 ? heatColours(object.saliency) : grey();
  }
}

export function pointsOf(object: SeenObject, by: ColourBy, only?: number): PointLayer {
  return { kind: 'points', positions: object.points, colours: coloursOf(object, by, only) };
}

/** Names of the parts of a config's data; none where parts are not known. */
export async function partNames(config: Config): Promise<readonly ClassName[]> {
  if (config['data'] === 'solids') return SOLID_PARTS;
  if (config['data'] !== 'components') return [];
  const read = async (path: string) => (await fetch(new URL(path, document.baseURI))).arrayBuffer();
  return (await readShapeCard('components', read)).parts;
}

/** Share of the points whose prediction is right; NaN where points are not judged. */
export function pointAccuracy({ parts, predictedParts }: SeenObject): number {
  return predictedParts.reduce((right, p, i) => right + (p === parts[i] ? 1 : 0), 0) / predictedParts.length;
}
