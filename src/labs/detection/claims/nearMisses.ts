/** How a detector ranks well-placed and shifted boxes of objects, and what it calls true ones. */
import { Draws } from '../../../data/draws';
import { boxOverlap, type Box } from '../../../train/evaluation/averagePrecision';
import type { DetectionData } from '../data/data';
import type { Detector } from '../experiment';
import { SCENE_SEED } from '../evaluation';

/** Boxes about each object, the true one among them. */
const ABOUT = 16;
/** Boxes of less overlap are no near misses, and those of more are too good to tell. */
const NEAR = { low: 0.2, high: 0.85, enough: 0.5 } as const;

export interface Ranking {
  /** Share of true boxes that are called by their name. */
  readonly accuracy: number;
  /** Chance that of two boxes about an object, one overlapping it by .5 or more and one by less, the better one has the higher score. */
  readonly auc: number;
}

/** The box moved and stretched at random. */
function shifted([x1, y1, x2, y2]: Box, size: number, draws: Draws): Box {
  const [w, h] = [x2 - x1, y2 - y1];
  const move = () => draws.between(-0.5, 0.5);
  const stretch = () => Math.exp(draws.between(-0.4, 0.4)) / 2;
  const [cx, cy] = [(x1 + x2) / 2 + move() * w, (y1 + y2) / 2 + move() * h];
  const [a, b] = [w * stretch(), h * stretch()];
  const cut = (v: number) => Math.min(size, Math.max(0, v));
  return [cut(cx - a), cut(cy - b), cut(cx + a), cut(cy + b)];
}

/** Over the first held-out scenes with an object in them. */
export async function rankNearMisses(detector: Detector, data: DetectionData, scenes: number): Promise<Ranking> {
  const form = detector.reader.form({ batch: 1, proposals: 0, given: ABOUT });
  let [right, objects, pairs, won] = [0, 0, 0, 0];
  for (let number = 0; number < scenes; number++) {
    const scene = data.scene('test', SCENE_SEED, number, detector.sceneOptions);
    const [object] = scene.objects;
    if (!object) continue;
    const draws = new Draws(SCENE_SEED, `near misses ${number}`);
    const boxes = [object.box, ...Array.from({ length: ABOUT - 1 }, () => shifted(object.box, data.size, draws))];
    await form.run([scene.pixels], 1, boxes);
    const [found] = await form.regions();
    const scores = (found?.probabilities ?? []).map((row) => row[object.label + 1] ?? 0);
    const named = found?.probabilities[0]?.slice(1) ?? new Float32Array();
    objects++;
    if (named.indexOf(named.reduce((a, b) => Math.max(a, b), -Infinity)) === object.label) right++;
    const near = boxes.flatMap((box, i) => {
      const overlap = boxOverlap(box, object.box);
      return overlap >= NEAR.low && overlap <= NEAR.high
        ? [{ good: overlap >= NEAR.enough, score: scores[i] ?? 0 }]
        : [];
    });
    for (const a of near.filter((n) => n.good))
      for (const b of near.filter((n) => !n.good)) {
        pairs++;
        won += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
      }
  }
  return { accuracy: right / Math.max(1, objects), auc: pairs > 0 ? won / pairs : NaN };
}
