/**
 * Average precision of detectors, as plain code: matching of detections with truths and the area under precision over recall, in the forms of
 * VOC (11 points, area) and COCO (101 points, overlaps .5 to .95). Boxes are (x1, y1, x2, y2).
 */

export type Box = readonly [number, number, number, number];

export interface Truth {
  readonly image: string;
  readonly label: number;
  readonly box: Box;
  /** Neither counted nor held against a detection that hits it. */
  readonly difficult?: boolean;
}

export interface Detection {
  readonly image: string;
  readonly label: number;
  readonly box: Box;
  readonly score: number;
}

/** Continuous boxes (w = x2 − x1), or VOC's and the first R-CNNs' pixels that count themselves (w = x2 − x1 + 1). */
export type BoxConvention = 'continuous' | 'pixels';

/** Intersection over union; 0 where both are empty. */
export function boxOverlap(a: Box, b: Box, convention: BoxConvention = 'continuous'): number {
  const extra = convention === 'pixels' ? 1 : 0;
  const side = (low: number, high: number) => Math.max(0, high - low + extra);
  const inside = side(Math.max(a[0], b[0]), Math.min(a[2], b[2])) * side(Math.max(a[1], b[1]), Math.min(a[3], b[3]));
  const area = (box: Box) => side(box[0], box[2]) * side(box[1], box[3]);
  const whole = area(a) + area(b) - inside;
  return whole > 0 ? inside / whole : 0;
}

/** What became of a detection. */
export type Outcome = 'hit' | 'miss' | 'ignored';

/**
 * `voc`: a detection goes to the truth that it overlaps most, and is a miss where that is taken already; a hit needs more than the limit.
 * `coco`: it goes to the best truth that is still free; the limit itself is enough.
 */
export type MatchingRule = 'voc' | 'coco';

export interface MatchOptions {
  /** Overlap that a hit needs. */
  readonly limit: number;
  readonly rule?: MatchingRule;
  readonly convention?: BoxConvention;
  /** Truths outside are not counted, and hits on them ignored; so are misses of a size outside (as COCO has it). */
  readonly areas?: readonly [number, number];
}

export interface Matching {
  /** By falling score; equal ones in the order given. */
  readonly outcomes: readonly Outcome[];
  readonly scores: readonly number[];
  /** Truths that count. */
  readonly truths: number;
}

function areaOf([x1, y1, x2, y2]: Box): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}

/** Detections by falling score, stable. */
function byScore(detections: readonly Detection[]): Detection[] {
  return [...detections].sort((a, b) => b.score - a.score);
}

function grouped<T extends { readonly image: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(item.image);
    if (known) known.push(item);
    else groups.set(item.image, [item]);
  }
  return groups;
}

/** Matches the detections of one class with its truths. Labels are not looked at. */
export function matchDetections(
  truths: readonly Truth[],
  detections: readonly Detection[],
  { limit, rule = 'coco', convention = 'continuous', areas }: MatchOptions,
): Matching {
  const outside = (box: Box) => areas !== undefined && (areaOf(box) < areas[0] || areaOf(box) >= areas[1]);
  const unasked = (t: Truth) => t.difficult === true || outside(t.box);
  const perImage = grouped(truths);
  const taken = new Set<Truth>();
  const sorted = byScore(detections);
  const outcomes = sorted.map((detection): Outcome => {
    const here = perImage.get(detection.image) ?? [];
    const free = rule === 'voc' ? here : here.filter((t) => !taken.has(t));
    // COCO prefers a truth that counts to one that does not, at any overlap.
    const asked = free.filter((t) => !unasked(t));
    const enough = (overlap: number) => (rule === 'voc' ? overlap > limit : overlap >= limit);
    const best = (among: readonly Truth[]) => largestOverlap(detection.box, among, convention);
    let found = best(rule === 'voc' ? free : asked);
    if (rule === 'coco' && !(found && enough(found.overlap))) found = best(free.filter(unasked));
    if (!found || !enough(found.overlap)) return outside(detection.box) ? 'ignored' : 'miss';
    if (unasked(found.truth)) return 'ignored';
    if (taken.has(found.truth)) return 'miss';
    taken.add(found.truth);
    return 'hit';
  });
  return { outcomes, scores: sorted.map((d) => d.score), truths: truths.filter((t) => !unasked(t)).length };
}

function largestOverlap(box: Box, truths: readonly Truth[], convention: BoxConvention) {
  let best: { readonly truth: Truth; readonly overlap: number } | undefined;
  for (const truth of truths) {
    const overlap = boxOverlap(box, truth.box, convention);
    if (!best || overlap > best.overlap) best = { truth, overlap };
  }
  return best;
}

