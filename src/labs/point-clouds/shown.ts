/** What the page reads from the worker's views (views/viewer.ts), as plain arrays. */
import type { ClassName } from '../../data/imageSet';
import { readShapeCard } from '../../data/loadShapes';
import { SOLID_PARTS } from '../../data/solids';
import type { Config } from '../../train/control';
import type { View } from '../../train/protocol';
import { onPoints } from './meta/choices';
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

/** The objects of the view 'objects' one by one, with what the view 'facts' tells of their points where it was asked. */
export function objectsOf(
  views: Views | undefined,
  shapes: readonly (number | undefined)[],
  facts?: Views,
): SeenObject[] {
  const n = views?.['points']?.shape[0] ?? 0;
  const part = (view: View | undefined, i: number) => {
    const all = floats(view);
    const width = all.length / Math.max(1, n);
    return all.subarray(i * width, (i + 1) * width);
  };
  return Array.from({ length: n }, (_, i) => {
    const probabilities = part(views?.['probabilities'], i);
    const truth = part(views?.['truth'], i);
    return {
      shape: shapes[i],
      points: part(views?.['points'], i),
      normals: part(facts?.['normals'], i),
      label: part(views?.['labels'], i)[0],
      predicted: probabilities.length > 0 ? probabilities.indexOf(Math.max(...probabilities)) : undefined,
      probabilities,
      parts: truth.length > 0 ? truth : part(facts?.['parts'], i),
      predictedParts: part(views?.['predictions'], i),
      saliency: part(facts?.['saliency'], i),
    };
  });
}

/** What points can be coloured by. */
export type ColourBy = 'prediction' | 'label' | 'error' | 'height' | 'normal' | 'part' | 'saliency';

/** Only what this task knows. */
export function coloursOffered(config: Config): readonly ColourBy[] {
  const task = config['task'];
  return [
    ...(['prediction', 'label', 'error', 'height', 'normal'] as const),
    ...(task === 'classification' && ['components', 'solids'].includes(String(config['data']))
      ? (['part'] as const)
      : []),
    ...(task === 'classification' && onPoints(config) ? (['saliency'] as const) : []),
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

/** Points that are nothing: outliers, and what the network was not given. */
export const NO_LABEL = 255;

/** Share of the points whose prediction is right, of those that have a label; NaN where there are none. */
export function shareRight(labels: ArrayLike<number>, predicted: ArrayLike<number>): number {
  let [right, of] = [0, 0];
  for (let i = 0; i < predicted.length; i++) {
    if (labels[i] === NO_LABEL || predicted[i] === NO_LABEL) continue;
    of++;
    if (labels[i] === predicted[i]) right++;
  }
  return right / of;
}

export function pointAccuracy({ parts, predictedParts }: SeenObject): number {
  return shareRight(parts, predictedParts);
}

/** Share of objects that are named right, or of their points; NaN where there are none. */
export function shareRightOf(objects: readonly SeenObject[]): number {
  const each = objects.map((o) => (o.predictedParts.length > 0 ? pointAccuracy(o) : Number(o.label === o.predicted)));
  return each.reduce((a, b) => a + b, 0) / each.length;
}

/** `count` of `total` shapes, far apart in the set, where neighbours are of one class; other ones for each page. */
export function spreadOver(total: number, count: number, page: number): number[] {
  const shown = Math.min(count, total);
  return Array.from({ length: shown }, (_, i) => (Math.floor((i * total) / shown) + page) % total);
}
