/** From what a head says of regions to the boxes that are shown: plain code, for the page and the evaluation alike. */
import { boxOverlap, type Box } from '../../train/evaluation/averagePrecision';
import type { FinalBox, ShownRegions } from './views/types';

/** Numbers of the boxes that stay, by falling score (equal ones in order): one that overlaps a better one by more than `overlap` goes. */
export function suppress(boxes: readonly Box[], scores: ArrayLike<number>, overlap: number): number[] {
  const order = boxes.map((_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const kept: number[] = [];
  for (const i of order) {
    const box = boxes[i];
    if (!box) continue;
    const free = kept.every((k) => {
      const better = boxes[k];
      return !better || boxOverlap(better, box) <= overlap;
    });
    if (free) kept.push(i);
  }
  return kept;
}

export interface FinalOptions {
  /** Boxes of a lower score are left out. */
  readonly least: number;
  /** Of two boxes of a class that overlap by more, the better one stays. */
  readonly overlap: number;
  /** Boxes of a picture at most. */
  readonly most?: number;
}

/** Every class on its own: boxes of enough score, suppressed; all by falling score. */
export function finalBoxes(
  { probabilities, boxes }: Pick<ShownRegions, 'probabilities' | 'boxes'>,
  { least, overlap, most = 100 }: FinalOptions,
): FinalBox[] {
  const classes = (probabilities[0]?.length ?? 1) - 1;
  const found: FinalBox[] = [];
  for (let label = 0; label < classes; label++) {
    const own: FinalBox[] = boxes.flatMap((box, region) => {
      const score = probabilities[region]?.[label + 1] ?? 0;
      const empty = box[2] <= box[0] || box[3] <= box[1];
      return score >= least && !empty ? [{ label, score, box, region }] : [];
    });
    const kept = suppress(
      own.map((o) => o.box),
      own.map((o) => o.score),
      overlap,
    );
    for (const i of kept) {
      const one = own[i];
      if (one) found.push(one);
    }
  }
  return found.sort((a, b) => b.score - a.score).slice(0, most);
}
