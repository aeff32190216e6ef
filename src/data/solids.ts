/** Solids generated from random measures, with part labels that are known: a set of shapes for quick starts, of any size. */
import { normaliseCloud, sampleSurface } from './cloud';
import { Draws } from './draws';
import type { ClassName } from './imageSet';
import { boxMesh, joinMeshes, latheMesh, patchMesh, ringMesh, type Mesh, type Vector } from './mesh';
import { splitOf, type LabelledCloud, type ShapeSet } from './shapeSet';

export const SOLID_PARTS: readonly ClassName[] = [
  { en: 'body', zh: '主体' },
  { en: 'legs', zh: '腿' },
  { en: 'back', zh: '靠背' },
  { en: 'handle', zh: '把手' },
  { en: 'neck', zh: '颈部' },
  { en: 'shade', zh: '灯罩' },
  { en: 'pole', zh: '杆' },
  { en: 'foot', zh: '底座' },
  { en: 'nose', zh: '头锥' },
  { en: 'fins', zh: '尾翼' },
  { en: 'weights', zh: '重块' },
];
const [BODY, LEGS, BACK, HANDLE, NECK, SHADE, POLE, FOOT, NOSE, FINS, WEIGHTS] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

type Piece = { readonly mesh: Mesh; readonly part: number };

interface SolidClass {
  readonly name: ClassName;
  readonly parts: readonly number[];
  readonly make: (d: Draws) => readonly Piece[];
}

const TWO_PI = 2 * Math.PI;

function legs(width: number, depth: number, height: number, thickness: number): Piece[] {
  return [-1, 1].flatMap((x) =>
    [-1, 1].map((z) => ({
      mesh: boxMesh(
        [(x * (width - thickness)) / 2, height / 2, (z * (depth - thickness)) / 2],
        [thickness, height, thickness],
      ),
      part: LEGS,
    })),
  );
}

/** A rod or drum: closed at both ends. */
function drum(radius: number, low: number, high: number, centre: Vector = [0, 0, 0], top = radius): Mesh {
  return latheMesh(
    [
      [0, low],
      [radius, low],
      [top, high],
      [0, high],
    ],
    centre,
  );
}

function seat(d: Draws) {
  return {
    width: d.between(0.7, 1.3),
    depth: d.between(0.7, 1.2),
    height: d.between(0.5, 1.1),
    thick: d.between(0.06, 0.2),
  };
}

const CLASSES: readonly SolidClass[] = [
  {
    name: { en: 'table', zh: '桌子' },
    parts: [BODY, LEGS],
    make: (d) => {
      const { width, depth, height, thick } = seat(d);
      const top = boxMesh([0, height, 0], [width * 1.5, thick, depth * 1.2]);
      return [{ mesh: top, part: BODY }, ...legs(width * 1.4, depth * 1.1, height, d.between(0.06, 0.16))];
    },
  },
  {
    name: { en: 'chair', zh: '椅子' },
    parts: [BODY, LEGS, BACK],
    make: (d) => {
      const { width, depth, height, thick } = seat(d);
      const tall = d.between(0.5, 1.2);
      const back = boxMesh([0, height + tall / 2, (-depth + thick) / 2], [width, tall, thick]);
      const pieces = [
        { mesh: boxMesh([0, height, 0], [width, thick, depth]), part: BODY },
        { mesh: back, part: BACK },
      ];
      return [...pieces, ...legs(width, depth, height, d.between(0.06, 0.16))];
    },
  },
  {
    name: { en: 'lamp', zh: '灯' },
    parts: [SHADE, POLE, FOOT],
    make: (d) => {
      const [height, wide] = [d.between(1, 2), d.between(0.25, 0.6)];
      const shade = latheMesh([
        [wide, height],
        [wide * d.between(0.3, 1), height + d.between(0.3, 0.7)],
      ]);
      return [
        { mesh: shade, part: SHADE },
        { mesh: drum(d.between(0.02, 0.07), 0, height), part: POLE },
        { mesh: drum(d.between(0.2, 0.5), 0, d.between(0.04, 0.15)), part: FOOT },
      ];
    },
  },
  {
    name: { en: 'mug', zh: '马克杯' },
    parts: [BODY, HANDLE],
    make: (d) => {
      const [radius, height] = [d.between(0.35, 0.6), d.between(0.7, 1.3)];
      const wall = latheMesh([
        [0, 0],
        [radius, 0],
        [radius * d.between(0.85, 1.15), height],
      ]);
      const reach = height * d.between(0.2, 0.35);
      const ring = { radius: reach, thickness: d.between(0.03, 0.08), from: -Math.PI / 2, turn: Math.PI };
      return [
        { mesh: wall, part: BODY },
        { mesh: ringMesh([radius, height / 2, 0], ring), part: HANDLE },
      ];
    },
  },
  {
    name: { en: 'bottle', zh: '瓶子' },
    parts: [BODY, NECK],
    make: (d) => {
      const [radius, height, slim] = [d.between(0.3, 0.5), d.between(0.8, 1.6), d.between(0.08, 0.18)];
      const shoulder = height + d.between(0.1, 0.4);
      const body = latheMesh([
        [0, 0],
        [radius, 0],
        [radius, height],
        [slim, shoulder],
      ]);
      return [
        { mesh: body, part: BODY },
        { mesh: drum(slim, shoulder, shoulder + d.between(0.3, 0.7)), part: NECK },
      ];
    },
  },
  {
    name: { en: 'rocket', zh: '火箭' },
    parts: [BODY, NOSE, FINS],
    make: (d) => {
      const [radius, height, reach] = [d.between(0.2, 0.4), d.between(1, 2), d.between(0.2, 0.5)];
      const count = 3 + d.whole(2);
      const angles = Array.from({ length: count }, (_, i) => (TWO_PI * i) / count);
      return [
        { mesh: drum(radius, 0, height), part: BODY },
        { mesh: drum(radius, height, height + d.between(0.3, 0.8), [0, 0, 0], 0), part: NOSE },
        ...angles.map((angle) => ({ mesh: fin(angle, radius, reach, height / 3), part: FINS })),
      ];
    },
  },
  {
    name: { en: 'dumbbell', zh: '哑铃' },
    parts: [HANDLE, WEIGHTS],
    make: (d) => {
      const [long, round] = [d.between(0.5, 1), d.between(0.2, 0.45)];
      const ball = (y: number) => patchMesh(12, 16, (u, v) => onSphere([0, y, 0], round, u, v));
      return [
        { mesh: drum(d.between(0.05, 0.12), -long, long), part: HANDLE },
        { mesh: ball(long), part: WEIGHTS },
        { mesh: ball(-long), part: WEIGHTS },
      ];
    },
  },
  {
    name: { en: 'basket', zh: '提篮' },
    parts: [BODY, HANDLE],
    make: (d) => {
      const [radius, height] = [d.between(0.5, 0.8), d.between(0.3, 0.8)];
      const wall = latheMesh([
        [0, 0],
        [radius * d.between(0.6, 0.9), 0],
        [radius, height],
      ]);
      const ring = { radius, thickness: d.between(0.03, 0.07), turn: Math.PI };
      return [
        { mesh: wall, part: BODY },
        { mesh: ringMesh([0, height, 0], ring), part: HANDLE },
      ];
    },
  },
];

