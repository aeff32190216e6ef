/**
 * PointNet++ (Qi et al. 2017, arXiv:1706.02413): small PointNets in balls around points that lie far from each other, then in balls of
 * these balls. Single scale (SSG), three radii side by side (MSG), or what a ball's parts gave beside its raw points (MRG).
 *
 * B clouds, N points of D numbers (coordinates first), S centres, w the width (64 in the paper), K the bottleneck (1024).
 */
import { concat } from '../../../engine/ops/concat';
import { gatherRows } from '../../../engine/ops/gather';
import { broadcastTo } from '../../../engine/ops/pointwise';
import { reshape } from '../../../engine/ops/reshape';
import { slice } from '../../../engine/ops/slice';
import { constant } from '../../../engine/state';
import type { Tensor } from '../../../engine/tensor';
import type { Layers } from '../layers';
import { sharedMlp } from '../layers';
import type { PointNet2Shape } from '../networkShape';
import { classHead, pointHead } from './heads';
import {
  ballNet,
  featurePropagation,
  grouped,
  sampleCentres,
  setAbstraction,
  spread,
  wholeSet,
  type Ball,
  type Level,
} from './setAbstraction';

/** Levels of scene segmentation; the other tasks have two and the whole. */
const SCENE_LEVELS = 4;

/** x [B, N, D] → logits [B, outputs], or [B, N, outputs]; category u32 [B] for parts. */
export function pointNet2(l: Layers, shape: PointNet2Shape, x: Tensor, category?: Tensor): Tensor {
  const [B = 1, N = 1, D = 3] = x.shape;
  const raw: Level = {
    xyz: D === 3 ? x : slice(x, [0, 0, 0], [B, N, 3]),
    features: D === 3 ? undefined : slice(x, [0, 0, 3], [B, N, D - 3]),
  };
  if (shape.task === 'scene') return sceneLogits(l, shape, raw);
  const { width: w, bottleneck: K } = shape;
  const first = level(l, shape, raw, raw, 0);
  const second = level(l, shape, first, raw, 1);
  const whole = wholeSet(l, 'whole', second, [4 * w, 4 * w, K]); // [B, K]
  const g = shape.grouping === 'mrg' ? concat([whole, wholeSet(l, 'rawWhole', raw, [w, 2 * w, K])], 1) : whole;
  l.tap?.('globalFeature', g);
  if (shape.task === 'classification') return classHead(l, 'head', g, shape);
  // Back down: from the whole to the second level, the first, and the points.
  const up2 = sharedMlp(l, 'fp3', spread(g, second), [4 * w, 4 * w]);
  const up1 = featurePropagation(l, 'fp2', { ...second, features: up2 }, first, [4 * w, 2 * w]);
  const told = { xyz: raw.xyz, features: pointFacts(raw, x, category, shape.categories) };
  const up0 = featurePropagation(l, 'fp1', { ...first, features: up1 }, told, [2 * w, 2 * w]);
  return pointHead(l, 'head', up0, [2 * w], shape);
}

/** What a point knows of itself when parts are asked for: the category of its cloud (one-hot), coordinates, further numbers. */
function pointFacts({ xyz }: Level, x: Tensor, category: Tensor | undefined, categories: number): Tensor {
  if (!category) return x;
  const [B = 1, N = 1] = xyz.shape;
  const one = constant(
    Array.from({ length: categories ** 2 }, (_, i) => (i % (categories + 1) === 0 ? 1 : 0)),
    [categories, categories],
  );
  const oneHot = reshape(gatherRows(one, category), [B, 1, categories]);
  return concat([broadcastTo(oneHot, [B, N, categories]), x], 2);
}

/** Balls at a level (0 the first): radius and perceptrons grow with it. */
export function ballsOf({ grouping, radius, members, width: w }: PointNet2Shape, at: number): Ball[] {
  const [r, K, c] = [radius * 2 ** at, members * (at > 0 ? 2 : 1), w * 2 ** at];
  if (grouping !== 'msg') return [{ radius: r, members: K, widths: [c, c, 2 * c] }];
  return [
    { radius: r / 2, members: Math.max(1, K / 2), widths: [c / 2, c / 2, c] },
    { radius: r, members: K, widths: [c, c, 2 * c] },
    { radius: 2 * r, members: 2 * K, widths: [c, c, 2 * c] },
  ];
}

function countOf({ centres }: PointNet2Shape, at: number): number {
  return Math.max(1, Math.floor(centres / 4 ** at));
}

/** The next level. With MRG a centre is told twice from the second level on: by the level below, and by the raw points around it. */
function level(l: Layers, shape: PointNet2Shape, below: Level, raw: Level, at: number): Level {
  const name = `sa${at + 1}`;
  const balls = ballsOf(shape, at);
  const [ball] = balls;
  if (shape.grouping !== 'mrg' || at === 0 || !ball) return setAbstraction(l, name, below, countOf(shape, at), balls);
  const centres = sampleCentres(l, name, below.xyz, countOf(shape, at));
  const fromBelow = ballNet(l, `${name}.0`, grouped(l, `${name}.0`, below, centres, ball), ball.widths);
  const fromRaw = ballNet(l, `${name}.raw`, grouped(l, `${name}.raw`, raw, centres, ball), ball.widths);
  return { xyz: centres, features: concat([fromBelow, fromRaw], 2) };
}

/** Four levels down and four back up (the semantic segmentation of charlesq34/pointnet2). */
function sceneLogits(l: Layers, shape: PointNet2Shape, raw: Level): Tensor {
  const { width: w } = shape;
  const levels: Level[] = [raw];
  for (let at = 0; at < SCENE_LEVELS; at++) levels.push(level(l, shape, levels[at] ?? raw, raw, at));
  let coarse = levels[SCENE_LEVELS] ?? raw;
  for (let at = SCENE_LEVELS - 1; at >= 0; at--) {
    const fine = levels[at] ?? raw;
    const widths = at > 1 ? [4 * w, 4 * w] : [2 * w, 2 * w];
    coarse = { xyz: fine.xyz, features: featurePropagation(l, `fp${at + 1}`, coarse, fine, widths) };
  }
  return pointHead(l, 'head', coarse.features ?? raw.xyz, [2 * w], shape);
}
