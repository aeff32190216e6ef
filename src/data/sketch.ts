/** A drawing made solid: pushed out of the plane, or turned about the vertical. */
import { emptyCloud, type Cloud } from './cloud';
import type { Draws } from './draws';
import { SaidError } from './saidError';

/** Points of a line in the plane, y up. */
export type Outline = readonly (readonly [number, number])[];

export type Solidify = 'extrude' | 'turn';

export interface SketchOptions {
  readonly how: Solidify;
  readonly points: number;
  /** How thick an extruded drawing is, in units of the drawing. */
  readonly depth: number;
}

interface Edge {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly length: number;
}

/** An outline whose ends are nearer than this share of its length is closed. */
const CLOSED_WITHIN = 0.15;
/** Places tried for a point of a face before the face is taken to be empty. */
const TRIES = 64;

function edgesOf(outline: Outline): Edge[] {
  return outline.slice(1).flatMap((to, i) => {
    const from = outline[i] ?? to;
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    return length > 0 ? [{ from, to, length }] : [];
  });
}

const lengthOf = (edges: readonly Edge[]) => edges.reduce((sum, e) => sum + e.length, 0);

/** The outline with its ends joined, where they nearly meet; undefined where it is an open line. */
function closed(outline: Outline): Outline | undefined {
  const [first, last] = [outline[0], outline.at(-1)];
  if (!first || !last || outline.length < 3) return undefined;
  const gap = Math.hypot(first[0] - last[0], first[1] - last[1]);
  return gap <= CLOSED_WITHIN * lengthOf(edgesOf(outline)) ? [...outline, first] : undefined;
}

/** Whether a place lies inside an odd number of the closed outlines. */
function inside(edges: readonly Edge[], x: number, y: number): boolean {
  let odd = false;
  for (const { from, to } of edges)
    if (from[1] > y !== to[1] > y && x < from[0] + ((to[0] - from[0]) * (y - from[1])) / (to[1] - from[1])) odd = !odd;
  return odd;
}

/** A box around outlines: [left, bottom, right, top]. */
function boxOf(outlines: readonly Outline[]): readonly [number, number, number, number] {
  const all = outlines.flat();
  const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/**
 * `points` points on the surface of a drawing made solid, in the drawing's units. 'extrude': every line becomes a wall of width `depth`,
 * and what closed lines go around (an odd number of times) becomes a face in front and behind. 'turn': every line becomes a surface about
 * the vertical x = 0. A function of `draws`. Throws where the lines have no length.
 */
export function sketchCloud(outlines: readonly Outline[], options: SketchOptions, draws: Draws): Cloud {
  const loops = outlines.map(closed).filter((loop) => loop !== undefined);
  const edges = outlines.flatMap((outline) => edgesOf(closed(outline) ?? outline));
  if (lengthOf(edges) === 0)
    throw new SaidError({
      en: 'drawing: it has no line with a length; draw one',
      zh: '手绘中没有有长度的线；请画一条',
    });
  return options.how === 'turn' ? turnedCloud(edges, options, draws) : extrudedCloud(edges, loops, options, draws);
}

/** One of the edges, by its weight. */
function chooser(edges: readonly Edge[], weight: (edge: Edge) => number, draws: Draws): () => Edge | undefined {
  const sums: number[] = [];
  let total = 0;
  for (const edge of edges) sums.push((total += weight(edge)));
  return () => {
    const at = draws.next() * total;
    return edges[
      Math.max(
        0,
        sums.findIndex((sum) => sum > at),
      )
    ];
  };
}

function turnedCloud(edges: readonly Edge[], { points }: SketchOptions, draws: Draws): Cloud {
  const cloud = emptyCloud(points);
  // The area of a frustum goes with the mean radius.
  const choose = chooser(edges, (e) => e.length * (1e-6 + Math.abs(e.from[0] + e.to[0]) / 2), draws);
  for (let i = 0; i < points; i++) {
    const edge = choose();
    if (!edge) break;
    const [part, angle] = [draws.next(), 2 * Math.PI * draws.next()];
    const [dx, dy] = [edge.to[0] - edge.from[0], edge.to[1] - edge.from[1]];
    const [radius, y] = [edge.from[0] + part * dx, edge.from[1] + part * dy];
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    cloud.points.set([radius * cos, y, radius * sin], 3 * i);
    cloud.normals.set([(dy / edge.length) * cos, -dx / edge.length, (dy / edge.length) * sin], 3 * i);
  }
  return cloud;
}

function extrudedCloud(
  edges: readonly Edge[],
  loops: readonly Outline[],
  { points, depth }: SketchOptions,
  draws: Draws,
): Cloud {
  const cloud = emptyCloud(points);
  const face = faceOf(loops, draws);
  const wallArea = depth * lengthOf(edges);
  const onWall = wallArea / (wallArea + 2 * (face?.area ?? 0));
  const choose = chooser(edges, (e) => e.length, draws);
  for (let i = 0; i < points; i++) {
    const place = face && draws.next() >= onWall ? face.draw() : undefined;
    if (place) {
      const side = draws.next() < 0.5 ? -1 : 1;
      cloud.points.set([...place, (side * depth) / 2], 3 * i);
      cloud.normals.set([0, 0, side], 3 * i);
      continue;
    }
    const edge = choose();
    if (!edge) break;
    const part = draws.next();
    const [dx, dy] = [edge.to[0] - edge.from[0], edge.to[1] - edge.from[1]];
    cloud.points.set([edge.from[0] + part * dx, edge.from[1] + part * dy, depth * (draws.next() - 0.5)], 3 * i);
    cloud.normals.set([dy / edge.length, -dx / edge.length, 0], 3 * i);
  }
  return cloud;
}

/** What closed lines go around: its area (by trial), and places in it. */
function faceOf(loops: readonly Outline[], draws: Draws) {
  if (loops.length === 0) return undefined;
  const edges = loops.flatMap(edgesOf);
  const [left, bottom, right, top] = boxOf(loops);
  const anywhere = (): [number, number] => [draws.between(left, right), draws.between(bottom, top)];
  const trials = 2000;
  let hits = 0;
  for (let t = 0; t < trials; t++) if (inside(edges, ...anywhere())) hits++;
  const area = ((right - left) * (top - bottom) * hits) / trials;
  const draw = () => {
    for (let t = 0; t < TRIES; t++) {
      const place = anywhere();
      if (inside(edges, ...place)) return place;
    }
    return undefined;
  };
  return { area, draw };
}
