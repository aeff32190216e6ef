/** What kinds of errors a detector makes (after Hoiem et al. 2012 and TIDE, Bolya et al. 2020), at one overlap and above one score. */
import { boxOverlap, type Detection, type Truth } from './averagePrecision';

export interface DetectionErrors {
  readonly hits: number;
  /** The class is right, but the overlap between `near` and the limit. */
  readonly localisation: number;
  /** The overlap is enough, but the class is another. */
  readonly classification: number;
  /** The truth had been found already. */
  readonly duplicate: number;
  /** Nothing of any class is near. */
  readonly background: number;
  /** Truths that no detection found. */
  readonly missed: number;
}

export interface ErrorOptions {
  readonly limit?: number;
  readonly near?: number;
  /** Detections below this score are left out. */
  readonly least?: number;
}

/**
 * Each detection of `least` or more by falling score: a hit on a free truth of its class, else the first of duplicate, classification,
 * localisation and background that fits. Difficult truths are left out with what hits them.
 */
export function detectionErrors(
  truths: readonly Truth[],
  detections: readonly Detection[],
  { limit = 0.5, near = 0.1, least = 0 }: ErrorOptions = {},
): DetectionErrors {
  const counts = { hits: 0, localisation: 0, classification: 0, duplicate: 0, background: 0 };
  const taken = new Set<Truth>();
  const sorted = detections.filter((d) => d.score >= least).sort((a, b) => b.score - a.score);
  for (const detection of sorted) {
    const here = truths
      .filter((t) => t.image === detection.image)
      .map((truth) => ({ truth, overlap: boxOverlap(detection.box, truth.box), own: truth.label === detection.label }))
      .sort((a, b) => b.overlap - a.overlap);
    const enough = here.filter((c) => c.overlap >= limit);
    const free = enough.find((c) => c.own && !c.truth.difficult && !taken.has(c.truth));
    if (free) {
      taken.add(free.truth);
      counts.hits++;
    } else if (enough.some((c) => c.own && c.truth.difficult)) continue;
    else if (enough.some((c) => c.own)) counts.duplicate++;
    else if (enough.length > 0) counts.classification++;
    else if (here.some((c) => c.own && c.overlap >= near)) counts.localisation++;
    else counts.background++;
  }
  const missed = truths.filter((t) => !t.difficult && !taken.has(t)).length;
  return { ...counts, missed };
}