/** Precision and recall after each detection, by falling score. */
export interface PrecisionRecall {
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly scores: readonly number[];
}

export function precisionRecall({ outcomes, scores, truths }: Matching): PrecisionRecall {
  const curve = { precision: [] as number[], recall: [] as number[], scores: [] as number[] };
  let [hits, counted] = [0, 0];
  outcomes.forEach((outcome, i) => {
    if (outcome === 'ignored') return;
    counted++;
    if (outcome === 'hit') hits++;
    curve.precision.push(hits / counted);
    curve.recall.push(truths > 0 ? hits / truths : 0);
    curve.scores.push(scores[i] ?? 0);
  });
  return curve;
}

/** Mean over recalls of 0, 1/n … 1 of the best precision at that recall or more: n = 10 is VOC's of 2007, 100 is COCO's. */
export function sampledPrecision({ precision, recall }: PrecisionRecall, n: 10 | 100): number {
  let total = 0;
  for (let i = 0; i <= n; i++) {
    let best = 0;
    // A recall of exactly i/n counts: both sides are quotients of whole numbers, compared with room for their rounding.
    precision.forEach((p, k) => {
      if ((recall[k] ?? 0) >= i / n - 1e-12) best = Math.max(best, p);
    });
    total += best;
  }
  return total / (n + 1);
}

/** Area under the falling envelope of precision over recall (VOC since 2010). */
export function areaPrecision({ precision, recall }: PrecisionRecall): number {
  let [best, total, right] = [0, 0, recall.at(-1) ?? 0];
  for (let k = precision.length - 1; k >= 0; k--) {
    best = Math.max(best, precision[k] ?? 0);
    const left = k > 0 ? (recall[k - 1] ?? 0) : 0;
    total += (right - left) * best;
    right = left;
  }
  return total;
}

/** COCO's ten overlaps, .5 to .95. */
export const COCO_LIMITS: readonly number[] = Array.from({ length: 10 }, (_, i) => (50 + 5 * i) / 100);

/** How the area is taken. */
export type Interpolation = '11-point' | 'area' | '101-point';

function areaUnder(curve: PrecisionRecall, interpolation: Interpolation): number {
  if (interpolation === 'area') return areaPrecision(curve);
  return sampledPrecision(curve, interpolation === '11-point' ? 10 : 100);
}

export interface PrecisionOptions extends MatchOptions {
  readonly interpolation?: Interpolation;
  /** The best of each image that count (100). */
  readonly perImage?: number;
}

/** Average precision of each class that has truths, by its label. */
export function averagePrecisions(
  truths: readonly Truth[],
  detections: readonly Detection[],
  { interpolation = '101-point', perImage = 100, ...options }: PrecisionOptions,
): Map<number, number> {
  const kept = [...grouped(byScore(detections)).values()].flatMap((list) => list.slice(0, perImage));
  const result = new Map<number, number>();
  for (const label of new Set(truths.map((t) => t.label))) {
    const own = <T extends { readonly label: number }>(items: readonly T[]) => items.filter((i) => i.label === label);
    const matching = matchDetections(own(truths), own(kept), options);
    // A class without truths that count has no precision.
    if (matching.truths > 0) result.set(label, areaUnder(precisionRecall(matching), interpolation));
  }
  return result;
}

/** Mean over the classes; NaN where no class has truths. */
export function meanPrecision(precisions: ReadonlyMap<number, number>): number {
  const values = [...precisions.values()];
  return values.reduce((n, v) => n + v, 0) / values.length;
}

/** Areas that divide small, medium and large, in square pixels: COCO's are 32² and 96². */
export type SizeBorders = readonly [number, number];

export interface DetectionSummary {
  /** At overlaps .5 and .75, and the mean over .5 to .95. */
  readonly ap50: number;
  readonly ap75: number;
  readonly ap: number;
  /** The mean over .5 to .95 by size; NaN where there is no truth of the size. */
  readonly small: number;
  readonly medium: number;
  readonly large: number;
}

/** What COCO reports. NaN where there are no truths. */
export function summarise(
  truths: readonly Truth[],
  detections: readonly Detection[],
  borders: SizeBorders = [32 ** 2, 96 ** 2],
): DetectionSummary {
  const at = (limit: number, areas?: readonly [number, number]) =>
    meanPrecision(averagePrecisions(truths, detections, areas ? { limit, areas } : { limit }));
  const over = (areas?: readonly [number, number]) =>
    COCO_LIMITS.reduce((sum, limit) => sum + at(limit, areas), 0) / COCO_LIMITS.length;
  return {
    ap50: at(0.5),
    ap75: at(0.75),
    ap: over(),
    small: over([0, borders[0]]),
    medium: over(borders),
    large: over([borders[1], Infinity]),
  };
}
