/** From a picture to its final boxes, stage by stage, as layers over the picture: plain data in, plain data out. */
import { overlap, gripAt } from '../../ui/boxEdit';
import type { Corners, MarkedBox, PictureLayer } from '../../ui/pictureLayers';
import { finalBoxes, suppress } from './detections';
import type { FinalBox, ShownAnchors, ShownProposals, ShownRegions } from './views/types';

export const STAGES = ['truth', 'anchors', 'proposals', 'regions', 'final'] as const;
export type Stage = (typeof STAGES)[number];

/** Sliders of the stages. */
export interface Thresholds {
  /** Score of a proposal. */
  readonly proposal: number;
  /** Overlap at which a proposal gives way to a better one. */
  readonly proposalOverlap: number;
  /** Score of a final box, and overlap at which it gives way. */
  readonly score: number;
  readonly overlap: number;
}

export interface Truth {
  readonly label: number;
  readonly box: Corners;
}

/** What of the proposals stands above the threshold, before and after suppression, by falling score. */
export function proposalStages(
  { boxes, scores }: ShownProposals,
  { proposal, proposalOverlap }: Thresholds,
): { readonly above: readonly Scored[]; readonly kept: readonly Scored[] } {
  const above = boxes.flatMap((box, i): Scored[] => {
    const score = scores[i] ?? 0;
    return score >= proposal && box[2] > box[0] && box[3] > box[1] ? [{ box, score }] : [];
  });
  const stay = suppress(
    above.map((a) => a.box),
    above.map((a) => a.score),
    proposalOverlap,
  );
  return { above, kept: stay.flatMap((i) => above[i] ?? []) };
}

export interface Scored {
  readonly box: Corners;
  readonly score: number;
}

/** Boxes at the end of the line. */
export function finals(regions: ShownRegions, { score, overlap: most }: Thresholds): FinalBox[] {
  return finalBoxes(regions, { least: score, overlap: most });
}

/** For each final box the truth that it hits: of its class, not taken by a better one, overlapping by half or more. −1 where it hits none. */
export function hitsOf(found: readonly FinalBox[], truths: readonly Truth[]): number[] {
  const taken = new Set<number>();
  return found.map(({ label, box }) => {
    let [best, at] = [0.5, -1];
    truths.forEach((truth, i) => {
      const shared = truth.label === label && !taken.has(i) ? overlap(truth.box, box) : 0;
      if (shared >= best) [best, at] = [shared, i];
    });
    if (at >= 0) taken.add(at);
    return at;
  });
}

/** Numbers of the anchors of the cell under a position. */
export function anchorsAt({ cells, perCell }: ShownAnchors, x: number, y: number, side: number): number[] {
  const cell = (v: number) => Math.min(cells - 1, Math.max(0, Math.floor((v / side) * cells)));
  const first = (cell(y) * cells + cell(x)) * perCell;
  return Array.from({ length: perCell }, (_, i) => first + i);
}

export function truthLayer(truths: readonly Truth[], names: readonly string[], named: boolean): PictureLayer {
  return {
    kind: 'boxes',
    boxes: truths.map(({ box, label }) => ({
      ...{ box, tone: 'truth' as const, dashed: true },
      ...(named && { label: names[label] ?? '' }),
    })),
  };
}

/** All positives faintly, and the anchors of one cell. */
export function anchorLayers(anchors: ShownAnchors, own: readonly number[], side: number): PictureLayer[] {
  const { boxes, labels, cells } = anchors;
  const positive = (i: number) => (labels[i] ?? 0) > 0;
  const faint = boxes.flatMap((box, i): MarkedBox[] =>
    positive(i) ? [{ box, tone: 'predicted', width: 1, alpha: 0.5 }] : [],
  );
  const here = own.flatMap((i): MarkedBox[] => {
    const box = boxes[i];
    return box ? [{ box, tone: positive(i) ? 'predicted' : 'accent', width: 1.5, alpha: 0.9 }] : [];
  });
  const step = side / cells;
  const centres = Array.from({ length: cells * cells }, (_, i) => [
    ((i % cells) + 0.5) * step,
    (Math.floor(i / cells) + 0.5) * step,
  ]).flat();
  return [
    { kind: 'dots', points: centres, tone: 'faint', size: 1, alpha: 0.7 },
    { kind: 'boxes', boxes: [...faint, ...here] },
  ];
}

/** By score: strong ones are told from weak ones. */
export function scoredLayer(boxes: readonly Scored[], tone: MarkedBox['tone'], width: number): PictureLayer {
  // The best are drawn last, on top.
  const marked = boxes.map(({ box, score }) => ({ box, tone, width, alpha: 0.2 + 0.8 * score }));
  return { kind: 'boxes', boxes: marked.reverse() };
}

/** Final boxes with their names; wrong ones are told by colour, dashes and the word that stands for it. */
export function finalLayer(
  found: readonly FinalBox[],
  hits: readonly number[],
  names: readonly string[],
  judged: boolean,
  chosen?: number,
): PictureLayer {
  const boxes = found.map(({ box, label, score }, i): MarkedBox => {
    const wrong = judged && (hits[i] ?? -1) < 0;
    return {
      ...{ box, tone: wrong ? 'wrong' : 'predicted', width: i === chosen ? 3 : 2 },
      label: `${wrong ? '✗ ' : ''}${names[label] ?? label} ${Math.round(100 * score)}%`,
    };
  });
  return { kind: 'boxes', boxes: boxes.reverse() };
}

/** Number of the box under a position. */
export function boxAt(
  boxes: readonly { readonly box: Corners }[],
  x: number,
  y: number,
  near: number,
): number | undefined {
  return gripAt(
    boxes.map((b) => b.box),
    x,
    y,
    near,
  )?.index;
}
