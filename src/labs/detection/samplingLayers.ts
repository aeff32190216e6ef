/** What the sampling of a deformable network looks like over a picture. */
import type { MarkedBox, PictureLayer } from '../../ui/pictureLayers';
import type { ShownBins, ShownOffsets, ShownSampling } from './views/types';

/** Points of so many layers; those of the last layer are drawn larger, on top. */
export function pointLayers({ levels, centre }: ShownSampling, depth: number): PictureLayer[] {
  const all = levels[depth - 1] ?? new Float32Array();
  return [
    { kind: 'dots', points: all, tone: 'predicted', size: depth === 1 ? 3.5 : depth === 2 ? 2.5 : 1.7, alpha: 0.85 },
    ...(depth > 1 ? [{ kind: 'dots' as const, points: levels[0] ?? [], tone: 'truth' as const, size: 3 }] : []),
    { kind: 'dots', points: centre, tone: 'accent', size: 4 },
  ];
}

/** One arrow a cell: where tap `tap` of a layer looks, seen from where it would be. */
export function arrowLayer({ offsets, cells, pixelsPerCell }: ShownOffsets, tap: number): PictureLayer {
  const plane = cells * cells;
  const [from, to] = [new Float32Array(2 * plane), new Float32Array(2 * plane)];
  for (let i = 0; i < plane; i++) {
    const [x, y] = [((i % cells) + 0.5) * pixelsPerCell, (Math.floor(i / cells) + 0.5) * pixelsPerCell];
    from.set([x, y], 2 * i);
    to.set([x + (offsets[(2 * tap + 1) * plane + i] ?? 0), y + (offsets[2 * tap * plane + i] ?? 0)], 2 * i);
  }
  return { kind: 'lines', from, to, tone: 'predicted', arrows: true };
}

/** How far each cell looks about, from the least (dark) to the most (bright). */
export function dilationLayer({ dilation, cells }: ShownOffsets): PictureLayer {
  const [least, most] = rangeOf(dilation);
  const values = Float32Array.from(dilation, (v) => v - least);
  return {
    kind: 'map',
    values,
    width: cells,
    height: cells,
    most: Math.max(1e-6, most - least),
    signed: false,
    alpha: 0.7,
  };
}

export function rangeOf(values: ArrayLike<number>): readonly [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const v = values[i] ?? NaN;
    if (v < least) least = v;
    if (v > most) most = v;
  }
  return [least, most];
}

/** The value of a map of cells under a position. */
export function atCell(values: ArrayLike<number>, cells: number, x: number, y: number, side: number): number {
  const cell = (v: number) => Math.min(cells - 1, Math.max(0, Math.floor((v / side) * cells)));
  return values[cell(y) * cells + cell(x)] ?? NaN;
}

/** Bins of the first region as they stand and as they are moved, an arrow from one to the other. */
export function binLayers({ regions }: ShownBins): PictureLayer[] {
  const [region] = regions;
  if (!region) return [];
  const middle = ([x1, y1, x2, y2]: MarkedBox['box']) => [(x1 + x2) / 2, (y1 + y2) / 2];
  return [
    {
      kind: 'boxes',
      boxes: [
        ...region.plain.map((box): MarkedBox => ({ box, tone: 'truth', dashed: true, width: 1 })),
        ...region.moved.map((box): MarkedBox => ({ box, tone: 'predicted', width: 1.5 })),
      ],
    },
    {
      kind: 'lines',
      from: region.plain.flatMap(middle),
      to: region.moved.flatMap(middle),
      tone: 'hidden',
      arrows: true,
    },
  ];
}
