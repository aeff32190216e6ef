/** The 2-D densities of the lab, each a mixture with its mean at 0 inside −1…1. */
import type { Mixture } from '../process/mixture';
import { centred, mixtureOf, type Component } from './mixture';
import { alongStrokes, readStrokes, type Stroke } from './strokes';

export const DENSITIES = [
  'gaussians',
  'moons',
  'spirals',
  'rings',
  'checkerboard',
  'pinwheel',
  'character',
  'drawn',
] as const;
export type DensityName = (typeof DENSITIES)[number];

export function isDensity(name: string): name is DensityName {
  return (DENSITIES as readonly string[]).includes(name);
}

const places = (count: number, place: (i: number) => Component): Component[] =>
  Array.from({ length: count }, (_, i) => place(i));

/** Eight Gaussians of deviation .05 on a ring of radius .7: the toy that the sheet's measurements are made on. */
function gaussians(): Mixture {
  return mixtureOf(places(8, (i) => [0.7 * Math.cos((i * Math.PI) / 4), 0.7 * Math.sin((i * Math.PI) / 4), 0.05]));
}

/** Two half circles that reach into each other, as scikit-learn's make_moons has them. */
function moons(): Mixture {
  const arc = (i: number) => (i / 39) * Math.PI;
  const upper = places(40, (i) => [Math.cos(arc(i)), Math.sin(arc(i)), 0.08]);
  const lower = places(40, (i) => [1 - Math.cos(arc(i)), 0.5 - Math.sin(arc(i)), 0.08]);
  return centred(mixtureOf([...upper, ...lower]));
}

/** Two arms of one and a half turns; equal steps along the arm: the angle grows with the square root. */
function spirals(): Mixture {
  const arm = (turn: number) =>
    places(64, (i): Component => {
      const angle = 3 * Math.PI * Math.sqrt((i + 3) / 66);
      return [angle * Math.cos(angle + turn), angle * Math.sin(angle + turn), 0.3];
    });
  return centred(mixtureOf([...arm(0), ...arm(Math.PI)]));
}

/** Three circles about one centre; each holds mass by its length. */
function rings(): Mixture {
  const ring = (radius: number, count: number) =>
    places(count, (i) => [
      radius * Math.cos((2 * Math.PI * i) / count),
      radius * Math.sin((2 * Math.PI * i) / count),
      0.03,
    ]);
  return centred(mixtureOf([...ring(0.3, 24), ...ring(0.6, 48), ...ring(0.9, 72)]));
}

/** Every other square of a board of 4×4, each as 5×5 Gaussians so close that they make it nearly flat. */
function checkerboard(): Mixture {
  const squares = places(16, (i) => [i % 4, Math.floor(i / 4), 1]).filter(([x, y]) => (x + y) % 2 === 0);
  return centred(
    mixtureOf(
      squares.flatMap(([x, y]) => places(25, (i) => [x + ((i % 5) + 0.5) / 5, y + (Math.floor(i / 5) + 0.5) / 5, 0.1])),
    ),
  );
}

/** Five bent blades that grow wider outwards. */
function pinwheel(): Mixture {
  const blade = (b: number) =>
    places(20, (i): Component => {
      const radius = 0.25 + (0.75 * i) / 19;
      const angle = (2 * Math.PI * b) / 5 + 1.2 * radius;
      return [radius * Math.cos(angle), radius * Math.sin(angle), 0.02 + 0.05 * radius];
    });
  return centred(mixtureOf([0, 1, 2, 3, 4].flatMap(blade)));
}

/** 永 (forever), whose strokes are those that writing is taught with: centre lines, drawn for this lab. */
const FOREVER: readonly Stroke[] = [
  [
    [-0.12, 0.95],
    [0.02, 0.85],
    [0.1, 0.72],
  ],
  [
    [-0.34, 0.55],
    [0.02, 0.58],
    [0.06, 0.5],
    [0.06, -0.72],
    [0.0, -0.85],
    [-0.16, -0.72],
  ],
  [
    [-0.82, 0.16],
    [-0.3, 0.2],
    [-0.4, -0.1],
    [-0.58, -0.4],
    [-0.9, -0.66],
  ],
  [
    [0.68, 0.5],
    [0.46, 0.28],
    [0.12, 0.08],
  ],
  [
    [0.1, 0.3],
    [0.28, -0.08],
    [0.52, -0.4],
    [0.92, -0.72],
  ],
];

/** Gaussians along strokes, two deviations apart at most. */
function brushed(strokes: readonly Stroke[], deviation: number): Mixture {
  return mixtureOf(alongStrokes(strokes, 2 * deviation).map(([x, y]) => [x, y, deviation]));
}

/** Deviation of the user's own brush, and most components that a drawing gives: longer lines get wider steps. */
const BRUSH = 0.03;
const MOST_COMPONENTS = 512;

/** A heart, until the user draws. */
const FIRST_DRAWING: readonly Stroke[] = [-1, 1].map((side) =>
  Array.from({ length: 20 }, (_, i) => {
    const t = (i / 19) * Math.PI;
    const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t);
    return [(side * 16 * Math.sin(t) ** 3) / 18, y / 18];
  }),
);

/** What the user drew. Throws where the text is no drawing. */
function drawing(text: string): Mixture {
  const strokes = text === '' ? FIRST_DRAWING : readStrokes(text);
  const all = alongStrokes(strokes, 2 * BRUSH);
  const every = Math.ceil(all.length / MOST_COMPONENTS);
  return centred(mixtureOf(all.filter((_, i) => i % every === 0).map(([x, y]) => [x, y, BRUSH * every])));
}

/** The density of a name; `drawn` is the text of the user's own strokes. Throws where these are not valid. */
export function densityOf(name: DensityName, drawn = ''): Mixture {
  const made: Record<DensityName, () => Mixture> = {
    gaussians,
    moons,
    spirals,
    rings,
    checkerboard,
    pinwheel,
    character: () => centred(brushed(FOREVER, 0.035)),
    drawn: () => drawing(drawn),
  };
  return made[name]();
}
