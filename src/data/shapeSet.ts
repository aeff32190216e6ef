/** Labelled clouds as bytes, the form in which sets of shapes are shipped, generated and put on the device. */
import { emptyCloud, type Cloud } from './cloud';
import type { ClassName } from './imageSet';

export interface ShapeSplit {
  /**
   * [count, P, 2]: a point is two words, low bytes first: x, y, z (int8, in units of 1/127) and part (uint8); then the normal's x, y, z
   * (int8, in units of 1/127) and 0.
   */
  readonly words: Uint32Array;
  /** Class of each shape. */
  readonly labels: Uint8Array;
  /** Length in metres that 1 stands for, for each shape. */
  readonly radii: Float32Array;
  readonly count: number;
}

export interface ShapeSet {
  readonly id: string;
  /** Points stored of each shape, P; in no order. */
  readonly points: number;
  readonly classes: readonly ClassName[];
  /** Names of the parts; empty where parts are not known. */
  readonly parts: readonly ClassName[];
  /** Which parts a class has, by class. */
  readonly partsOf: readonly (readonly number[])[];
  readonly train: ShapeSplit;
  /** Held out by model or shape family: never trained on. */
  readonly test: ShapeSplit;
}

const UNIT = 127;
const byte = (v: number) => Math.max(-UNIT, Math.min(UNIT, Math.round(v * UNIT))) & 0xff;
const signed = (word: number, place: number) => ((word << (24 - 8 * place)) >> 24) / UNIT;

/** A cloud in the unit sphere as words [P, 2]. */
export function packCloud({ points, normals, parts }: Cloud): Uint32Array {
  const words = new Uint32Array(2 * parts.length);
  const three = (from: Float32Array, i: number) =>
    byte(from[3 * i] ?? 0) | (byte(from[3 * i + 1] ?? 0) << 8) | (byte(from[3 * i + 2] ?? 0) << 16);
  parts.forEach((part, i) => {
    words[2 * i] = three(points, i) | (part << 24);
    words[2 * i + 1] = three(normals, i);
  });
  return words;
}

/** One shape of a split as a cloud in the unit sphere. */
export function cloudOf(split: ShapeSplit, shape: number): Cloud {
  const count = split.words.length / 2 / Math.max(1, split.count);
  const cloud = emptyCloud(count);
  for (let i = 0; i < count; i++) {
    const at = 2 * (shape * count + i);
    const [place, normal] = [split.words[at] ?? 0, split.words[at + 1] ?? 0];
    for (let c = 0; c < 3; c++) {
      cloud.points[3 * i + c] = signed(place, c);
      cloud.normals[3 * i + c] = signed(normal, c);
    }
    cloud.parts[i] = place >>> 24;
  }
  return cloud;
}

export interface LabelledCloud {
  /** In the unit sphere. */
  readonly cloud: Cloud;
  readonly label: number;
  readonly radius: number;
}

export function splitOf(shapes: readonly LabelledCloud[]): ShapeSplit {
  const length = 2 * (shapes[0]?.cloud.parts.length ?? 0);
  const words = new Uint32Array(shapes.length * length);
  shapes.forEach(({ cloud }, i) => words.set(packCloud(cloud), i * length));
  return {
    words,
    labels: Uint8Array.from(shapes, (s) => s.label),
    radii: Float32Array.from(shapes, (s) => s.radius),
    count: shapes.length,
  };
}