/** A thin triangle that stands out from a rocket's body. */
function fin(angle: number, radius: number, reach: number, height: number): Mesh {
  const at = (out: number, y: number): Vector => [
    (radius + out) * Math.cos(angle),
    y,
    (radius + out) * Math.sin(angle),
  ];
  return { positions: [...at(0, 0), ...at(reach, 0), ...at(0, height)], triangles: [0, 1, 2] };
}

function onSphere([x, y, z]: Vector, radius: number, u: number, v: number): Vector {
  const [polar, around] = [Math.PI * u, TWO_PI * v];
  const out = radius * Math.sin(polar);
  return [x + out * Math.cos(around), y + radius * Math.cos(polar), z + out * Math.sin(around)];
}

/** Shapes that differ only locally: a sphere that is smooth, bumpy all over, or ridged along one direction. */
const LOCAL: readonly { readonly name: ClassName; readonly height: (u: number, v: number, waves: number) => number }[] =
  [
    { name: { en: 'smooth', zh: '光滑' }, height: () => 0 },
    {
      name: { en: 'bumpy', zh: '凹凸' },
      height: (u, v, waves) => Math.sin(Math.PI * u * waves) * Math.sin(TWO_PI * v * Math.round(waves / 2)),
    },
    { name: { en: 'ridged', zh: '有棱' }, height: (u, _v, waves) => Math.sin(Math.PI * u * waves) },
  ];

export interface SolidOptions {
  readonly points: number;
  /** Shapes of each class, in training and held out. */
  readonly train: number;
  readonly test: number;
  readonly seed: number;
}

interface Made {
  readonly id: string;
  readonly names: readonly ClassName[];
  readonly parts: readonly ClassName[];
  readonly partsOf: readonly (readonly number[])[];
  readonly mesh: (label: number, draws: Draws) => Mesh;
}

/** Every shape has measures of its own, so that the held-out ones are other models. */
function generate(made: Made, { points, train, test, seed }: SolidOptions): ShapeSet {
  const shape = (label: number, which: string, i: number): LabelledCloud => {
    const draws = new Draws(seed, `${made.id} ${label} ${which} ${i}`);
    const { cloud, radius } = normaliseCloud(sampleSurface(made.mesh(label, draws), points, draws));
    return { cloud, radius, label };
  };
  const all = (count: number, which: string) =>
    Array.from({ length: count }, (_, i) => made.names.map((_name, label) => shape(label, which, i))).flat();
  const { id, names: classes, parts, partsOf } = made;
  return { id, points, classes, parts, partsOf, train: splitOf(all(train, 'train')), test: splitOf(all(test, 'test')) };
}

/** Eight classes of solids with two or three known parts each. Time grows with points × shapes: some ms for 1,024 points. */
export function solids(options: SolidOptions): ShapeSet {
  return generate(
    {
      id: 'solids',
      names: CLASSES.map((c) => c.name),
      parts: SOLID_PARTS,
      partsOf: CLASSES.map((c) => c.parts),
      mesh: (label, draws) => joinMeshes(CLASSES[label]?.make(draws) ?? []),
    },
    options,
  );
}

/** Spheres that are smooth, bumpy or ridged: alike as a whole, different locally. */
export function localShapes(options: SolidOptions): ShapeSet {
  const mesh = (label: number, draws: Draws) => {
    const [waves, deep] = [Math.round(draws.between(6, 10)), draws.between(0.06, 0.12)];
    return patchMesh(96, 96, (u, v) => onSphere([0, 0, 0], 1 + deep * (LOCAL[label]?.height(u, v, waves) ?? 0), u, v));
  };
  return generate(
    { id: 'local', names: LOCAL.map((l) => l.name), parts: [], partsOf: LOCAL.map(() => []), mesh },
    options,
  );
}
