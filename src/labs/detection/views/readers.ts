/** Flat tensors of the views as what `types.ts` describes. Throws where a view misses a part. */
import type { Box } from '../../../train/evaluation/averagePrecision';
import type { View } from '../../../train/protocol';
import type {
  ShownAnchors,
  ShownBins,
  ShownOffsets,
  ShownPicture,
  ShownProposals,
  ShownRegions,
  ShownSampling,
  ShownScores,
  ShownSprites,
  ShownVotes,
} from './types';

type Views = Readonly<Record<string, View>>;

function part(views: Views, name: string): View {
  const found = views[name];
  if (!found) throw new Error(`view: it has no "${name}"; it has ${Object.keys(views).join(', ')}`);
  return found;
}

function floats(views: Views, name: string): Float32Array {
  const { data } = part(views, name);
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

function wholes(views: Views, name: string): Uint32Array {
  const { data } = part(views, name);
  return data instanceof Uint32Array ? data : Uint32Array.from(data);
}

function bytes(views: Views, name: string): Uint8Array {
  const { data } = part(views, name);
  return data instanceof Uint8Array ? data : Uint8Array.from(data);
}

const one = (views: Views, name: string): number => part(views, name).data[0] ?? 0;

function boxesOf(flat: ArrayLike<number>): Box[] {
  const at = (i: number) => flat[i] ?? 0;
  return Array.from({ length: flat.length / 4 }, (_, i) => [at(4 * i), at(4 * i + 1), at(4 * i + 2), at(4 * i + 3)]);
}

/** Rows of a tensor [rows, …]. */
function rows(views: Views, name: string): Float32Array[] {
  const [count = 0, ...rest] = part(views, name).shape;
  const width = rest.reduce((a, b) => a * b, 1);
  const flat = floats(views, name);
  return Array.from({ length: count }, (_, i) => flat.slice(i * width, (i + 1) * width));
}

export function pictureOf(views: Views): ShownPicture {
  const labels = wholes(views, 'labels');
  const boxes = boxesOf(floats(views, 'boxes'));
  const truths = boxes.map((box, i) => ({ label: labels[i] ?? 0, box }));
  return { size: part(views, 'pixels').shape[1] ?? 0, pixels: bytes(views, 'pixels'), truths };
}

export function spritesOf(views: Views): ShownSprites {
  return {
    labels: wholes(views, 'labels'),
    heldOut: wholes(views, 'heldOut'),
    pixels: bytes(views, 'pixels'),
    side: part(views, 'pixels').shape[2] ?? 0,
    photographs: one(views, 'photographs'),
  };
}

export function anchorsOf(views: Views): ShownAnchors {
  return {
    perCell: one(views, 'perCell'),
    cells: one(views, 'cells'),
    boxes: boxesOf(floats(views, 'boxes')),
    objectness: floats(views, 'objectness'),
    labels: floats(views, 'labels'),
    overlaps: floats(views, 'overlaps'),
  };
}

export function proposalsOf(views: Views): ShownProposals {
  return { boxes: boxesOf(floats(views, 'boxes')), scores: Array.from(floats(views, 'scores')) };
}

export function regionsOf(views: Views): ShownRegions {
  return {
    regions: boxesOf(floats(views, 'regions')),
    probabilities: rows(views, 'probabilities'),
    boxes: boxesOf(floats(views, 'boxes')),
  };
}

export function votesOf(views: Views): ShownVotes {
  const maps = part(views, 'maps');
  const scores = floats(views, 'scores');
  const probabilities = rows(views, 'probabilities');
  return {
    k: Math.round(Math.sqrt(maps.shape[0] ?? 1)),
    maps: floats(views, 'maps'),
    cells: maps.shape[1] ?? 0,
    pixelsPerCell: one(views, 'pixelsPerCell'),
    votes: rows(views, 'bins').map((bins, i) => ({
      bins,
      score: scores[i] ?? 0,
      probabilities: probabilities[i] ?? new Float32Array(),
    })),
  };
}

const LEVELS = [1, 2, 3] as const;

export function samplingOf(views: Views): ShownSampling {
  const [x = 0, y = 0] = floats(views, 'centre');
  return {
    centre: [x, y],
    levels: LEVELS.map((n) => floats(views, `level ${n}`)),
    weights: LEVELS.map((n) => floats(views, `weight ${n}`)),
    deformed: Array.from(wholes(views, 'deformed'), (v) => v === 1),
  };
}

export function offsetsOf(views: Views): ShownOffsets {
  return {
    cells: part(views, 'dilation').shape[0] ?? 0,
    pixelsPerCell: one(views, 'pixelsPerCell'),
    layers: one(views, 'layers'),
    offsets: floats(views, 'offsets'),
    modulation: floats(views, 'modulation'),
    dilation: floats(views, 'dilation'),
    atTruths: floats(views, 'atTruths'),
  };
}

export function binsOf(views: Views): ShownBins {
  const [moved, shifts] = [rows(views, 'moved'), rows(views, 'shifts')];
  return {
    k: one(views, 'k'),
    regions: rows(views, 'plain').map((plain, i) => ({
      plain: boxesOf(plain),
      moved: boxesOf(moved[i] ?? new Float32Array()),
      shifts: shifts[i] ?? new Float32Array(),
    })),
  };
}

const ERRORS = ['hits', 'localisation', 'classification', 'duplicate', 'background', 'missed'] as const;

export function scoresOf(views: Views): ShownScores {
  const counted = floats(views, 'errors');
  const [shared = 0, regions = 0, count = 0] = floats(views, 'time');
  const figures = Object.entries(views).flatMap(([name, view]) =>
    name.startsWith('figure ') ? [[name.slice(7), view.data[0] ?? 0] as const] : [],
  );
  const errors = Object.fromEntries(ERRORS.map((name, i) => [name, counted[i] ?? 0]));
  return {
    figures: Object.fromEntries(figures),
    classPrecision: floats(views, 'classPrecision'),
    curves50: rows(views, 'curves50'),
    curves75: rows(views, 'curves75'),
    errors: errors as ShownScores['errors'],
    time: { shared, regions, count },
  };
}
