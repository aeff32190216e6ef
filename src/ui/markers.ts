/** Marks and lines of a chart's series, told apart by shape as well as by colour. */

// Okabe–Ito.
const COLOURS = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#D55E00', '#56B4E9', '#7a7a7a'] as const;
/** Around the origin, about 7 pixels wide: circle, square, triangle, diamond, triangle on its tip. */
const SHAPES = [
  'M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z',
  'M-3 -3H3V3H-3Z',
  'M0 -4L4 3H-4Z',
  'M0 -4.5L4.5 0L0 4.5L-4.5 0Z',
  'M0 4L4 -3H-4Z',
] as const;
const DASHES = [undefined, '5 4', '2 3', '8 3 2 3'] as const;

export interface Mark {
  readonly colour: `#${string}`;
  /** An SVG path around the origin. */
  readonly shape: string;
  readonly dash: string | undefined;
}

/** Of a series by its place; no two of the first thirty-five share both colour and shape. */
export function markOf(index: number): Mark {
  return {
    colour: COLOURS[index % COLOURS.length] ?? COLOURS[0],
    shape: SHAPES[index % SHAPES.length] ?? SHAPES[0],
    dash: DASHES[index % DASHES.length],
  };
}
